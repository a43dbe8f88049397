"""The map of coverage: basic units in bands of distance, what nobody serves, and the facilities above."""

from typing import Any, Final

from layers import areas, cells
from layers.basemap import NONE, Basemap, tile_layers
from layers.map_parts import MAX_ZOOM, Bbox, MapParts, add_pane, empty_map, taken_apart
from layers.palette import sequential
from layers.vector_tiles import VectorTiles

MOST_BANDS: Final = 6
# Near is dark: the same water for all who are served, another hue for those who are not. The palest class would pass for paper.
WITHIN: Final = {bands: sequential("water", bands + 1)[:0:-1] for bands in range(1, MOST_BANDS + 1)}
BEYOND: Final = "#f6bc7c"
UNREACHED: Final = "#dd6a34"
EMPTY: Final = "#f3f4f6"
GAINED: Final = "#009e73"
LOST: Final = "#a8467e"


def coverage_map(
    *,
    bbox: Bbox,
    tiles_url: str,
    rights: dict[str, bool],
    basemap: Basemap = NONE,
    language: str = "zh",
    static_url: str = "/static",
) -> MapParts:
    """The map of the page of coverage; the page's script colours the cells and draws the facilities.

    ``bbox`` is that of the city, west, south, east, north in degrees (CGCS2000). ``rights`` says what the reader may do. Raises
    UnknownAsset if Folium brings something new.
    """
    map_ = empty_map(bbox, name="coverage")
    add_pane(map_, "basemap", z_index=150)
    add_pane(map_, "circles", z_index=300)
    add_pane(map_, "gaps", z_index=320)
    add_pane(map_, "points", z_index=450)
    for layer in tile_layers(basemap, max_zoom=MAX_ZOOM):
        layer.add_to(map_)
    VectorTiles(
        "division",
        sources=[cells.source(tiles_url, min_zoom=cells.LEAST_ZOOM_OF_FILLS), areas.source(tiles_url)],
        paints=[*cells.fills(), *areas.fills(), *areas.borders()],
    ).add_to(map_)
    return taken_apart(
        map_,
        module="coverage_page.js",
        layers=["division"],
        page=_page_options(bbox, rights=rights, basemap=basemap, language=language),
        static_url=static_url,
        over_basemap=bool(basemap.urls),
    )


def _page_options(bbox: Bbox, *, rights: dict[str, bool], basemap: Basemap, language: str) -> dict[str, Any]:
    return {
        "bbox": bbox,
        "language": language,
        "rights": rights,
        "colours": {
            "within": WITHIN, "beyond": BEYOND, "unreached": UNREACHED, "empty": EMPTY, "gained": GAINED, "lost": LOST,
            "reached": sequential("moss", 4)[2],
        },
        "attribution": basemap.attribution,
    }  # fmt: skip
