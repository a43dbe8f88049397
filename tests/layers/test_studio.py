"""The studio's map: nothing from outside, one colour more than there are limits."""

import re

from layers.palette import DIVERGING
from layers.studio import DEVIATION_LIMITS, studio_map

CITY = (113.52, 22.65, 114.26, 23.14)


def test_the_page_loads_nothing_from_another_host() -> None:
    parts = studio_map(plan_id=3, bbox=CITY, tiles_url="/tiles")
    assert re.findall(r"(?:https?:)?//[\w.]+", parts.header + parts.body + parts.script) == []


def test_every_class_of_deviation_has_a_colour() -> None:
    assert len(DIVERGING) == len(DEVIATION_LIMITS) + 1


def test_the_limits_are_even_about_the_mean() -> None:
    assert [-limit for limit in reversed(DEVIATION_LIMITS)] == list(DEVIATION_LIMITS)


def test_the_page_knows_its_plan() -> None:
    assert '"id":3' in studio_map(plan_id=3, bbox=CITY, tiles_url="/tiles").script
