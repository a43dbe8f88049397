"""The map of a comparison: the city's frame below; what two plans do differently is drawn above by the page's script."""

from collections.abc import Mapping
from typing import Any, Final

from layers import areas
from layers.basemap import NONE, Basemap, tile_layers
from layers.map_parts import MAX_ZOOM, Bbox, MapParts, add_pane, empty_map, taken_apart
from layers.vector_tiles import VectorTiles

# Told apart by lightness too: the darker is what is new.
CHANGE_COLOURS: Final = {"leaves": "#d98a1f", "arrives": "#0b4f8a", "changed": "#26344a", "same": "#8b98a9", "selected": "#101a2b"}
SUPPORT_COLOURS: Final = {True: "#0b4f8a", False: "#d98a1f"}


def comparison_map(
    *,
    bbox: Bbox,
    module: str,
    tiles_url: str | None,
    page: Mapping[str, Any],
    basemap: Basemap = NONE,
    language: str = "zh",
    static_url: str = "/static",
) -> MapParts:
    """The first of two maps side by side; the script makes the second of it.

    ``bbox`` is that of the city in degrees (CGCS2000), ``module`` the page's script, ``page`` what it is told beside. Without
    ``tiles_url`` there are no borders of areas: tiles are for people who are logged in. Raises UnknownAsset if Folium brings
    something new.
    """
    map_ = empty_map(bbox, name="pair")
    add_pane(map_, "basemap", z_index=150)
    for layer in tile_layers(basemap, max_zoom=MAX_ZOOM):
        layer.add_to(map_)
    if tiles_url is not None:
        VectorTiles("division", sources=[areas.source(tiles_url)], paints=areas.borders()).add_to(map_)
    return taken_apart(
        map_,
        module=module,
        layers=["division"] if tiles_url is not None else [],
        page={
            **page,
            "bbox": bbox,
            "language": language,
            "colours": CHANGE_COLOURS,
            "supportColours": {"support": SUPPORT_COLOURS[True], "against": SUPPORT_COLOURS[False]},
            "attribution": basemap.attribution,
        },
        static_url=static_url,
        over_basemap=bool(basemap.urls),
    )
