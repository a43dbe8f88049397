"""The live map: nothing from outside, a colour for every stage, panes one above the other."""

import re

from layers.live import PANES, STAGE_COLOURS, live_map
from layers.map_parts import MapParts

CITY = (113.52, 22.65, 114.26, 23.14)
AREA = {"code": "441900003", "level": "town", "name": {"zh": "</script>", "en": "x"}}
ME = {"command": "441900003", "department": None, "area": AREA}


def made() -> MapParts:
    return live_map(bbox=CITY, tiles_url="/tiles", kinds=["case.report"], me=ME)


def test_the_page_loads_nothing_from_another_host() -> None:
    parts = made()
    assert re.findall(r"(?:https?:)?//[\w.]+", parts.header + parts.body + parts.script) == []


def test_what_the_page_knows_of_its_reader_cannot_end_the_script() -> None:
    script = made().script
    assert '"command":"441900003"' in script
    assert "</script>" not in script


def test_every_stage_has_a_colour_of_its_own_and_every_pane_a_height() -> None:
    assert len(set(STAGE_COLOURS.values())) == len(STAGE_COLOURS)
    assert sorted(PANES.values()) == list(PANES.values())


def test_the_map_stays_on_whole_zooms_where_tiles_need_no_scaling() -> None:
    assert '"zoomSnap": 1,' in made().script
