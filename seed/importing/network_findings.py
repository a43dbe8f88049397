"""What is wrong with a walking network: of another city, in another datum, in parts, away from where people live."""

import numpy as np
import shapely

from gis.records import CellColumns, Flags, Floats
from gis.rules.findings import ERROR, NOTICE, Finding
from gis.rules.network_fit import shift_of
from gis.rules.streets import edges_m
from gis.rules.walking import snap
from gis.rules.walking_network import DM_PER_M, WalkingNetwork
from gis.rules.zones import WGS84, project

OFF_NETWORK_M = 500.0
RESIDENTS_TOLD_FRACTION = 0.01
"""Fewer residents away from streets are not worth a finding: every city has some."""
ISLANDS_NAMED = 20
DATUMS = {"gcj02": "GCJ-02", "bd09": "BD-09"}


def network_findings(network: WalkingNetwork, blocks: CellColumns) -> list[Finding]:
    """How a network suits the cells of a city: its datum, residents off it or on a part that is cut off, its parts."""
    return [*_shifted(network, blocks), *_residents(network, blocks), *_islands(network)]


def elsewhere(bounds: Floats, around: Floats, *, around_m: float) -> Finding:
    """A network of another city, or with its coordinates the wrong way round. `bounds` (n, 4) in degrees are those of its lines."""
    west, south, east, north = *bounds[:, :2].min(axis=0), *bounds[:, 2:].max(axis=0)
    swapped = shapely.intersects(shapely.box(south, west, north, east), shapely.box(*around))
    says = (
        f"No street lies in the city or within {around_m:,.0f} m of it. The file reaches from {west:.4f}, {south:.4f} to "
        f"{east:.4f}, {north:.4f}, the city from {around[0]:.4f}, {around[1]:.4f} to {around[2]:.4f}, {around[3]:.4f}. "
    )
    why = "Longitude and latitude are swapped." if swapped else "Is it another city's, or is its coordinate system wrong?"
    return Finding("network_elsewhere", ERROR, (), (), says + why)


def _shifted(network: WalkingNetwork, blocks: CellColumns) -> list[Finding]:
    """Streets in another datum than the city: walks from wrong places would all be wrong, and nobody would see it."""
    shift = shift_of(edges_m(network), shapely.get_coordinates(blocks.shape), metric_srid=network.metric_srid)
    if shift is None:
        return []
    name, option = DATUMS[shift.datum.value], f"--datum {shift.datum.value}"
    before, after = f"{shift.before_m:,.0f} m", f"{shift.after_m:,.0f} m"
    says = f"The borders of the city's cells lie {before} from the nearest street (median), and {after} "
    if shift.undone:
        says += (
            f"once the shift of {name} is taken off the cells: the file was read as {name} and is not, or the city's own cells are "
            f"in {name}. Leave the datum out, or bring the cells in again with {option}."
        )
    else:
        says += f"if the file is taken for {name}: it looks like {name}. Read it with {option}."
    return [Finding("network_shifted", ERROR, (), (), says, amount=shift.before_m)]


def _residents(network: WalkingNetwork, blocks: CellColumns) -> list[Finding]:
    """Residents whom the network does not reach, or who walk on a part of it that is cut off."""
    places = project(shapely.point_on_surface(blocks.shape), to=network.metric_srid)
    snapped = snap(network, shapely.get_coordinates(places), reach_m=OFF_NETWORK_M)
    off, cut_off = snapped.edge < 0, snapped.island > 0
    if off.all():
        says = f"Nobody lives within {OFF_NETWORK_M:,.0f} m of a street in it. Is its coordinate system right (GCJ-02, BD-09)?"
        return [Finding("off_network", ERROR, (), (), says, amount=float(blocks.population.sum()))]
    away = f"live more than {OFF_NETWORK_M:,.0f} m from every street in it: on foot they reach nothing"
    apart = "live by streets that are not connected to the rest: they reach only what is there too"
    return [*_some_residents("off_network", off, away, blocks), *_some_residents("on_islands", cut_off, apart, blocks)]


def _some_residents(rule: str, which: Flags, where: str, blocks: CellColumns) -> list[Finding]:
    """A finding of residents, placed where most of them live; without residents cells are counted."""
    people = blocks.population if blocks.population.any() else np.ones(len(blocks.ids), dtype=np.int64)
    count, fraction = int(people[which].sum()), people[which].sum() / people.sum()
    if fraction <= RESIDENTS_TOLD_FRACTION:
        return []
    most = shapely.point_on_surface(blocks.shape[int(np.argmax(np.where(which, people, -1)))])
    says = f"{count:,} residents ({fraction:.1%}; {int(which.sum()):,} cells) {where}. The most populous of their cells is here."
    return [Finding(rule, NOTICE, (), (), says, amount=float(count), lon=most.x, lat=most.y)]


def _islands(network: WalkingNetwork) -> list[Finding]:
    """The parts that a network falls into, the longest named with their places."""
    length_m = np.bincount(network.island[network.start], weights=network.length_dm) / DM_PER_M
    if len(length_m) < 2:
        return []
    _, first = np.unique(network.island, return_index=True)
    where = np.array([shapely.Point(xy) for xy in network.xy_m[first[1 : ISLANDS_NAMED + 1]]], dtype=object)
    lonlat = shapely.get_coordinates(project(where, to=WGS84, source=network.metric_srid)).tolist()
    says = [f"A part of {metres:,.0f} m is connected to nothing else." for metres in length_m[1 : ISLANDS_NAMED + 1]]
    held = length_m[0] / length_m.sum()
    says[0] = f"The network is in {len(length_m):,} parts; {held:.1%} of its length hangs together. {says[0]}"
    return [
        Finding("network_apart", NOTICE, (), (), told, amount=float(metres), lon=lon, lat=lat)
        for told, metres, (lon, lat) in zip(says, length_m[1:], lonlat, strict=False)
    ]
