"""The overview's parts: no outside address, no text that breaks out, the same every time."""

import re
from html.parser import HTMLParser

import pytest

from layers.basemap import Basemap
from layers.map_parts import MapParts
from layers.overview import overview_map
from layers.vector_tiles import Paint, Source, VectorTiles

CITY = (113.52, 22.65, 114.26, 23.14)
TILES = "/tiles"
EVIL = "</script><img src=x onerror=alert(1)>'\"\u2028"


class Links(HTMLParser):
    """Collects every address that a browser would load."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href") and value]


def read(parts: MapParts) -> Links:
    links = Links()
    links.feed(f"<head>{parts.header}</head><body>{parts.body}<script type=module>{parts.script}</script></body>")
    return links


def test_the_page_loads_nothing_from_another_host() -> None:
    parts = overview_map(bbox=CITY, tiles_url=TILES)
    assert read(parts).addresses != []
    assert all(address.startswith("/static/") for address in read(parts).addresses)
    assert re.findall(r"(?:https?:)?//[\w.]+", parts.header + parts.body + parts.script) == []


def test_the_same_city_gives_the_same_page() -> None:
    assert overview_map(bbox=CITY, tiles_url=TILES) == overview_map(bbox=CITY, tiles_url=TILES)


def test_the_page_has_no_inline_style_and_no_second_viewport() -> None:
    tags = read(overview_map(bbox=CITY, tiles_url=TILES)).tags
    assert "style" not in tags
    assert "meta" not in tags


def test_the_map_is_limited_in_zoom_though_it_has_no_base_map() -> None:
    script = overview_map(bbox=CITY, tiles_url=TILES).script
    assert '"maxZoom": 18' in script
    assert '"minZoom": 8' in script


def test_static_files_may_lie_elsewhere() -> None:
    parts = overview_map(bbox=CITY, tiles_url=TILES, static_url="/grid/static")
    assert all(address.startswith("/grid/static/") for address in read(parts).addresses)
    assert 'from "/grid/static/js/overview.js"' in parts.script


def test_a_base_map_comes_below_everything() -> None:
    parts = overview_map(
        bbox=CITY, tiles_url=TILES, basemap=Basemap.from_setting("/own/{z}/{x}/{y}.png", attribution=EVIL)
    )
    assert parts.over_basemap
    assert parts.script.index("/own/{z}") < parts.script.index("vectorTiles(")


@pytest.mark.parametrize("attribution", [EVIL, "<b>bold</b>", "a & b"])
def test_an_attribution_stays_text(attribution: str) -> None:
    parts = overview_map(
        bbox=CITY, tiles_url=TILES, basemap=Basemap.from_setting("/own/{z}/{x}/{y}.png", attribution=attribution)
    )
    assert "img" not in read(parts).tags
    assert "</script" not in parts.script
    assert "<b>" not in parts.script


def test_an_address_of_tiles_stays_text() -> None:
    layer = VectorTiles(
        "evil", sources=[Source(name="s", url=EVIL)], paints=[Paint(name="p", source="s", layer=EVIL, kind="line")]
    )
    assert "<" not in layer.rules
    assert "'" not in layer.rules
    assert "\u2028" not in layer.rules
