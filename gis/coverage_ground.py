"""What every question of coverage is asked of: the cells with their residents, the units they lie in, and the facilities.

Read once in a process and kept until areas, grids, cells or facilities change, or another plan comes into force.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from gis.coverage_records import FacilitySet
from gis.errors import NoCity, NoPlanInForce
from gis.keeping import Keeper
from gis.records import Floats, Ints, Name, Shapes, Texts
from gis.rules.zones import project
from gis.store import coverage_ground as store
from gis.store import shapes

GROUNDS_KEPT = 2
"""A city of 44,000 cells takes 60 MB."""


@dataclass(frozen=True)
class Units:
    """Communities, grids or towns, ordered by code. `label_m` (u, 2) is the point that a unit's centre is, in metres."""

    level: str
    code: Texts
    name: Sequence[Name]
    parent: Texts
    label_m: Floats

    def __len__(self) -> int:
        return len(self.code)

    def at(self, codes: Texts) -> Ints:
        """Positions of units by code, -1 for a code that is not there."""
        if not len(self):
            return np.full(len(codes), -1, np.int64)
        known, asked = self.code.astype(str), codes.astype(str)
        found = np.minimum(np.searchsorted(known, asked), len(known) - 1)
        return np.where(known[found] == asked, found, -1).astype(np.int64)


@dataclass(frozen=True)
class CoverageGround:
    """The cells of the plan in force by id: n of them. `point` is where the residents of a cell live, on its surface.

    `point` in degrees (lon, lat) and `point_m` in metres of the zone are (n, 2); `community`, `grid`, `town` and `district` are
    positions in the units, -1 where a town lies in no district. `stamp` names this state of the city: what is kept of it is kept
    under that.
    """

    plan_id: int
    plan_version: int
    plan_name: Name
    metric_srid: int
    timezone: str
    stamp: str
    cell_id: Ints
    point: Floats
    point_m: Floats
    shape: Shapes
    area_m2: Floats
    population: Ints
    households: Ints
    community: Ints
    grid: Ints
    town: Ints
    district: Ints
    communities: Units
    grids: Units
    towns: Units
    districts: Units

    @cached_property
    def shape_m(self) -> Shapes:
        """The cells' polygons in metres of the zone."""
        return project(self.shape, to=self.metric_srid)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The cells by where they lie, in degrees."""
        return shapely.STRtree(self.shape)

    def cell_at(self, points: Floats) -> Ints:
        """The position of the cell that each point of degrees (k, 2) lies in, the first of those that share it; -1 for none."""
        at = np.full(len(points), -1, np.int64)
        point, cell = self.tree.query(np.asarray(shapely.points(points), dtype=np.object_), predicate="intersects")
        order = np.lexsort((-cell, point))
        at[point[order]] = cell[order]
        return at


_grounds: Keeper[CoverageGround] = Keeper(GROUNDS_KEPT)
_facilities: Keeper[FacilitySet] = Keeper(GROUNDS_KEPT)


def ground(conn: Connection) -> CoverageGround:
    """The city as it is now. Raises NoCity, NoPlanInForce."""
    row = _stamp(conn)
    name = _named(row)
    return _grounds.get(name, lambda: _read_ground(conn, row, name))


def every_facility(conn: Connection) -> FacilitySet:
    """All facilities of the city. Raises NoCity, NoPlanInForce."""
    row = _stamp(conn)
    return _facilities.get((row.code, row.founded_at, row.versions.get("facilities")), lambda: _read_facilities(conn, row))


def _stamp(conn: Connection) -> Any:
    row = store.stamp(conn)
    if row is None:
        raise NoCity("The database holds no city yet.")
    if row.plan_id is None:
        raise NoPlanInForce("No plan is in force: coverage counts the grids of one.")
    return row


def _named(row: Any) -> str:
    marks = "-".join(str(row.versions.get(layer)) for layer in store.LAYERS)
    return f"{row.code}-{row.founded_at:%Y%m%d%H%M%S%f}-{row.plan_id}-{row.plan_version}-{marks}"


def _read_ground(conn: Connection, row: Any, stamp: str) -> CoverageGround:
    held = store.cells(conn, row.plan_id)
    srid = row.metric_srid
    communities = _units("community", store.communities(conn), srid)
    grids = _units("grid", store.grids(conn, row.plan_id), srid)
    towns = _units("town", store.towns(conn), srid)
    districts = _units("district", store.districts(conn), srid)
    shape = shapes.from_hex(held["shape"])
    point = shapely.get_coordinates(shapely.point_on_surface(shape))
    community = communities.at(held["community"])
    town = towns.at(communities.parent)[community]
    return CoverageGround(
        plan_id=row.plan_id, plan_version=row.plan_version, plan_name=Name(row.name_zh, row.name_en), metric_srid=srid,
        timezone=row.timezone, stamp=stamp, cell_id=held["id"], point=point, point_m=in_metres(point, srid=srid),
        shape=shape, area_m2=held["area_m2"], population=held["population"], households=held["households"],
        community=community, grid=grids.at(held["grid"]), town=town,
        district=districts.at(towns.parent)[town], communities=communities, grids=grids, towns=towns, districts=districts,
    )  # fmt: skip


def _read_facilities(conn: Connection, row: Any) -> FacilitySet:
    held = store.facilities(conn)
    point = np.column_stack([held["lon"], held["lat"]])
    same = ("id", "kind", "capacity", "floor_area_m2", "level", "hours", "community")
    return FacilitySet(
        name=_names(held), point=point, point_m=in_metres(point, srid=row.metric_srid), **{name: held[name] for name in same}
    )


def _units(level: str, held: dict[str, Any], srid: int) -> Units:
    order = np.argsort(held["code"].astype(str), kind="stable")
    held = {name: column[order] for name, column in held.items()}
    return Units(
        level=level, code=held["code"], name=_names(held), parent=held["parent"],
        label_m=in_metres(np.column_stack([held["lon"], held["lat"]]), srid=srid),
    )  # fmt: skip


def _names(held: dict[str, Any]) -> list[Name]:
    return [Name(zh, en) for zh, en in zip(held["zh"].tolist(), held["en"].tolist(), strict=True)]


def in_metres(points: Floats, *, srid: int) -> Floats:
    """Points of degrees (n, 2) as eastings and northings of a zone."""
    carried = project(np.asarray(shapely.points(points), dtype=np.object_), to=srid)
    return np.asarray(shapely.get_coordinates(carried), np.float64).reshape(-1, 2)
