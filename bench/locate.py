"""Placing points: our raster index against the usual joins, in one run on one made-up city.

Throughput is per second of processor time, so that an engine with many threads gains nothing by them alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import shapely

from bench.city import LATTICES, Floats, a_coverage, some_points
from bench.locate_peers import Peer, Polygons, PostGIS, peers_for
from bench.processor import (
    Clock,
    Work,
    forget_peak,
    interleaved_medians,
    memory_mb,
    own_cpu_s,
    peak_mb,
    spent_s,
    wall_s,
)
from bench.report import TARGET, Comparison, figure, higher_is_better, lower_is_better
from gis.rules.placing import PlacingIndex, compile_kernels

BENCH = "locate"
SEED = 20_260_101
OURS = "ours"
LEAST_RATIO = {"geopandas sjoin": 40.0, "PostGIS ST_Covers join": 60.0}
LEAST_PER_CPU_S = 20e6
MOST_ONE_US = 3.0
ON_AN_EDGE_DEG = 1e-9


def run(*, quick: bool) -> list[Comparison]:
    """All comparisons; ``quick`` takes 500,000 points and the two smaller cities."""
    compile_kernels()
    polygons = a_coverage(2_958, seed=SEED)
    lon, lat = some_points(500_000 if quick else 2_000_000, seed=SEED + 1)
    index = PlacingIndex.build(polygons)
    peers = peers_for(polygons, lon, lat)
    results = throughput(index, peers, lon, lat, rounds=3 if quick else 5)
    for peer in peers:
        if isinstance(peer, PostGIS):
            results += disagreements(index, peer, polygons, lon, lat)
    results += edges(index, polygons)
    results += one_point(index, polygons, lon, lat)
    results += on_disk(index, lon, lat)
    return results + growth(list(LATTICES)[: 2 if quick else 3])


def throughput(index: PlacingIndex, peers: list[Peer], lon: Floats, lat: Floats, *, rounds: int) -> list[Comparison]:
    """Million points per CPU second, against every peer and against the promised figure."""
    contestants: dict[str, tuple[Work, Clock]] = {OURS: (lambda: index.place(lon, lat), own_cpu_s)}
    contestants |= {peer.name: (peer.join, peer.clock) for peer in peers}
    seconds = interleaved_medians(contestants, rounds=rounds)
    speed = {name: len(lon) / spent / 1e6 for name, spent in seconds.items()}
    case, unit = f"{len(lon):,} points, 2,958 grids", "million/CPU s"
    results = [higher_is_better(BENCH, case, TARGET, speed[OURS], LEAST_PER_CPU_S / 1e6, unit=unit, target=1.0)]
    for peer in peers:
        least = LEAST_RATIO.get(peer.name)
        results.append(higher_is_better(BENCH, case, peer.name, speed[OURS], speed[peer.name], unit=unit, target=least))
    return results


def disagreements(
    index: PlacingIndex, postgis: PostGIS, polygons: Polygons, lon: Floats, lat: Floats
) -> list[Comparison]:
    """Points further than 1e-9 degree from every edge that PostGIS places elsewhere."""
    ours = index.place(lon, lat).astype(np.int64)
    points, grids = postgis.pairs()
    theirs = np.full(len(lon), -1)
    theirs[points] = grids
    differing = np.flatnonzero(ours != theirs)
    sides = shapely.STRtree(shapely.boundary(polygons))
    near, _ = sides.query(shapely.points(lon[differing], lat[differing]), predicate="dwithin", distance=ON_AN_EDGE_DEG)
    wrong = len(differing) - len(np.unique(near))
    case = f"points placed differently, of {len(lon):,} ({len(np.unique(near))} on edges left out)"
    return [lower_is_better(BENCH, case, postgis.name, wrong, 0, unit="points", target=1.0)]


def edges(index: PlacingIndex, polygons: Polygons) -> list[Comparison]:
    """Corners and exact midpoints of sides: the share that has exactly one grid, ours against ST_Covers as GEOS has
    it."""
    lon, lat = edge_points(polygons)
    ours = index.place(lon, lat)
    points = shapely.points(lon, lat)
    touching = (ours >= 0) & shapely.dwithin(polygons[ours], points, ON_AN_EDGE_DEG)
    claimed, _ = shapely.STRtree(polygons).query(points, predicate="covered_by")
    once = np.bincount(claimed, minlength=len(lon)) == 1
    case = f"{len(lon):,} corners and midpoints with exactly one grid"
    return [
        higher_is_better(BENCH, case, TARGET, float(touching.mean()), 1.0, unit="share", target=1.0),
        higher_is_better(BENCH, case, "GEOS covers", float(touching.mean()), float(once.mean()), unit="share"),
    ]


def edge_points(polygons: Polygons) -> tuple[Floats, Floats]:
    """Every corner and the middle of every side: corners are multiples of 1e-8 degree, so both are exact in 1e-9."""
    corners, ring = shapely.get_coordinates(polygons, return_index=True)
    units = np.rint(corners * 1e9).astype(np.int64)
    middles = ((units[1:] + units[:-1]) // 2)[ring[1:] == ring[:-1]]
    at = np.unique(np.vstack([units, middles]), axis=0)
    return at[:, 0] / 1e9, at[:, 1] / 1e9


def one_point(index: PlacingIndex, polygons: Polygons, lon: Floats, lat: Floats) -> list[Comparison]:
    """CPU microseconds for one look-up from Python, against the target and a prepared STRtree."""
    places = list(zip(lon[:20_000].tolist(), lat[:20_000].tolist(), strict=True))
    tree, points = shapely.STRtree(polygons), np.asarray(shapely.points(lon[:20_000], lat[:20_000]))
    shapely.prepare(polygons)

    def ours() -> None:
        for x, y in places:
            index.place_one(x, y)

    def theirs() -> None:
        for point in points:
            tree.query(point, predicate="within")

    seconds = interleaved_medians({OURS: (ours, own_cpu_s), "tree": (theirs, own_cpu_s)}, rounds=5)
    ours_us, theirs_us = (seconds[name] / len(places) * 1e6 for name in (OURS, "tree"))
    return [
        lower_is_better(BENCH, "one point in process", TARGET, ours_us, MOST_ONE_US, unit="CPU us", target=1.0),
        lower_is_better(BENCH, "one point in process", "shapely STRtree", ours_us, theirs_us, unit="CPU us"),
    ]


def on_disk(index: PlacingIndex, lon: Floats, lat: Floats) -> list[Comparison]:
    """Size of the file, time to open it, and throughput of a mapped index, which web workers share."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.placing"
        saving_s = wall_s(lambda: index.save(path))
        mapped = PlacingIndex.load(path)
        opening_s = wall_s(lambda: PlacingIndex.load(path))
        mapped.place(lon, lat)
        mapped_s = spent_s(lambda: mapped.place(lon, lat))
        in_memory_s = spent_s(lambda: index.place(lon, lat))
        size_mb = path.stat().st_size / 1e6
    million = len(lon) / 1e6
    return [
        figure(BENCH, "index on disk", size_mb, unit="MB"),
        figure(BENCH, "saving", saving_s * 1e3, unit="ms"),
        figure(BENCH, "opening, memory-mapped", opening_s * 1e3, unit="ms"),
        higher_is_better(
            BENCH, "memory-mapped", "in memory", million / mapped_s, million / in_memory_s, unit="million/CPU s"
        ),
    ]


