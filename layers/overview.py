"""The overview: the whole division on one map, as parts for the page's template."""

from typing import Any, Final

from layers import areas, cells, facilities, grids, incidents
from layers.basemap import NONE, Basemap, tile_layers
from layers.map_parts import MAX_ZOOM, Bbox, MapParts, add_pane, empty_map, taken_apart
from layers.palette import marks, ramps
from layers.vector_tiles import VectorTiles

POINTS_MARGIN_PX: Final = 12


def overview_map(
    *, bbox: Bbox, tiles_url: str, basemap: Basemap = NONE, language: str = "zh", static_url: str = "/static"
) -> MapParts:
    """The map of the overview page.

    The view is a rough one: the page itself fits the city between its cards.

    ``bbox`` is west, south, east, north in degrees (CGCS2000); ``tiles_url`` what tile addresses begin with
    (``{tiles_url}/grids/10/835/445.mvt``).
    The same arguments give the same parts, so a page can be cached. Raises UnknownAsset if Folium brings something new.
    """
    map_ = empty_map(bbox, name="overview")
    add_pane(map_, "basemap", z_index=150)
    add_pane(map_, "points", z_index=450)
    for layer in tile_layers(basemap, max_zoom=MAX_ZOOM):
        layer.add_to(map_)
    _division(tiles_url).add_to(map_)
    _points(tiles_url).add_to(map_)
    return taken_apart(
        map_,
        module="overview.js",
        layers=["division", "points"],
        page=_page_options(bbox, basemap=basemap, language=language),
        static_url=static_url,
        over_basemap=bool(basemap.urls),
    )


def _division(tiles_url: str) -> VectorTiles:
    """Fills below, then borders from the finest to the widest unit."""
    return VectorTiles(
        "division",
        sources=[areas.source(tiles_url), grids.source(tiles_url), cells.source(tiles_url)],
        paints=[*grids.fills(), *areas.fills(), *cells.borders(), *grids.borders(), *areas.borders()],
    )


def _points(tiles_url: str) -> VectorTiles:
    return VectorTiles(
        "points",
        sources=[facilities.source(tiles_url), incidents.source(tiles_url)],
        paints=[*incidents.marks(), *facilities.marks()],
        pane="points",
        margin_px=POINTS_MARGIN_PX,
    )


def _page_options(bbox: Bbox, *, basemap: Basemap, language: str) -> dict[str, Any]:
    return {
        "bbox": bbox,
        "language": language,
        "ramps": ramps(),
        "marks": marks(),
        "incidentDays": incidents.DAYS,
        "basemap": {"shown": bool(basemap.urls), "attribution": basemap.attribution},
    }
