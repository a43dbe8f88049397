"""Coverage: our searches and counts against graph libraries, PostGIS, overlay and data frames, in one run on one made-up city.

Seconds of processor time, so that threads gain nothing by themselves; whole audits in seconds on the wall, as people wait.
"""

from __future__ import annotations

import numpy as np

from bench.coverage_city import KINDS, City, a_city, dense_streets, streets_of
from bench.coverage_peers import PostGIS, SciPy, graph_of, ground_by_overlay, peers_for, two_step_by_tables
from bench.processor import Clock, Work, interleaved_medians, own_cpu_s, spent_s, wall_s
from bench.report import TARGET, Comparison, figure, higher_is_better, lower_is_better, skipped
from gis.records import Floats
from gis.rules import accessibility, compiling, cover, radius, walking
from gis.rules.walking_network import DM_PER_M, Snapped, WalkingNetwork

BENCH = "coverage"
SEED = 20_260_101
LIMIT_M, REACH_M, RADIUS_M = 1_250.0, 500.0, 1_000.0
LEAST_RATIO = {"scipy csgraph.dijkstra": 2.5, "igraph": 12.0}
MOST_AUDIT_S = {1_000: 1.0, 10_000: 2.0}
MOST_GROUND_S = {1_000: 2.0, 10_000: 5.0}
MOST_DRAG_MS = 5.0
OVERLAID = 2_000
THREADS = 2


def run(*, quick: bool) -> list[Comparison]:
    """All comparisons; ``quick`` leaves networkx and 10,000 facilities by scipy out."""
    compiling.compile_all()
    city = a_city(seed=SEED)
    along_borders, rounds = streets_of(city), 2 if quick else 5
    results: list[Comparison] = []
    for name, network in (("borders of cells", along_borders), ("dense streets", dense_streets(seed=SEED))):
        results += nearest(name, network, city, rounds=rounds, quick=quick)
    results += all_pairs(along_borders, city, quick=quick)
    for count in MOST_AUDIT_S:
        results += [audit(along_borders, city, count, rounds=rounds), ground_audit(city, count)]
    return [
        *results,
        *ground_against_overlay(city),
        *circles(city, rounds=rounds),
        *two_step(city, rounds),
        dragged(along_borders, city),
    ]


def nearest(name: str, network: WalkingNetwork, city: City, *, rounds: int, quick: bool) -> list[Comparison]:
    """The nearest of 1,000 facilities of every cell, and whether all agree who is within the limit."""
    facilities, cells = snapped(network, city.facilities(1_000, seed=SEED)), snapped(network, city.point_m)
    peers = peers_for(graph_of(network, facilities, cells), limit_dm=int(LIMIT_M * DM_PER_M), quick=quick)
    ours: Work = lambda: walking.nearest(network, facilities, cells, limit_m=LIMIT_M)  # noqa: E731
    contestants: dict[str, tuple[Work, Clock]] = {"ours": (ours, own_cpu_s)}
    contestants |= {peer.name: (peer.nearest_dm, own_cpu_s) for peer in peers}
    ms = {who: 1000 * seconds for who, seconds in interleaved_medians(contestants, rounds=rounds).items()}
    case = f"nearest of 1,000, {name}: {len(network.xy_m):,} nodes, {len(network.start):,} edges"
    found_m = walking.nearest(network, facilities, cells, limit_m=LIMIT_M)[0]
    results = []
    for peer in peers:
        least = LEAST_RATIO.get(peer.name)
        results.append(lower_is_better(BENCH, case, peer.name, ms["ours"], ms[peer.name], unit="ms", target=least))
        same = float((np.isfinite(found_m) == (peer.nearest_dm() <= LIMIT_M * DM_PER_M)).mean())
        results.append(
            higher_is_better(BENCH, f"{name}: cells with the same verdict", peer.name, same, 1.0, unit="share", target=1.0)
        )
    return results


