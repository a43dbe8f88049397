"""Measuring who reaches what: the facilities that a question asks for, the table of who reaches them, and what is odd about it.

Everything that counts coverage counts from one `Measured`: audits, what-if, siting and the services matrix. The last few are kept
in each process, under the question and the marks of what they were made from.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import shapely
from sqlalchemy import Connection

from gis import street_files
from gis.coverage_ground import CoverageGround, every_facility, ground
from gis.coverage_records import FacilitySet, ReachQuestion
from gis.errors import BadQuestion, NoNetwork, NothingToReach
from gis.keeping import Keeper
from gis.records import Flags, Floats, Ints, Name
from gis.rules import radius, walking
from gis.rules.network_fit import shift_of
from gis.rules.reach_choosing import chosen
from gis.rules.reach_findings import ReachFinding, finding, some_names
from gis.rules.reach_questions import faults
from gis.rules.reach_standards import LEG_AT_MOST_M, limit_m
from gis.rules.reach_tables import parted
from gis.rules.streets import edges_m
from gis.rules.walking_network import ReachTable, Snapped, WalkingNetwork
from gis.store import coverage_ground as store

THREADS: Final = max(1, min(4, os.cpu_count() or 1))
TABLES_KEPT, MEASURED_KEPT = 4, 12
MOST_PAIRS: Final = 20_000_000
"""Of a facility and a cell that it reaches, in what is kept of a question: 160 MB."""
MOST_PAIRS_SEARCHED: Final = 50_000_000
"""The same of candidates, whose table goes when the search ends."""
Progress = Callable[[int, int], None]
Stop = Callable[[], bool]


@dataclass(frozen=True, eq=False)
class Reached:
    """Who reaches facilities. `centres` has the label points of communities, then of grids, then of towns in place of cells.

    `sources` is where the facilities are on the network, None of a radius.
    """

    table: ReachTable
    centres: ReachTable
    sources: Snapped | None


@dataclass(frozen=True, eq=False)
class Measured:
    """A question of coverage with all that its answer is counted from.

    `table` leads from `facilities` to the cells of `ground`, `centres` from them to the label points of communities, grids and
    towns, one after the other. `scope` (n,) says whose residents count. `places` is where cells and then centres are on the
    network, `cells` the cells alone, `sources` the facilities; None of a radius, as is the network.
    """

    question: ReachQuestion
    ground: CoverageGround
    facilities: FacilitySet
    network_id: int | None
    network: WalkingNetwork | None
    places: Snapped | None
    cells: Snapped | None
    sources: Snapped | None
    table: ReachTable
    centres: ReachTable
    limit_m: float
    scope: Flags
    findings: tuple[ReachFinding, ...]


@dataclass(frozen=True, eq=False)
class _Way:
    """How far it is: along a network, with the places of the city on it, or in straight lines."""

    ground: CoverageGround
    limit_m: float
    detour: float
    limit_field: str
    network_id: int | None = None
    network: WalkingNetwork | None = None
    places: Snapped | None = None
    cells: Snapped | None = None

    def reached(
        self, points_m: Floats, *, most: int = MOST_PAIRS, progress: Progress | None = None, stop: Stop | None = None
    ) -> Reached:
        """Who reaches these points (k, 2), in metres of the zone. Raises BadQuestion for more than `most` pairs."""
        n, targets_m = len(self.ground.cell_id), _targets_m(self.ground)
        if len(points_m) * len(targets_m) > most:
            self._bound(radius.pairs_about(points_m, targets_m, limit_m=self.limit_m, detour=self.detour), len(points_m), most=most)
        if self.network is None or self.places is None:
            both = radius.pairs(points_m, targets_m, limit_m=self.limit_m, detour=self.detour)
            return Reached(*parted(both, n_cells=n), None)
        sources = walking.snap(self.network, points_m, reach_m=LEG_AT_MOST_M)
        both = walking.pairs(
            self.network, sources, self.places, limit_m=self.limit_m, threads=THREADS if len(points_m) > 1 else 1,
            progress=progress, stop=stop,
        )  # fmt: skip
        return Reached(*parted(both, n_cells=n), sources)

    def _bound(self, pairs: int, points: int, *, most: int) -> None:
        """Refuse a limit within which places reach more of the city than there is room for."""
        if pairs > most:
            says = (
                f"Within {self.limit_m:,.0f} m, {points:,} places reach {pairs:,} times somebody's home, more than the {most:,} "
                "that are counted at once. Take a smaller limit, or fewer places."
            )
            raise BadQuestion(f"{self.limit_field}: {says}", errors=[{"field": self.limit_field, "message": says}])


_places: Keeper[tuple[Snapped, Snapped]] = Keeper(2)
_shifts: Keeper[tuple[ReachFinding, ...]] = Keeper(2)
_tables: Keeper[tuple[FacilitySet, tuple[ReachFinding, ...], Reached]] = Keeper(TABLES_KEPT)
_measured: Keeper[Measured] = Keeper(MEASURED_KEPT)


def facilities(conn: Connection, question: ReachQuestion) -> FacilitySet:
    """The facilities that a question asks for. Raises BadQuestion, NothingToReach."""
    check(conn, question)
    return _chosen(conn, question)[0]


def measure(
    conn: Connection, question: ReachQuestion, *, folder: Path, progress: Progress | None = None, stop: Stop | None = None
) -> Measured:
    """Measure what a question asks. `folder` is where networks are kept as arrays; `progress` hears facilities done, and all.

    Raises BadQuestion, NoNetwork, NothingToReach, NoPlanInForce, and SearchStopped when `stop` says so.
    """
    held = ground(conn)
    found = street_files.in_force(conn, folder=folder) if question.method == "walk" else None
    network_id = None if found is None else found[0]

    def make() -> Measured:
        check(conn, question)
        if found is None and question.method == "walk":
            raise NoNetwork("No walking network is in force: bring one in, or ask by radius.")
        scope = _scope(conn, held, question)
        way = _way(held, question, found)
        chosen_set, odd, reached = _tables.get(
            _table_key(held, way, question), lambda: _reach(conn, way, question, progress=progress, stop=stop)
        )
        findings = (*_of_network(way), *odd, *_of_places(way, scope))
        return Measured(
            question=question, ground=held, facilities=chosen_set, network_id=network_id, network=way.network, places=way.places,
            cells=way.cells, sources=reached.sources, table=reached.table, centres=reached.centres, limit_m=way.limit_m,
            scope=scope, findings=findings,
        )  # fmt: skip

    return _measured.get((held.stamp, network_id, orjson.dumps(asdict(question))), make)


def reached_of(measured: Measured, points_m: Floats) -> Reached:
    """The same question asked of other places, (k, 2) metres of the zone: who would reach them. Raises BadQuestion for too many."""
    way = _Way(
        measured.ground, measured.limit_m, measured.question.detour, _limit_field(measured.question), measured.network_id,
        measured.network, measured.places, measured.cells,
    )  # fmt: skip
    return way.reached(points_m, most=MOST_PAIRS_SEARCHED)


def table_of(measured: Measured, points_m: Floats) -> ReachTable:
    """Which cells would reach other places, (k, 2) metres of the zone."""
    return reached_of(measured, points_m).table


def check(conn: Connection, question: ReachQuestion) -> None:
    """Refuse a question that cannot be answered as it was put, with every field at fault. Raises BadQuestion."""
    wrong = faults(question, kinds=store.kinds(conn), services=store.services(conn))
    if wrong:
        raise BadQuestion(" ".join(f"{each['field']}: {each['message']}" for each in wrong), errors=wrong)


def _scope(conn: Connection, held: CoverageGround, question: ReachQuestion) -> Flags:
    if question.scope is None:
        return np.ones(len(held.cell_id), np.bool_)
    codes = store.under(conn, question.scope)
    if not codes:
        says = f"There is no area {question.scope}."
        raise BadQuestion(f"scope: {says}", errors=[{"field": "scope", "message": says}])
    return np.asarray(np.isin(held.communities.code.astype(str), codes)[held.community], np.bool_)


def _chosen(conn: Connection, question: ReachQuestion) -> tuple[FacilitySet, list[ReachFinding]]:
    every = every_facility(conn)
    offering = store.offering(conn, question.services) if question.services else None
    positions, odd = chosen(every, question, offering=offering, kinds=store.kinds(conn))
    if not len(positions):
        raise _nothing(odd)
    return every.only(positions), odd


def _nothing(odd: Sequence[ReachFinding]) -> NothingToReach:
    """The refusal with its reasons, in both languages under `says` for pages."""
    says = Name("没有符合条件的设施。", "No facility is what the question asks for.")
    reasons = [says, *(each.says for each in odd)]
    both = {"zh": "".join(each.zh for each in reasons), "en": " ".join(each.en for each in reasons)}
    return NothingToReach(both["en"], says=both)


def _way(held: CoverageGround, question: ReachQuestion, found: tuple[int, WalkingNetwork] | None) -> _Way:
    limit, field = limit_m(question), _limit_field(question)
    if found is None:
        return _Way(held, limit, question.detour, field)
    network_id, network = found
    places, cells = _places.get((held.stamp, network_id), lambda: _placed(held, network))
    return _Way(held, limit, 1.0, field, network_id, network, places, cells)


def _limit_field(question: ReachQuestion) -> str:
    return "minutes" if question.metres is None else "metres"


def _placed(held: CoverageGround, network: WalkingNetwork) -> tuple[Snapped, Snapped]:
    both = walking.snap(network, _targets_m(held), reach_m=LEG_AT_MOST_M)
    n = len(held.cell_id)
    return both, Snapped(both.edge[:n], both.along_dm[:n], both.leg_dm[:n], both.island[:n])


def _targets_m(held: CoverageGround) -> Floats:
    return np.concatenate([held.point_m, held.communities.label_m, held.grids.label_m, held.towns.label_m])


def _table_key(held: CoverageGround, way: _Way, question: ReachQuestion) -> tuple[object, ...]:
    asked = (question.kinds, question.services, question.levels, question.floor_area_m2, question.open_at)
    return held.stamp, way.network_id, way.limit_m, way.detour, repr(asked)


def _reach(
    conn: Connection, way: _Way, question: ReachQuestion, *, progress: Progress | None, stop: Stop | None
) -> tuple[FacilitySet, tuple[ReachFinding, ...], Reached]:
    found, odd = _chosen(conn, question)
    reached = way.reached(found.point_m, progress=progress, stop=stop)
    return found, (*odd, *_of_facilities(way, found, reached)), reached


def _of_facilities(way: _Way, found: FacilitySet, reached: Reached) -> list[ReachFinding]:
    """What is odd about where facilities are."""
    odd = []
    outside = np.flatnonzero(way.ground.cell_at(found.point) < 0)
    if len(outside):
        odd.append(finding("outside_city", **_which(found, outside)))
    if reached.sources is None:
        return odd
    far, apart = np.flatnonzero(reached.sources.edge < 0), np.flatnonzero(reached.sources.island > 0)
    if len(far):
        odd.append(finding("far_from_streets", metres=int(LEG_AT_MOST_M), **_which(found, far)))
    if len(apart):
        odd.append(finding("facilities_on_islands", **_which(found, apart)))
    return odd


def _which(found: FacilitySet, at: Ints) -> dict[str, Any]:
    names = some_names([found.name[i] for i in at.tolist()])
    return {"names": names, "ids": tuple(found.id[at].tolist()), "count": len(at)}


def _of_network(way: _Way) -> tuple[ReachFinding, ...]:
    """Whether the network lies where the city lies, and not where another datum would put it; judged once."""
    network = way.network
    if network is None:
        return ()
    return _shifts.get((way.ground.stamp, way.network_id), lambda: _shifted(way.ground, network))


def _shifted(held: CoverageGround, network: WalkingNetwork) -> tuple[ReachFinding, ...]:
    borders = shapely.get_coordinates(held.shape)
    shift = shift_of(edges_m(network), borders, metric_srid=held.metric_srid)
    if shift is None:
        return ()
    datum = shift.datum.value.upper()
    return (finding("network_shifted", datum=datum, before_m=round(shift.before_m), after_m=round(shift.after_m)),)


def _of_places(way: _Way, scope: Flags) -> list[ReachFinding]:
    """What is odd about where residents live."""
    people = way.ground.population
    odd = []
    if not people[scope].sum():
        odd.append(finding("nobody_lives_here"))
    if way.cells is None:
        return odd
    far, apart = scope & (way.cells.edge < 0), scope & (way.cells.island > 0)
    if far.any():
        odd.append(finding("cells_far_from_streets", metres=int(LEG_AT_MOST_M), **_who(far, people)))
    if apart.any():
        odd.append(finding("cells_on_islands", **_who(apart, people)))
    return odd


def _who(where: Flags, people: Ints) -> dict[str, Any]:
    return {"count": int(where.sum()), "residents": int(people[where].sum())}
