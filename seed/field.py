"""The demo's field: places to inspect as points, of the kinds and counts of their cells, and officers on shift."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from gis import field, patrols
from gis.field_records import Fix, PlaceRow, ShiftRow
from gis.records import Name, StaffRow
from seed.addresses import draw_points
from seed.places import KINDS
from seed.shares import Floats, Ints

PER_GRID = 28  # places of a grid as points; the demo's own community has all that its cells count
DUE_PER_GRID = 23  # a day's list: 19 rented houses and 4 shops
DUE_AT_MOST = 0.8  # of the places of a grid
DUE_LEANING = {"rented_house": 8.0, "key_unit": 0.2, "venue": 0.3}  # how much likelier a kind is on today's list
OVERDUE_AT_MOST_D = 6
SHIFT_SO_FAR = timedelta(hours=2)
LAST_SEEN_WITHIN_S = 240
ACCURACY_M = 12.0


@dataclass(frozen=True)
class Land:
    """Where the places of a city lie: its cells, the grid of each, and the community of each grid with its code and name."""

    cell_shape: NDArray[np.object_]
    cell_grid: Ints
    grid_codes: Sequence[str]
    grid_community: Ints
    communities: Sequence[tuple[str, Name]]


def man_the_field(
    conn: Connection, land: Land, counts: Sequence[tuple[int, str, int]], staff: Sequence[StaffRow], *, home: str,
    now: datetime, rng: np.random.Generator, by: str,
) -> None:  # fmt: skip
    """Places as points that officers walk to, and officers on shift; `home` is the community that the demo is played in."""
    patrols.register(conn, place_rows(counts, land, whole=home, now=now, rng=rng), by=by)
    field.record_shifts(conn, shift_rows(staff, land, town=home[:9], now=now, rng=rng), by=by)


def place_rows(
    counts: Sequence[tuple[int, str, int]], land: Land, *, whole: str, now: datetime, rng: np.random.Generator
) -> list[PlaceRow]:
    """Points for the counted places: all of the community with the code `whole`, elsewhere some of each grid.

    `counts` holds position of a cell, kind, and how many lie there. When each was inspected last is spread so that a grid's list
    of today has the length of a day's work.
    """
    kinds = list(KINDS)
    cell, kind, n = (np.array(column) for column in zip(*((at, kinds.index(code), n) for at, code, n in counts), strict=True))
    grid = land.cell_grid[cell]
    held = np.bincount(grid, weights=n, minlength=len(land.grid_codes))
    share = np.minimum(1.0, PER_GRID / np.maximum(held, 1))
    full = next(at for at, (code, _) in enumerate(land.communities) if code == whole)
    share[land.grid_community == full] = 1.0
    drawn = rng.binomial(n, share[grid])
    cells, which = np.repeat(cell, drawn), np.repeat(kind, drawn)
    lon, lat = draw_points(land.cell_shape, cells, rng)
    age_d = _ages_d(land.cell_grid[cells], which, kinds, len(land.grid_codes), rng)
    return list(_named(cells, which, lon, lat, age_d, kinds, land, now))


def _ages_d(grid: Ints, which: Ints, kinds: Sequence[str], grids: int, rng: np.random.Generator) -> Floats:
    """Days since each place was inspected: some of each grid are due today or a few days over, the others are not yet."""
    interval_d = np.array([KINDS[code][1].interval_d for code in kinds], dtype=np.float64)[which]
    leaning = np.array([DUE_LEANING.get(code, 1.0) for code in kinds])[which]
    wanted = np.minimum(DUE_PER_GRID, DUE_AT_MOST * np.bincount(grid, minlength=grids))
    chance = leaning * (wanted / np.maximum(np.bincount(grid, weights=leaning, minlength=grids), 1))[grid]
    over_d = rng.integers(0, OVERDUE_AT_MOST_D + 1, len(grid))
    return np.where(rng.random(len(grid)) < chance, interval_d + over_d, 1 + rng.random(len(grid)) * (interval_d - 2))


def _named(
    cells: Ints, which: Ints, lon: Floats, lat: Floats, age_d: Floats, kinds: Sequence[str], land: Land, now: datetime
) -> Iterator[PlaceRow]:
    """Places with made-up names and addresses: the how-manieth of its kind in its community, in which grid."""
    counted: dict[tuple[int, int], int] = {}
    community = land.grid_community[land.cell_grid[cells]]
    columns = (cells.tolist(), which.tolist(), community.tolist(), lon.tolist(), lat.tolist(), age_d.tolist())
    for cell, kind, home, x, y, age in zip(*columns, strict=True):
        number = counted[home, kind] = counted.get((home, kind), 0) + 1
        named = f"{KINDS[kinds[kind]][0].zh}{number:03}号"
        grid = land.grid_codes[land.cell_grid[cell]]
        address = f"{land.communities[home][1].zh}第{grid[-2:]}网格"
        yield PlaceRow(kinds[kind], named, address, x, y, None, now - timedelta(days=age), synthetic=True)


def shift_rows(staff: Iterable[StaffRow], land: Land, *, town: str, now: datetime, rng: np.random.Generator) -> list[ShiftRow]:
    """Who is on shift: in the demo's town every grid manager, all of disposal and half of the police, elsewhere two a community."""
    chosen = [(row, cells) for row, cells in _posted(staff, land) if _is_on_shift(row, land, town)]
    at = np.array([cells[int(rng.integers(len(cells)))] for _, cells in chosen], dtype=np.int64)
    lon, lat = draw_points(land.cell_shape, at, rng)
    seen_s = rng.integers(0, LAST_SEEN_WITHIN_S, len(at))
    return [
        ShiftRow(row.number, now - SHIFT_SO_FAR, Fix(x, y, now - timedelta(seconds=int(s)), ACCURACY_M))
        for (row, _), x, y, s in zip(chosen, lon.tolist(), lat.tolist(), seen_s, strict=True)
    ]


def _posted(staff: Iterable[StaffRow], land: Land) -> Iterator[tuple[StaffRow, Ints]]:
    """Whoever is posted on a grid or in a community, with the cells there."""
    by_grid = _members(land.cell_grid, len(land.grid_codes))
    by_community = _members(land.grid_community[land.cell_grid], len(land.communities))
    cells = dict(zip(land.grid_codes, by_grid, strict=True)) | {
        code: members for (code, _), members in zip(land.communities, by_community, strict=True)
    }
    for row in staff:
        found = cells.get(row.grid_code or row.area_code or "")
        if found is not None:
            yield row, found


def _members(group: Ints, groups: int) -> list[Ints]:
    order = np.argsort(group, kind="stable")
    return np.split(order, np.searchsorted(group[order], np.arange(1, groups)))


def _is_on_shift(row: StaffRow, land: Land, town: str) -> bool:
    if (row.grid_code or row.area_code or "").startswith(town):
        return row.role == "manager" or row.duty == "disposal" or (row.duty == "enforcement" and int(row.number[-1]) % 2 == 0)
    return row.role == "supervisor" or (row.role == "manager" and str(row.grid_code).endswith("01"))
