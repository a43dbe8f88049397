"""The map of an import: the city as it is below, what would come in above, and each finding where it lies."""

from typing import Any, Final

from layers import areas
from layers.basemap import NONE, Basemap, tile_layers
from layers.map_parts import MAX_ZOOM, Bbox, MapParts, add_pane, empty_map, taken_apart
from layers.vector_tiles import VectorTiles

CHINA: Final[Bbox] = (73.5, 18.0, 135.1, 53.6)
LEAST_ZOOM: Final = 4  # a layer of a wrong zone may lie anywhere in the country

# Told apart by shape and by lightness too, not by colour alone; the gravest is the darkest.
SEVERITY_MARKS: Final = {
    "error": ("diamond", "#a3190a"),
    "left_out": ("square", "#c25e00"),
    "repaired": ("circle", "#0072b2"),
    "notice": ("triangle", "#6b7686"),
}
UNIT_COLOUR: Final = "#00695c"


def import_map(
    *,
    import_id: int,
    bbox: Bbox | None,
    tiles_url: str,
    basemap: Basemap = NONE,
    language: str = "zh",
    static_url: str = "/static",
) -> MapParts:
    """The map of the page of one import.

    ``bbox`` is that of the city, west, south, east, north in degrees (CGCS2000); None while there is no city. What comes in
    and what was found is drawn by the page's script from ``/api/v1/imports/ID/units`` and ``/findings``, since a new check
    replaces both. Raises UnknownAsset if Folium brings something new.
    """
    map_ = empty_map(bbox or CHINA, name="import", min_zoom=LEAST_ZOOM)
    add_pane(map_, "basemap", z_index=150)
    add_pane(map_, "incoming", z_index=450, pointer_events=True)
    for layer in tile_layers(basemap, max_zoom=MAX_ZOOM):
        layer.add_to(map_)
    VectorTiles("division", sources=[areas.source(tiles_url)], paints=areas.borders()).add_to(map_)
    return taken_apart(
        map_,
        module="import_page.js",
        layers=["division"],
        page=_page_options(import_id, bbox, basemap=basemap, language=language),
        static_url=static_url,
        over_basemap=bool(basemap.urls),
    )


def _page_options(import_id: int, bbox: Bbox | None, *, basemap: Basemap, language: str) -> dict[str, Any]:
    return {
        "id": import_id,
        "bbox": bbox or CHINA,
        "hasCity": bbox is not None,
        "language": language,
        "severityMarks": SEVERITY_MARKS,
        "unitColour": UNIT_COLOUR,
        "attribution": basemap.attribution,
    }
