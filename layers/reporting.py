"""The map that citizens report on and look around: the base map alone; the page's script puts a pin or marks on it."""

from collections.abc import Mapping
from typing import Any, Final

from layers.basemap import NONE, Basemap, tile_layers
from layers.map_parts import MAX_ZOOM, Bbox, MapParts, add_pane, empty_map, taken_apart

STATE_COLOURS: Final = {"open": "#c4450c", "ended": "#2d7d46"}


def reporting_map(
    *,
    bbox: Bbox,
    module: str,
    page: Mapping[str, Any],
    basemap: Basemap = NONE,
    language: str = "zh",
    static_url: str = "/static",
) -> MapParts:
    """A map over ``bbox`` (degrees, WGS 84) for the script ``module``, which is told ``page`` beside.

    Raises UnknownAsset if Folium brings something new.
    """
    map_ = empty_map(bbox, name="map")
    add_pane(map_, "basemap", z_index=150)
    add_pane(map_, "ground", z_index=250)
    for layer in tile_layers(basemap, max_zoom=MAX_ZOOM):
        layer.add_to(map_)
    shown = {
        **page, "bbox": bbox, "language": language, "attribution": basemap.attribution, "overBasemap": bool(basemap.urls),
        "colours": STATE_COLOURS,
    }  # fmt: skip
    return taken_apart(
        map_, module=module, layers=[], page=shown, static_url=static_url, over_basemap=bool(basemap.urls)
    )
