"""Places that are inspected: rented houses, shops, factories and whatever a city inspects, counted by cell."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import shapely
from sqlalchemy import Connection

from gis import cells, city, workloads
from gis.errors import ImportRefused
from gis.plan_records import PlaceKind, PlaceStandard
from gis.records import Flags, Floats, Ints
from gis.rules.findings import Finding
from gis.rules.homes import NOWHERE, homes_of_points
from seed.importing.incoming import Incoming
from seed.importing.points import lonlat, place_findings, row_finding, settle
from seed.importing.request import Checked, Options, Tell
from seed.names import both, pinyin

STANDARD = PlaceStandard(standard_min=15, interval_d=30)  # of a new kind that the file says nothing of


def check(conn: Connection, incoming: Incoming, options: Options, tell: Tell) -> Checked:
    """Judge places: a known kind, inside a cell. What comes in stands for all places of the kinds that the file has."""
    city.get(conn)
    blocks = cells.every(conn)
    if not len(blocks.ids):
        raise ImportRefused("The city has no cells yet: places are counted by cell. Import cells or grids first.", field="kind")
    tell("Counting the places", 0, len(incoming.rows))
    lon, lat = lonlat(incoming)
    home = homes_of_points(shapely.points(lon, lat), blocks.shape)
    kinds, known, kind_faults = _kinds(conn, incoming, new_kinds=options.new_kinds)
    homeless = np.isfinite(lon) & (home == NOWHERE)
    faults = [*place_findings(incoming, lon, lat), *kind_faults, *_homeless(incoming, homeless, lon, lat)]
    findings, sound = settle([*incoming.findings, *faults], incoming.rows, leave_out=options.leave_out)
    counts = _counted(blocks.ids, home, kinds, incoming, sound)
    return Checked(
        info=incoming.info, fields=incoming.fields, findings=findings, counts={"places": sum(n for _, _, n in counts)},
        write=lambda conn, by: _write(conn, known, counts, by), shapes=shapely.points(lon, lat), labels=incoming.labels("kind"),
        rows=incoming.rows,
    )  # fmt: skip


def _kinds(conn: Connection, incoming: Incoming, *, new_kinds: bool) -> tuple[list[str | None], list[PlaceKind], list[Finding]]:
    """The code of each row's kind, given as code or name in either language, and the kinds that the file has."""
    held = {kind.code: kind for kind in workloads.place_kinds(conn)}
    words = {word.casefold(): kind.code for kind in held.values() for word in (kind.code, kind.name.zh, kind.name.en)}
    said = incoming.texts("kind")
    minutes, days = incoming.optional("standard_min"), incoming.optional("interval_d")
    for word, standard_min, interval_d in zip(said, minutes, days, strict=True):
        if new_kinds and word and word.casefold() not in words:
            standard = PlaceStandard(standard_min or STANDARD.standard_min, interval_d or STANDARD.interval_d)
            held[word] = PlaceKind(word, both(word, pinyin), standard)
            words[word.casefold()] = word
    codes = [words.get((word or "").casefold()) for word in said]
    listed = ", ".join(f"{kind.code} {kind.name.zh}" for kind in held.values()) or "none yet"
    faults = [
        row_finding(incoming, i, "unknown_kind", f"its kind {word!r} is not one of: {listed}")
        for i, (word, code) in enumerate(zip(said, codes, strict=True))
        if code is None and word
    ]
    return codes, [held[code] for code in dict.fromkeys(codes) if code], faults


def _homeless(incoming: Incoming, homeless: Flags, lon: Floats, lat: Floats) -> list[Finding]:
    says = "it lies in no cell of the city; is the coordinate system right (GCJ-02, BD-09)?"
    rows = np.flatnonzero(homeless).tolist()
    return [row_finding(incoming, i, "outside_city", says, lon=float(lon[i]), lat=float(lat[i])) for i in rows]


def _counted(
    ids: Ints, home: Ints, kinds: Sequence[str | None], incoming: Incoming, sound: Flags
) -> list[tuple[int, str, int]]:
    """Cell, kind and how many; a row without a number is one place."""
    counted: Counter[tuple[int, str]] = Counter()
    numbers = incoming.integers("number")
    for i in np.flatnonzero(sound).tolist():
        counted[int(ids[home[i]]), str(kinds[i])] += 1 if numbers[i] is None else int(numbers[i] or 0)
    return [(cell, kind, n) for (cell, kind), n in counted.items() if n > 0]


def _write(conn: Connection, kinds: Sequence[PlaceKind], counts: Sequence[tuple[int, str, int]], by: str) -> dict[str, int]:
    workloads.register_places(conn, kinds, counts, by=by)
    return {"places": sum(n for _, _, n in counts)}
