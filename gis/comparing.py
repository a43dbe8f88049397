"""Comparing plans: any two, drafts too, by the workload model of the second."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from threading import Lock
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import Connection

from gis import draft_access as access
from gis.errors import NotFound
from gis.plan_records import DraftGrid, PlanHead, WorkloadModel
from gis.records import Floats, Ints, Name, Reach, Shapes, Unit
from gis.rules.comparison import Comparison, Pieces, compare, renumbered, side, told_apart
from gis.rules.comparison_words import Totals, sentences, totals
from gis.rules.coverage import generalise, united
from gis.rules.overlay import overlaid
from gis.rules.zones import WGS84, project
from gis.store import areas, patches, workloads
from gis.store import comparisons as store
from gis.store.reach import communities as communities_within

KEPT: Final = 6  # comparisons that one process keeps at hand


@dataclass(frozen=True, eq=False)
class Compared:
    """Two plans side by side. `before` and `after` are their facts; `place` leads from an area's id to it and what it lies in.

    `others` leads from keys of new grids in a second draft to those that the comparison has for them. `as_of` tells which hours
    and which postings it was made from: it is another whenever these are.
    """

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    heads: tuple[PlanHead, PlanHead] = field(repr=False)
    model: WorkloadModel = field(repr=False)
    found: Comparison
    grids: tuple[Mapping[int, DraftGrid], Mapping[int, DraftGrid]] = field(repr=False)
    others: Mapping[int, int] = field(repr=False)
    place: Mapping[int, tuple[Unit, ...]] = field(repr=False)
    as_of: tuple[str, ...] = field(repr=False)

    @property
    def names(self) -> tuple[Name, Name]:
        """The names of both plans."""
        return _name(self.before), _name(self.after)

    @property
    def totals(self) -> Totals:
        """All of it in figures."""
        return totals(self.found)

    @property
    def sentences(self) -> list[Name]:
        """All of it in sentences."""
        return sentences(self.totals, before=self.names[0], after=self.names[1])

    @property
    def period(self) -> tuple[date, date]:
        """The period that incidents are counted in: its first day, and the first day after it."""
        return self.model.since, self.model.until

    def label(self, key: int) -> str:
        """What a grid is called on a map: the number in its code, or +1, +2, … where it is new."""
        grid = self.grids[1].get(key) or self.grids[0].get(key)
        if grid is None or not grid.code:
            return f"+{-self._own_key(key)}"
        return grid.code.removeprefix(self.place[grid.community_id][0].code)

    def _own_key(self, key: int) -> int:
        return next((own for own, told in self.others.items() if told == key), key)

    def touched(self) -> list[int]:
        """Ids of the communities whose ground changes hands, by code."""
        found = [area.area_id for area in self.found.communities if area.moved.cells]
        return sorted(found, key=lambda area_id: self.place[area_id][0].code)


def _name(facts: Mapping[str, Any]) -> Name:
    return Name(facts["name_zh"], facts["name_en"])


@dataclass
class Comparisons:
    """Keeps the comparisons that were asked for last, until a plan, hours or postings change; safe to share between threads."""

    _kept: OrderedDict[Any, Compared] = field(default_factory=OrderedDict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)
    _making: Lock = field(default_factory=Lock, repr=False)

    def get(self, conn: Connection, before_id: int, after_id: int, *, reach: Reach | None) -> Compared:
        """Two plans compared. Of drafts only what lies in the reach; None is nobody's, and sees all.

        Raises NotFound, also for a draft that lies elsewhere.
        """
        if reach is not None:
            access.version_seen(conn, before_id, reach=reach)
            access.version_seen(conn, after_id, reach=reach)
        facts = _facts(conn, before_id), _facts(conn, after_id)
        heads = _head(conn, before_id), _head(conn, after_id)
        as_of = store.as_of(conn, model_id=heads[1].model_id)
        plans = tuple(
            (each["id"], each["version"], each["changed_at"], each["since"], head.model_id)
            for each, head in zip(facts, heads, strict=True)
        )
        key = (plans, as_of)
        whole = self._known(key)
        if whole is None:
            with self._making:  # one at a time: who waited finds what the other made
                whole = self._known(key) or self._keep(key, _compared(conn, facts, heads, as_of))
        if reach is None or reach.is_whole_city or all(each["state"] in access.PUBLISHED for each in facts):
            return whole
        return only(whole, communities_within(conn, reach))

    def _known(self, key: Any) -> Compared | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: Any, made: Compared) -> Compared:
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made


def _facts(conn: Connection, plan_id: int) -> dict[str, Any]:
    facts = store.plan_facts(conn, plan_id)
    if facts is None:
        raise NotFound(f"There is no plan with the number {plan_id}.")
    return facts


def _head(conn: Connection, plan_id: int) -> PlanHead:
    head = patches.head(conn, plan_id)
    if head is None:
        raise NotFound(f"There is no plan with the number {plan_id}.")
    return head


def _compared(
    conn: Connection, facts: tuple[dict[str, Any], dict[str, Any]], heads: tuple[PlanHead, PlanHead], as_of: tuple[str, ...]
) -> Compared:
    before, after = heads
    model = workloads.model(conn, after.model_id)
    if model is None:
        raise NotFound("There is no workload model yet that plans could be judged by.")
    pieces = store.whole_pieces(conn, before, after, model_id=model.id) + overlaid(
        store.odd_parts(conn, before, after, model_id=model.id), store.odd_parts(conn, after, before, model_id=model.id)
    )
    grids = patches.grids(conn, before), patches.grids(conn, after)
    others = told_apart(pieces, grids[1])
    pieces, told = renumbered(pieces, grids[1], others)
    place = {area_id: units for area_id, (units, _) in areas.chains(conn).items()}
    ids = areas.ids_by_code(conn)
    town_of = {area_id: ids[units[min(1, len(units) - 1)].code] for area_id, units in place.items()}
    given: dict[str, Any] = {"centre_m": _centres_m(pieces, before.metric_srid), "weights": model.weights, "town_of": town_of}
    sides = (
        side(pieces, pieces.before, grids[0], staff=store.posts(conn, before.parent_id), **given),
        side(pieces, pieces.after, told, staff=store.posts(conn, after.parent_id), **given),
    )
    return Compared(*facts, heads, model, compare(pieces, *sides, town_of=town_of), (grids[0], told), others, place, as_of)


def _centres_m(pieces: Pieces, srid: int) -> Floats:
    points: Shapes = np.asarray(shapely.points(pieces.lon, pieces.lat), dtype=object)
    return np.asarray(shapely.get_coordinates(project(points, to=srid)), np.float64)


def only(compared: Compared, communities: Collection[int]) -> Compared:
    """A comparison as far as it lies in these communities."""
    held, found = set(communities), compared.found
    towns = {compared.place[area][1].code for area in held if len(compared.place[area]) > 1}
    return replace(
        compared,
        found=replace(
            found,
            changes=tuple(change for change in found.changes if change.community_id in held),
            flows=tuple(flow for flow in found.flows if flow.community_id in held),
            communities=tuple(area for area in found.communities if area.area_id in held),
            towns=tuple(area for area in found.towns if compared.place[area.area_id][0].code in towns),
        ),
    )


@dataclass(frozen=True)
class Ground:
    """Ground on a map: shapes in EPSG:4326 with the key of the grid; for ground that moves also of the grid it goes to."""

    shape: Shapes
    key: Ints
    to: Ints
    community: Ints


def moved_ground(conn: Connection, compared: Compared) -> Ground:
    """The ground that changes hands, one shape for each pair of grids that it goes between, in the order of the flows."""
    pieces, flows = compared.found.pieces, compared.found.flows
    at = pieces.moved
    shape = pieces.shape[at].copy()
    whole = np.array([each is None for each in shape], dtype=bool)
    shape[whole] = store.cell_shapes(conn, pieces.cell[at][whole])
    by_pair: dict[tuple[int, int], list[Any]] = {}
    for one, other, each in zip(pieces.before[at].tolist(), pieces.after[at].tolist(), shape, strict=True):
        by_pair.setdefault((one, other), []).append(each)
    drawn = [shapely.union_all(by_pair[flow.before, flow.after]) for flow in flows]
    columns = [np.array([getattr(flow, name) for flow in flows], dtype=np.int64) for name in ("before", "after", "community_id")]
    return Ground(np.array(drawn, dtype=object), *columns)


def outlines(conn: Connection, codes: Collection[str]) -> Shapes:
    """The outlines of areas, for the frame of a map."""
    return store.area_shapes(conn, list(codes))


def grids_drawn(conn: Connection, compared: Compared, *, which: int, communities: Collection[int], band: int = 3) -> Ground:
    """The grids of these communities as the first (0) or second (1) plan draws them, simplified together for a band of zoom."""
    head = compared.heads[which]
    patch = patches.patch(conn, head, communities=sorted(communities))
    keys, first, place = np.unique(patch.grid, return_index=True, return_inverse=True)
    shapes = united(project(patch.shape, to=head.metric_srid), place, len(keys))
    drawn = project(generalise(shapes, band=band), to=WGS84, source=head.metric_srid)
    told = [compared.others.get(key, key) if which else key for key in keys.tolist()]
    return Ground(drawn, np.array(told, dtype=np.int64), np.zeros(len(keys), np.int64), patch.community[first])
