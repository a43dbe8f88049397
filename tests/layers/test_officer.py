"""The map of an officer's phone: nothing from outside, strong colours, and whose page it is."""

import re

from layers.map_parts import MapParts
from layers.officer import COLOURS, officer_map

GRID = (113.75, 23.01, 113.76, 23.02)


def made(login: str = "officer") -> MapParts:
    return officer_map(bbox=GRID, tiles_url="/tiles", login=login)


def test_the_page_loads_nothing_from_another_host() -> None:
    parts = made()
    assert re.findall(r"(?:https?:)?//[\w.]+", parts.header + parts.body + parts.script) == []


def test_a_login_cannot_end_the_script() -> None:
    assert '"login":"officer"' in made().script
    assert "</script>" not in made("</script>").script


def test_the_next_place_has_a_colour_of_its_own() -> None:
    assert COLOURS["next"] not in {COLOURS["later"], COLOURS["me"]}
