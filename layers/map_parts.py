"""A map taken apart for a page's template: what Folium renders, without its links to other hosts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import folium
from branca.element import Figure
from folium.map import CustomPane
from markupsafe import Markup

from layers.assets import localise
from layers.escaping import for_script

MIN_ZOOM: Final = 8
MAX_ZOOM: Final = 18
ZOOM_STEP: Final = 0.25

Bbox = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class MapParts:
    """What a template puts where: ``header`` in the head, ``body`` in the body, ``script`` last, as a module.

    ``script`` leaves the map and its layers behind for the module that runs the page.
    """

    header: Markup
    body: Markup
    script: Markup
    map_name: str
    over_basemap: bool


def empty_map(bbox: Bbox, *, name: str, min_zoom: int = MIN_ZOOM) -> folium.Map:
    """A map without a base map over ``bbox``: west, south, east, north in degrees."""
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
    map_.options |= {"min_zoom": min_zoom, "max_zoom": MAX_ZOOM}  # Folium gives these to a base map only
    map_._id = name
    return map_


def add_pane(map_: folium.Map, name: str, *, z_index: int, pointer_events: bool = False) -> None:
    """A level of the map that layers may be drawn in."""
    pane = CustomPane(name, z_index=z_index, pointer_events=pointer_events)
    pane._id = name
    pane.add_to(map_)


def taken_apart(
    map_: folium.Map, *, module: str, layers: Sequence[str], page: dict[str, Any], static_url: str, over_basemap: bool
) -> MapParts:
    """Render, take Folium's page apart, and leave out its viewport line and page-wide styles: the frame has its own.

    ``module`` is the script whose ``start`` gets the map, each of the vector tile ``layers`` by name, and ``page``.
    """
    figure = map_.get_root()
    assert isinstance(figure, Figure)
    figure.render()
    localise(figure, static_url=static_url)
    for unwanted in (map_.get_name(), "meta_http", "bootstrap_css"):
        figure.header._children.pop(unwanted, None)
    name = map_.get_name()
    handed = "".join(f"{layer}: vector_tiles_{layer}, " for layer in layers)
    script = (
        f'import "{static_url}/js/vector_tiles.js";\n'
        f'import {{ start }} from "{static_url}/js/{module}";\n'
        f"{figure.script.render()}\n"
        f"start({{ map: {name}, {handed}page: {for_script(page)} }});"
    )
    return MapParts(
        header=Markup(figure.header.render()),
        body=Markup(figure.html.render()),
        script=Markup(script),
        map_name=name,
        over_basemap=over_basemap,
    )