def growth(sizes: list[int]) -> list[Comparison]:
    """Build time, memory and throughput for cities of more and smaller grids, each in a process of its own for its
    peak."""
    results = []
    for n_grids in sizes:
        command = [sys.executable, "-c", f"from bench.locate import report_growth; report_growth({n_grids})"]
        facts = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        results += [figure(BENCH, f"{n_grids:,} grids: {name}", value, unit=unit) for name, value, unit in facts]
    return results


def report_growth(n_grids: int) -> None:
    """Print the figures of one size as JSON; runs in the child process."""
    compile_kernels()
    polygons = a_coverage(n_grids, seed=SEED)
    lon, lat = some_points(1_000_000, seed=SEED + 1)
    forget_peak()
    before_mb = memory_mb()
    built: list[PlacingIndex] = []
    build_s = spent_s(lambda: built.append(PlacingIndex.build(polygons)))
    building_mb = peak_mb() - before_mb
    index = built[0]
    place_s = interleaved_medians({OURS: (lambda: index.place(lon, lat), own_cpu_s)}, rounds=5)[OURS]
    facts = [
        ("build", build_s, "CPU s"),
        ("memory while building", building_mb, "MB"),
        ("index", index.nbytes / 1e6, "MB"),
        ("cell", index.cell_m, "m"),
        ("throughput", len(lon) / place_s / 1e6, "million/CPU s"),
    ]
    print(json.dumps(facts))