def all_pairs(network: WalkingNetwork, city: City, *, quick: bool) -> list[Comparison]:
    """All pairs of a facility and a cell within the limit."""
    cells, results = snapped(network, city.point_m), []
    for count in (1_000,) if quick else (1_000, 10_000):
        facilities = snapped(network, city.facilities(count, seed=SEED))
        peer, found = SciPy(graph_of(network, facilities, cells), int(LIMIT_M * DM_PER_M)), [0, 0]

        def ours(facilities: Snapped = facilities, found: list[int] = found) -> None:
            found[0] = len(walking.pairs(network, facilities, cells, limit_m=LIMIT_M).cell)

        def theirs(peer: SciPy = peer, found: list[int] = found) -> None:
            found[1] = peer.pairs()

        ms = interleaved_medians({"ours": (ours, own_cpu_s), "theirs": (theirs, own_cpu_s)}, rounds=1)
        case = f"pairs within {LIMIT_M:,.0f} m, {count:,} facilities"
        results.append(lower_is_better(BENCH, case, peer.name, 1000 * ms["ours"], 1000 * ms["theirs"], unit="ms", target=2.5))
        results.append(
            lower_is_better(BENCH, f"{case}: missed or too many", peer.name, abs(found[0] - found[1]), 0, unit="pairs", target=1.0)
        )
    return results


def audit(network: WalkingNetwork, city: City, count: int, *, rounds: int) -> Comparison:
    """Ten kinds audited on foot, one after the other: residents, communities, grids, k, nearest, places per resident."""
    points, cells = city.facilities(count, seed=SEED), snapped(network, city.point_m)
    walking.pairs(network, snapped(network, points[:1]), cells, limit_m=LIMIT_M)

    def audited() -> None:
        for kind in range(KINDS):
            facilities = snapped(network, points[kind::KINDS])
            table = walking.pairs(network, facilities, cells, limit_m=LIMIT_M, threads=THREADS)
            metres, _ = cover.nearest(table)
            places = np.full(len(facilities.edge), 100.0)
            accessibility.two_step(table, places=places, residents=city.residents)
            accessibility.graded_two_step(table, places=places, residents=city.residents, limit_m=LIMIT_M)
            counted(city, (cover.counts(table) >= 1).astype(float), metres)

    seconds = float(np.median([wall_s(audited) for _ in range(rounds)]))
    return lower_is_better(
        BENCH, f"audit of ten kinds on foot, {count:,} facilities", TARGET, seconds, MOST_AUDIT_S[count], unit="s", target=1.0
    )


def ground_audit(city: City, count: int) -> Comparison:
    """Ten kinds audited by the exact ground within a kilometre."""
    points = city.facilities(count, seed=SEED)

    def audited() -> None:
        for kind in range(KINDS):
            share = radius.ground(city.shape_m, points[kind::KINDS], radius_m=RADIUS_M)
            counted(city, share, radius.nearest(points[kind::KINDS], city.point_m, limit_m=RADIUS_M)[0])

    case = f"audit of ten kinds by exact ground, {count:,} facilities"
    return lower_is_better(BENCH, case, TARGET, wall_s(audited), MOST_GROUND_S[count], unit="s", target=1.0)


