"""What is wrong with a plan as it stands: ground lost or claimed twice, islands, grids with too much or too little to do."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from gis.draft_records import EditFinding
from gis.plan_records import Patch
from gis.rules.figures import grid_label
from gis.rules.settling import place

AREA_TOLERANCE_M2 = 1.0
Row = Mapping[str, Any]


def cell_findings(patch: Patch, *, community_m2: Mapping[int, float]) -> Iterator[EditFinding]:
    """Cells that overlap or leave gaps, and cells of no living grid; `community_m2` is the ground that the cells must fill."""
    edges = shapely.coverage_invalid_edges(patch.shape)
    for i in np.flatnonzero(~(shapely.is_empty(edges) | shapely.is_missing(edges))).tolist():
        lon, lat = shapely.get_coordinates(edges[i])[0].tolist()
        message = f"The border of cell {patch.cell[i]} overlaps or misses a neighbour's."
        yield EditFinding("overlap", message, (int(patch.grid[i]),), lon, lat)
    homes, home = np.unique(patch.community, return_inverse=True)
    filled = np.bincount(home, weights=patch.area_m2)
    for i, community in enumerate(homes.tolist()):
        off = filled[i] - community_m2[community]
        if abs(off) > AREA_TOLERANCE_M2:
            message = f"The cells of a community cover {filled[i]:,.0f} of its {community_m2[community]:,.0f} m²."
            yield EditFinding("gap", message, (), *place(patch.shape[home == i][0]))
    alive = np.array([patch.grids[key].alive if key in patch.grids else False for key in patch.grid.tolist()], np.bool_)
    for i in np.flatnonzero(~alive).tolist():
        yield EditFinding("unassigned", f"Cell {patch.cell[i]} belongs to no grid.", (), *place(patch.shape[i]))


def grid_findings(rows: Sequence[Row], *, deviation: float) -> Iterator[EditFinding]:
    """Islands, grids beyond a deviation from the mean of their community, and grids that nobody is posted to."""
    for row in rows:
        name = row["code"] or grid_label(row["key"], row["code"], row["community"])
        parts = shapely.get_parts(shapely.from_geojson(row["shape"]))
        smallest = parts[np.argmin(shapely.area(parts))]
        if len(parts) > 1:
            yield EditFinding("island", f"Grid {name} has {len(parts)} pieces.", (row["key"],), *place(smallest))
        if abs(row["deviation"]) > deviation:
            side = "above" if row["deviation"] > 0 else "below"
            apart = f"{abs(row['deviation']):.0%}".replace("%", " %")
            message = f"Grid {name} has {row['hours']:,.0f} hours a month, {apart} {side} the mean of its community."
            yield EditFinding("over_threshold", message, (row["key"],), *place(smallest), severity="notice")
        if not row["staff"]:
            yield EditFinding("unstaffed", f"Nobody is posted to grid {name}.", (row["key"],), *place(smallest), severity="notice")
