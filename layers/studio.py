"""The studio's map: areas' borders from tiles; the draft itself is drawn by the page's script, which changes it all day."""

from typing import Any, Final

from layers import areas
from layers.basemap import NONE, Basemap, tile_layers
from layers.map_parts import MAX_ZOOM, Bbox, MapParts, add_pane, empty_map, taken_apart
from layers.palette import DIVERGING, sequential
from layers.vector_tiles import VectorTiles

# Class limits of a grid's deviation from the mean of its community, as fractions.
DEVIATION_LIMITS: Final = (-0.5, -0.25, -0.1, 0.1, 0.25, 0.5)
CLASSES: Final = 6
RAMP_OF_MEASURE: Final = {
    "hours": "ember",
    "population": "water",
    "incidents": "plum",
    "compactness": "moss",
    "area": "slate",
}
CHANGED_COLOURS: Final = {"same": "#e4e7eb", "changed": "#e0a33e", "new": "#0072b2"}


def studio_map(
    *, plan_id: int, bbox: Bbox, tiles_url: str, basemap: Basemap = NONE, language: str = "zh", static_url: str = "/static"
) -> MapParts:
    """The map of the page of one plan: grids below the areas' borders, what is being drawn above.

    ``bbox`` is that of the city, west, south, east, north in degrees (CGCS2000). Raises UnknownAsset if Folium brings
    something new.
    """
    map_ = empty_map(bbox, name="studio")
    add_pane(map_, "basemap", z_index=150)
    add_pane(map_, "grids", z_index=180)
    add_pane(map_, "drawing", z_index=450)
    for layer in tile_layers(basemap, max_zoom=MAX_ZOOM):
        layer.add_to(map_)
    VectorTiles("division", sources=[areas.source(tiles_url)], paints=areas.borders()).add_to(map_)
    return taken_apart(
        map_,
        module="studio.js",
        layers=["division"],
        page=_page_options(plan_id, bbox, basemap=basemap, language=language),
        static_url=static_url,
        over_basemap=bool(basemap.urls),
    )


def _page_options(plan_id: int, bbox: Bbox, *, basemap: Basemap, language: str) -> dict[str, Any]:
    return {
        "id": plan_id,
        "bbox": bbox,
        "language": language,
        "colours": {
            "deviation": DIVERGING,
            "changed": CHANGED_COLOURS,
            **{measure: sequential(ramp, CLASSES) for measure, ramp in RAMP_OF_MEASURE.items()},
        },
        "deviationLimits": DEVIATION_LIMITS,
        "basemap": {"shown": bool(basemap.urls), "attribution": basemap.attribution},
    }
