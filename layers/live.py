"""The dispatcher's map: borders from tiles; cases, officers and heat are drawn by the page's script, which moves them all day."""

from collections.abc import Sequence
from typing import Any, Final

from layers import areas, grids
from layers.basemap import NONE, Basemap, tile_layers
from layers.map_parts import MAX_ZOOM, Bbox, MapParts, add_pane, empty_map, taken_apart
from layers.vector_tiles import VectorTiles

# The stages of a case by colour, each with a sign of its own too: waiting for dispatch, in hand, to be verified, suspended.
STAGE_COLOURS: Final = {"waiting": "#d55e00", "in_hand": "#0072b2", "to_verify": "#009e73", "suspended": "#5f6c7d"}
# What is drawn by the script, from the lowest to the uppermost.
PANES: Final = {"heat": 440, "cases": 450}


def live_map(
    *,
    bbox: Bbox,
    tiles_url: str,
    kinds: Sequence[str],
    me: dict[str, Any],
    basemap: Basemap = NONE,
    language: str = "zh",
    static_url: str = "/static",
) -> MapParts:
    """The map of the live page; arguments as of ``overview_map``.

    ``kinds`` are the kinds of events that the page hears; ``me`` says whose page it is: ``command`` (code of the area whose queue
    is one's own, or None), ``department``, ``area`` (code, level, name) and its ``bbox``. Raises UnknownAsset if Folium brings
    something new.
    """
    map_ = empty_map(bbox, name="live")
    map_.options["zoom_snap"] = 1  # between whole zooms every tile is scaled at every frame; this map is moved all day
    add_pane(map_, "basemap", z_index=150)
    for pane, z_index in PANES.items():
        add_pane(map_, pane, z_index=z_index)
    for layer in tile_layers(basemap, max_zoom=MAX_ZOOM):
        layer.add_to(map_)
    VectorTiles(
        "division",
        sources=[areas.source(tiles_url), grids.source(tiles_url)],
        paints=[*grids.borders(), *areas.borders()],
    ).add_to(map_)
    page = {
        "bbox": bbox,
        "language": language,
        "colours": STAGE_COLOURS,
        "kinds": list(kinds),
        "me": me,
        "basemap": {"shown": bool(basemap.urls), "attribution": basemap.attribution},
    }
    return taken_apart(
        map_, module="live.js", layers=["division"], page=page, static_url=static_url, over_basemap=bool(basemap.urls)
    )
