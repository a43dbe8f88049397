"""The map of the workload model: grids coloured by the hours that the weights beside it come to."""

from typing import Any, Final

from layers import areas, grids
from layers.basemap import NONE, Basemap, tile_layers
from layers.map_parts import MAX_ZOOM, Bbox, MapParts, add_pane, empty_map, taken_apart
from layers.palette import DIVERGING, sequential
from layers.vector_tiles import VectorTiles

CLASSES: Final = 6
# Class limits of how much a grid's hours change, as fractions.
CHANGE_LIMITS: Final = (-0.2, -0.1, -0.02, 0.02, 0.1, 0.2)


def workload_map(
    *,
    bbox: Bbox,
    tiles_url: str,
    may_save: bool,
    basemap: Basemap = NONE,
    language: str = "zh",
    static_url: str = "/static",
) -> MapParts:
    """The map of the page of the workload model; the page's script colours the grids.

    ``bbox`` is that of the city, west, south, east, north in degrees (CGCS2000). ``may_save`` says that the reader may save a
    version. Raises UnknownAsset if Folium brings something new.
    """
    map_ = empty_map(bbox, name="workload")
    add_pane(map_, "basemap", z_index=150)
    for layer in tile_layers(basemap, max_zoom=MAX_ZOOM):
        layer.add_to(map_)
    VectorTiles(
        "division",
        sources=[areas.source(tiles_url), grids.source(tiles_url)],
        paints=[*grids.fills(), *grids.borders(), *areas.borders()],
    ).add_to(map_)
    return taken_apart(
        map_,
        module="workload_page.js",
        layers=["division"],
        page=_page_options(bbox, basemap=basemap, language=language, may_save=may_save),
        static_url=static_url,
        over_basemap=bool(basemap.urls),
    )


def _page_options(bbox: Bbox, *, basemap: Basemap, language: str, may_save: bool) -> dict[str, Any]:
    return {
        "bbox": bbox,
        "language": language,
        "maySave": may_save,
        "colours": {"hours": sequential("ember", CLASSES), "change": DIVERGING},
        "changeLimits": CHANGE_LIMITS,
        "attribution": basemap.attribution,
    }