def counted(city: City, covered: Floats, metres: Floats) -> None:
    """Sums by community and grid, as an audit states them."""
    cells = cover.CellCover(city.residents, city.residents // 3, np.ones(len(covered)), covered, metres)
    for unit in (city.community, city.grid):
        sums = cover.by_unit(cells, unit, n_units=int(unit.max()) + 1)
        cover.units_covered("share", sums, centre_within=sums.cells, share=0.9)


def ground_against_overlay(city: City) -> list[Comparison]:
    """The exact ground of some cells against overlaying each with the circles that touch it."""
    shapes, points = city.shape_m[:OVERLAID], city.facilities(1_000, seed=SEED)
    exact, overlaid = [], []
    seconds = interleaved_medians({
        "ours": (lambda: exact.append(radius.ground(shapes, points, radius_m=RADIUS_M)), own_cpu_s),
        "theirs": (lambda: overlaid.append(ground_by_overlay(shapes, points, radius_m=RADIUS_M)), own_cpu_s),
    }, rounds=1)  # fmt: skip
    case, peer = f"exact ground of {OVERLAID:,} cells, 1,000 circles", "overlay of every cell (GEOS)"
    off = float(np.abs(exact[-1] - overlaid[-1]).max())
    return [
        lower_is_better(BENCH, case, peer, 1000 * seconds["ours"], 1000 * seconds["theirs"], unit="ms"),
        figure(BENCH, f"{case}: most that a share differs (theirs has polygons for circles)", off, unit="share"),
    ]


def circles(city: City, *, rounds: int) -> list[Comparison]:
    """All pairs within a straight kilometre, against PostGIS."""
    points, results = city.facilities(1_000, seed=SEED), []
    try:
        peer = PostGIS(points, city.point_m, limit_m=RADIUS_M)
    except (ImportError, RuntimeError) as refusal:
        skipped(BENCH, PostGIS.name, str(refusal))
        return results
    contestants: dict[str, tuple[Work, Clock]] = {
        "ours": (lambda: radius.pairs(points, city.point_m, limit_m=RADIUS_M), own_cpu_s), "theirs": (peer.pairs, peer.clock),
    }  # fmt: skip
    ms = {who: 1000 * seconds for who, seconds in interleaved_medians(contestants, rounds=rounds).items()}
    case = "pairs within a radius of 1,000 m, 1,000 facilities"
    more = abs(len(radius.pairs(points, city.point_m, limit_m=RADIUS_M).cell) - peer.pairs())
    return [
        lower_is_better(BENCH, case, peer.name, ms["ours"], ms["theirs"], unit="ms"),
        lower_is_better(BENCH, f"{case}: missed or too many", peer.name, more, 0, unit="pairs", target=1.0),
    ]


def two_step(city: City, rounds: int) -> list[Comparison]:
    """2SFCA from a table of pairs, against data frames."""
    results = []
    for count in MOST_AUDIT_S:
        table = radius.pairs(city.facilities(count, seed=SEED), city.point_m, limit_m=RADIUS_M)
        facility, places = cover.facility_of_pair(table), np.full(count, 100.0)
        contestants: dict[str, tuple[Work, Clock]] = {
            "ours": (lambda: accessibility.two_step(table, places=places, residents=city.residents), own_cpu_s),  # noqa: B023
            "theirs": (lambda: two_step_by_tables(facility, table.cell, places, city.residents), own_cpu_s),  # noqa: B023
        }
        ms = {who: 1000 * seconds for who, seconds in interleaved_medians(contestants, rounds=rounds).items()}
        case, peer = f"2SFCA, {count:,} facilities, {len(table.cell):,} pairs", "pandas joins (as PySAL access)"
        results.append(lower_is_better(BENCH, case, peer, ms["ours"], ms["theirs"], unit="ms"))
        ours = accessibility.two_step(table, places=places, residents=city.residents)
        off = float(np.abs(ours - two_step_by_tables(facility, table.cell, places, city.residents)).max())
        results.append(figure(BENCH, f"{case}: most that it differs", off, unit="places per resident"))
    return results


def dragged(network: WalkingNetwork, city: City) -> Comparison:
    """One facility in 200 new places, one after the other: its street, and everybody whom it reaches."""
    cells, points = snapped(network, city.point_m), city.facilities(200, seed=SEED + 1)

    def drag() -> None:
        for point in points:
            walking.pairs(network, snapped(network, point), cells, limit_m=LIMIT_M)

    drag()
    return lower_is_better(
        BENCH, "a dragged facility", TARGET, 1000 * spent_s(drag) / len(points), MOST_DRAG_MS, unit="ms", target=1.0
    )


def snapped(network: WalkingNetwork, points_m: Floats) -> Snapped:
    """Places on their streets."""
    return walking.snap(network, points_m, reach_m=REACH_M)
