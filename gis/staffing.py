"""Staffing: the posts that are on grids today, divided over a plan's grids in proportion to their hours."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import Connection

from gis import draft_access as access
from gis.errors import BadQuery, BeyondOwnPart, NotFound
from gis.feature_records import Column, FeatureBatch
from gis.plan_records import DraftGrid, GridLoads, Officer, Patch, PlanHead, WorkloadModel
from gis.records import Floats, Ints, Name, Reach, Unit
from gis.rules import staff_moves
from gis.rules.apportionment import breaks_quota
from gis.rules.staff_moves import Ground, Move
from gis.rules.staffing import hours_per_officer, posts_by_duty, scaled
from gis.rules.words import DUTIES
from gis.rules.workload import grid_loads
from gis.rules.zones import centres_m
from gis.store import areas, patches, plans, staff, workloads
from gis.store.reach import holds_area


@dataclass(frozen=True)
class Transfer:
    """One officer who would change grids; `to_key` is None where no post is left, `metres` are as the crow flies."""

    officer: Officer
    from_key: int
    to_key: int | None
    metres: float | None


@dataclass(frozen=True)
class Staffing:
    """Posts of an area's grids before and after, as columns in the order of `loads.key`, by duty.

    `before` are the officers of today on the grids that live on; `officers` counts those on grids that end too, and `grids`
    names these too. `place` has community and town of each community by id.
    """

    head: PlanHead
    model: WorkloadModel
    area: str
    method: str
    loads: GridLoads
    grids: Mapping[int, DraftGrid] = field(repr=False)
    place: Mapping[int, tuple[Unit, Unit]] = field(repr=False)
    duties: list[str]
    before: Mapping[str, Ints] = field(repr=False)
    after: Mapping[str, Ints] = field(repr=False)
    officers: int
    transfers: list[Transfer] = field(repr=False)

    def posts(self, when: Mapping[str, Ints]) -> Ints:
        """Posts of all duties on each grid."""
        total: Ints = np.sum([np.zeros(len(self.loads.key), np.int64), *when.values()], axis=0)
        return total

    @property
    def hours_per_officer(self) -> tuple[Floats, Floats]:
        """Hours of each grid for each of its officers, before and after."""
        hours = self.loads.hours
        return hours_per_officer(hours, self.posts(self.before)), hours_per_officer(hours, self.posts(self.after))

    @property
    def homeless(self) -> int:
        """How many officers work grids that the plan ends."""
        return self.officers - int(self.posts(self.before).sum())

    @property
    def vacancies(self) -> int:
        """How many posts there is nobody for."""
        left = sum(transfer.to_key is None for transfer in self.transfers)
        return int(self.posts(self.after).sum()) - (self.officers - left)

    @property
    def beyond_quota(self) -> int:
        """How many grids got a whole post more or fewer than their quota."""
        return int(breaks_quota(self.posts(self.after), self.loads.hours).sum())


def allocate(
    conn: Connection, plan_id: int, *, reach: Reach, area: str | None = None, method: str = "sainte-lague", posts: int | None = None
) -> Staffing:
    """Divide the posts on the grids of an area, or `posts` in their proportions, over a plan's grids there; who would move.

    Raises NotFound, BeyondOwnPart, and BadQuery when there are fewer posts of patrol than grids.
    """
    head, area = access.seen(conn, plan_id, reach=reach), area or reach.area_path.rpartition(".")[2]
    place = _places(conn, area, reach)
    patch = patches.patch(conn, head, communities=list(place))
    model = workloads.model(conn, head.model_id)
    if model is None or not len(patch):
        raise NotFound(f"The plan {plan_id} has no grids with hours in {area}.")
    centre = centres_m(patch.shape, srid=head.metric_srid)
    loads = grid_loads(patch, centre, weights=model.weights)
    officers = staff.on_grids(conn, [key for key in patch.grids if key > 0])
    counts = Counter(officer.duty for officer in officers)
    after = _posts(loads.hours, counts if posts is None else scaled(counts, posts), method)
    transfers = _transfers(officers, _heirs(conn, head, patch, officers), _ground(patch, centre, loads, place), after)
    before = {duty: _posted(loads.key, [o.grid_id for o in officers if o.duty == duty]) for duty in after}
    return Staffing(head, model, area, method, loads, patch.grids, place, list(after), before, after, len(officers), transfers)


def plan_name(conn: Connection, plan_id: int, *, reach: Reach) -> Name:
    """What a plan or draft is called. Raises NotFound."""
    access.version_seen(conn, plan_id, reach=reach)
    name = plans.name(conn, plan_id)
    assert name is not None, "it was there a moment ago, and plans are never deleted"
    return name


def _places(conn: Connection, area: str, reach: Reach) -> dict[int, tuple[Unit, Unit]]:
    """Community and town of every community of the area, by id. Raises NotFound, BeyondOwnPart."""
    chains, inside = areas.chains(conn), areas.communities_under(conn, area)
    if not inside:
        raise NotFound(f"There is no area with the code {area}.")
    units = chains[next(iter(inside))][0]
    path = ".".join(unit.code for unit in reversed(units[[unit.code for unit in units].index(area) :]))
    if not holds_area(reach, path):
        raise BeyondOwnPart(f"The area {area} lies outside of your part of the city.")
    return {each: (chains[each][0][0], chains[each][0][1]) for each in inside}


def _posts(hours: Floats, counts: Mapping[str, int], method: str) -> dict[str, Ints]:
    try:
        return posts_by_duty(hours, counts, method=method)
    except ValueError as fault:
        raise BadQuery(f"The posts do not go round: {fault}", field="posts") from fault


def _ground(patch: Patch, centre_m: Floats, loads: GridLoads, place: Mapping[int, tuple[Unit, Unit]]) -> Ground:
    at = np.searchsorted(loads.key, patch.grid)
    middle = [np.bincount(at, weights=centre_m[:, axis] * patch.area_m2) / loads.area_m2 for axis in (0, 1)]
    towns = {unit.code: number for number, unit in enumerate(dict.fromkeys(town for _, town in place.values()))}
    town = np.array([towns[place[community][1].code] for community in loads.community.tolist()], dtype=np.int64)
    return Ground(loads.key, town, np.column_stack(middle))


def _heirs(conn: Connection, head: PlanHead, patch: Patch, officers: list[Officer]) -> dict[int, int]:
    """Where each grid goes that the plan ends and that somebody works."""
    living = set(patch.grid.tolist())
    if all(officer.grid_id in living for officer in officers):
        return {}
    return staff_moves.heirs(patches.parent_grids(conn, head, patch.root), patch.grid, weight=patch.fraction)


def _transfers(officers: list[Officer], heir: Mapping[int, int], ground: Ground, after: Mapping[str, Ints]) -> list[Transfer]:
    by_id = {officer.staff_id: officer for officer in officers}
    at = dict(zip(ground.key.tolist(), ground.centre_m, strict=True))
    found: list[Transfer] = []
    for duty, posts in after.items():
        those = [officer for officer in officers if officer.duty == duty]
        people = np.array([officer.staff_id for officer in those], dtype=np.int64)
        before = np.array([officer.grid_id for officer in those], dtype=np.int64)
        for move in staff_moves.moves(people, before, heir=heir, ground=ground, posts=posts):
            found.append(Transfer(by_id[move.staff_id], move.from_key, move.to_key, _metres(move, heir, at)))
    return found


def _metres(move: Move, heir: Mapping[int, int], at: Mapping[int, Floats]) -> float | None:
    if move.to_key is None:
        return None
    start = at[move.from_key] if move.from_key in at else at[heir[move.from_key]]
    return float(np.hypot(*(at[move.to_key] - start)))


def _posted(keys: Ints, grids: list[int]) -> Ints:
    counted = Counter(grids)
    return np.array([counted[key] for key in keys.tolist()], dtype=np.int64)


def table(found: Staffing) -> tuple[list[Column], FeatureBatch]:
    """The grids with their posts before and after, as a table that is written to a file."""
    before, after = found.hours_per_officer
    grids = [found.grids[key] for key in found.loads.key.tolist()]
    columns: list[tuple[Column, list[object]]] = [
        (Column("grid", "text", Name("网格", "Grid")), [grid.code or grid.label for grid in grids]),
        (Column("community", "text", Name("村（社区）", "Community")), [found.place[g.community_id][0].name.zh for g in grids]),
        (Column("town", "text", Name("镇街", "Town")), [found.place[g.community_id][1].name.zh for g in grids]),
        (Column("hours", "number", Name("每月标准工时", "Hours a month"), "h"), found.loads.hours.tolist()),
    ]
    for duty in found.duties:
        for when, posts, zh, en in (("before", found.before, "现有", "before"), ("after", found.after, "调整后", "after")):
            name = Name(f"{DUTIES[duty][0]}岗位{zh}", f"{DUTIES[duty][1]} posts {en}")
            columns.append((Column(f"{duty}_{when}", "integer", name), posts[duty].tolist()))
    columns += [
        (Column("hours_per_officer_before", "number", Name("现人均工时", "Hours per officer before"), "h"), _told(before)),
        (Column("hours_per_officer_after", "number", Name("调整后人均工时", "Hours per officer after"), "h"), _told(after)),
    ]
    return [column for column, _ in columns], FeatureBatch({column.name: values for column, values in columns})


def _told(hours: Floats) -> list[object]:
    return [None if np.isnan(value) else float(value) for value in hours]


def moves_table(found: Staffing) -> tuple[list[Column], FeatureBatch]:
    """Who would move, as a table that is written to a file."""
    moved, name = found.transfers, {key: grid.code or grid.label for key, grid in found.grids.items()}
    columns: list[tuple[Column, list[object]]] = [
        (Column("number", "text", Name("工号", "Number")), [move.officer.number for move in moved]),
        (Column("name", "text", Name("姓名", "Name")), [move.officer.name.zh for move in moved]),
        (Column("duty", "text", Name("职责", "Duty")), [DUTIES[move.officer.duty][0] for move in moved]),
        (Column("from_grid", "text", Name("原网格", "From grid")), [name[move.from_key] for move in moved]),
        (Column("to_grid", "text", Name("新网格", "To grid")), [None if m.to_key is None else name[m.to_key] for m in moved]),
        (Column("metres", "number", Name("直线距离", "Distance as the crow flies"), "m"), [move.metres for move in moved]),
    ]
    return [column for column, _ in columns], FeatureBatch({column.name: values for column, values in columns})
