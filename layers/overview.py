"""The overview: the whole division on one map, as parts for the page's template."""

from dataclasses import dataclass
from typing import Any, Final

import folium
from branca.element import Figure
from folium.map import CustomPane
from markupsafe import Markup

from layers import areas, cells, facilities, grids, incidents
from layers.assets import localise
from layers.basemap import NONE, Basemap, tile_layers
from layers.escaping import for_script
from layers.palette import marks, ramps
from layers.vector_tiles import VectorTiles

MIN_ZOOM: Final = 8
MAX_ZOOM: Final = 18
ZOOM_STEP: Final = 0.25
POINTS_MARGIN_PX: Final = 12

Bbox = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class MapParts:
    """What a template puts where: ``header`` in the head, ``body`` in the body, ``script`` last, as a module.

    ``script`` leaves ``map``, ``division`` and ``points`` behind for the module that runs the page.
    """

    header: Markup
    body: Markup
    script: Markup
    map_name: str
    over_basemap: bool


def overview_map(
    *, bbox: Bbox, tiles_url: str, basemap: Basemap = NONE, language: str = "zh", static_url: str = "/static"
) -> MapParts:
    """The map of the overview page.

    The view is a rough one: the page itself fits the city between its cards.

    ``bbox`` is west, south, east, north in degrees (CGCS2000); ``tiles_url`` what tile addresses begin with
    (``{tiles_url}/grids/10/835/445.mvt``).
    The same arguments give the same parts, so a page can be cached. Raises UnknownAsset if Folium brings something new.
    """
    map_ = _empty_map(bbox)
    _add_pane(map_, "basemap", z_index=150)
    _add_pane(map_, "points", z_index=450)
    for layer in tile_layers(basemap, max_zoom=MAX_ZOOM):
        layer.add_to(map_)
    _division(tiles_url).add_to(map_)
    _points(tiles_url).add_to(map_)
    return _parts(map_, static_url=static_url, page=_page_options(bbox, basemap=basemap, language=language))


def _empty_map(bbox: Bbox) -> folium.Map:
    centre = [(bbox[1] + bbox[3]) / 2, (bbox[0] + bbox[2]) / 2]
    map_ = folium.Map(
        location=centre,
        tiles=None,
        zoom_start=10,
        zoom_control=False,
        attribution_control=False,
        zoom_snap=ZOOM_STEP,
        wheel_px_per_zoom_level=90,
    )
    map_.options |= {"min_zoom": MIN_ZOOM, "max_zoom": MAX_ZOOM}  # Folium gives these to a base map only
    map_._id = "overview"
    return map_


def _add_pane(map_: folium.Map, name: str, *, z_index: int) -> None:
    pane = CustomPane(name, z_index=z_index, pointer_events=False)
    pane._id = name
    pane.add_to(map_)


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


def _parts(map_: folium.Map, *, static_url: str, page: dict[str, Any]) -> MapParts:
    """Render, take Folium's page apart, and leave out its viewport line and page-wide styles: the frame has its own."""
    figure = map_.get_root()
    assert isinstance(figure, Figure)
    figure.render()
    localise(figure, static_url=static_url)
    for unwanted in (map_.get_name(), "meta_http", "bootstrap_css"):
        figure.header._children.pop(unwanted, None)
    name = map_.get_name()
    folium_script = figure.script.render()
    script = (
        f'import "{static_url}/js/vector_tiles.js";\n'
        f'import {{ start }} from "{static_url}/js/overview.js";\n'
        f"{folium_script}\n"
        f"start({{ map: {name}, division: vector_tiles_division, points: vector_tiles_points, "
        f"page: {for_script(page)} }});"
    )
    return MapParts(
        header=Markup(figure.header.render()),
        body=Markup(figure.html.render()),
        script=Markup(script),
        map_name=name,
        over_basemap=page["basemap"]["shown"],
    )
