"""Minutes to metres, as standards and walkers have it."""

from __future__ import annotations

import pytest

from gis.coverage_records import ReachQuestion
from gis.rules.reach_standards import PRESETS, limit_m, minutes_for, walked_m


@pytest.mark.parametrize(
    ("question", "metres"),
    [
        (ReachQuestion(), 1200.0),
        (ReachQuestion(group="elderly"), 900.0),
        (ReachQuestion(speed_kmh=6.0, minutes=10), 1000.0),
        (ReachQuestion(method="radius"), 1000.0),
        (ReachQuestion(method="radius", minutes=10), 500.0),
        (ReachQuestion(method="radius", minutes=20), 1600.0),
        (ReachQuestion(method="radius", group="child"), 900.0),
        (ReachQuestion(metres=50.0), 50.0),
    ],
)
def test_the_limit_is_metres_or_the_standards_table_or_minutes_at_a_speed(question: ReachQuestion, metres: float) -> None:
    assert limit_m(question) == pytest.approx(metres)


def test_a_question_without_minutes_and_metres_has_no_limit() -> None:
    with pytest.raises(ValueError, match="minutes or metres"):
        limit_m(ReachQuestion(minutes=None))


def test_presets_are_told_apart_and_say_how_far() -> None:
    assert len({preset.code for preset in PRESETS}) == len(PRESETS)
    questions = [ReachQuestion(method=p.method, minutes=p.minutes, metres=p.metres) for p in PRESETS]
    assert [limit_m(question) for question in questions] == pytest.approx([1200, 800, 400, 1000, 500, 300, 1000, 50])


def test_minutes_there_and_back_are_the_same() -> None:
    assert minutes_for(walked_m(15, kmh=3.6), kmh=3.6) == pytest.approx(15)
