"""The parts of the page of plans: no outside address, the same every time."""

import re

from layers.history import CHANGED, history_map
from tests.layers.test_overview import CITY, TILES, read


def test_the_page_loads_nothing_from_another_host() -> None:
    parts = history_map(bbox=CITY, tiles_url=TILES)
    assert read(parts).addresses != []
    assert all(address.startswith("/static/") for address in read(parts).addresses)
    assert re.findall(r"(?:https?:)?//[\w.]+", parts.header + parts.body + parts.script) == []


def test_the_script_gets_the_tiles_and_the_colours() -> None:
    parts = history_map(bbox=CITY, tiles_url=TILES)
    assert parts == history_map(bbox=CITY, tiles_url=TILES)
    assert "/tiles/grids/{z}/{x}/{y}.mvt" in parts.script
    assert CHANGED in parts.script
