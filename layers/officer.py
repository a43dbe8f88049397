"""The map of an officer's phone: borders of grids from tiles; the page's script puts the patrol's places and the officer on it."""

from typing import Final

from layers import areas, grids
from layers.basemap import NONE, Basemap, tile_layers
from layers.map_parts import MAX_ZOOM, Bbox, MapParts, add_pane, empty_map, taken_apart
from layers.vector_tiles import VectorTiles

# The way on foot, what comes next, what comes later, and the officer. Strong enough for a bright day.
COLOURS: Final = {"way": "#14508c", "next": "#b3341b", "later": "#14508c", "me": "#0a6b3d"}


def officer_map(*, bbox: Bbox, tiles_url: str, login: str, basemap: Basemap = NONE, static_url: str = "/static") -> MapParts:
    """The small map of a patrol over ``bbox`` (degrees, CGCS2000). Raises UnknownAsset if Folium brings something new.

    ``login`` says whose page it is: what waits on the phone is kept by it.
    """
    map_ = empty_map(bbox, name="officer")
    add_pane(map_, "basemap", z_index=150)
    for layer in tile_layers(basemap, max_zoom=MAX_ZOOM):
        layer.add_to(map_)
    VectorTiles(
        "division",
        sources=[areas.source(tiles_url), grids.source(tiles_url)],
        paints=[*grids.borders(), *areas.borders()],
    ).add_to(map_)
    page = {"bbox": bbox, "login": login, "colours": COLOURS, "attribution": basemap.attribution}
    return taken_apart(
        map_, module="officer.js", layers=["division"], page=page, static_url=static_url, over_basemap=bool(basemap.urls)
    )
