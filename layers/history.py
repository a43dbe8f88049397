"""The map of the city's plans through the years: one division at a time, what it changed in colour."""

from typing import Any, Final

from layers import areas, grids
from layers.basemap import NONE, Basemap, tile_layers
from layers.map_parts import MAX_ZOOM, Bbox, MapParts, add_pane, empty_map, taken_apart
from layers.vector_tiles import VectorTiles

CHANGED: Final = "#f0a04b"
UNCHANGED: Final = "#f3f5f8"
CHOSEN: Final = "#14508c"


def history_map(*, bbox: Bbox, tiles_url: str, basemap: Basemap = NONE, static_url: str = "/static") -> MapParts:
    """The map of the page of plans; arguments as of ``overview_map``. Its script asks for the tiles of each plan."""
    map_ = empty_map(bbox, name="history")
    add_pane(map_, "basemap", z_index=150)
    add_pane(map_, "chosen", z_index=440)
    for layer in tile_layers(basemap, max_zoom=MAX_ZOOM):
        layer.add_to(map_)
    VectorTiles(
        "division",
        sources=[areas.source(tiles_url), grids.source(tiles_url)],
        paints=[*grids.fills(), *grids.borders(), *areas.borders()],
    ).add_to(map_)
    page: dict[str, Any] = {
        "bbox": bbox,
        "gridTiles": grids.source(tiles_url).url,
        "colours": {"changed": CHANGED, "unchanged": UNCHANGED, "chosen": CHOSEN},
        "basemap": {"shown": bool(basemap.urls), "attribution": basemap.attribution},
    }
    return taken_apart(
        map_, module="history.js", layers=["division"], page=page, static_url=static_url, over_basemap=bool(basemap.urls)
    )
