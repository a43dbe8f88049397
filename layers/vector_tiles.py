"""Vector tiles drawn by rules: sources say where tiles come from, paints say what is drawn of them, in which order.

One canvas per tile carries all paints, so that fills, borders and the outline of a selection lie in a fixed order, and
a change of colours redraws from memory. Hit-testing is done once per layer, not per canvas. The drawing is
``static/js/vector_tiles.js``. Why not Leaflet.VectorGrid: it draws at half resolution on dense screens, its stacked
canvases swallow each other's clicks, it cannot cancel a request, and it takes a failed tile for an empty one.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from folium.map import Layer
from folium.template import Template

from layers.escaping import for_script

ZoomStops = tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Tiles of one kind. ``url`` is a template with {z}, {x}, {y}; below ``min_zoom`` nothing is asked for."""

    name: str
    url: str
    min_zoom: int = 0


@dataclass(frozen=True, kw_only=True)
class Paint:
    """One thing drawn of one layer inside a source. ``min_zoom`` and ``max_zoom`` are inclusive.

    ``kind``: ``fill`` takes its colour from the classes of ``level``; ``line`` draws borders, ``width`` in pixels by
    zoom; ``mark`` draws a point by the value of ``property``; ``count`` gathers points carrying ``n`` into bubbles.
    ``together`` fills all units of a colour at once, where there are tens of thousands of them.
    """

    name: str
    source: str
    layer: str
    kind: Literal["fill", "line", "mark", "count"]
    level: str | None = None
    colour: str | None = None
    width: ZoomStops = ()
    dash: tuple[float, ...] = ()
    radius: ZoomStops = ()
    property: str | None = None
    min_zoom: int = 0
    max_zoom: int = 24
    visible: bool = True
    together: bool | None = None


class VectorTiles(Layer):
    """A Leaflet layer of one or more tile sources and the paints drawn of them, first paint lowest."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            const {{ this.get_name() }} = L.vectorTiles({{ this.rules }});
        {% endmacro %}
        """
    )

    def __init__(
        self,
        name: str,
        *,
        sources: Sequence[Source],
        paints: Sequence[Paint],
        pane: str = "tilePane",
        margin_px: int = 0,
    ) -> None:
        super().__init__(name=name, overlay=True, control=False)
        self._name = "vector_tiles"
        self._id = name
        options: dict[str, Any] = {
            "sources": {source.name: {"url": source.url, "minZoom": source.min_zoom} for source in sources},
            "paints": [_for_javascript(paint) for paint in paints],
            "pane": pane,
            "margin": margin_px,
        }
        self.rules = for_script(options)


def _for_javascript(paint: Paint) -> dict[str, Any]:
    rule = {key: value for key, value in asdict(paint).items() if value not in (None, ())}
    return {_camel(key): value for key, value in rule.items()}


def _camel(key: str) -> str:
    head, *rest = key.split("_")
    return head + "".join(word.capitalize() for word in rest)
