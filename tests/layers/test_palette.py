"""Colours that stay apart for every eye."""

from itertools import pairwise

import pytest

from layers.palette import (
    DIVERGING,
    LEAST_CLASSES,
    MARK_COLOURS,
    MOST_CLASSES,
    RAMP_OF_MEASURE,
    RAMPS,
    lightness,
    marks,
    ramps,
    sequential,
)

WHITE = "#ffffff"
JUST_NOTICEABLE = 0.055  # of OKLab lightness, between neighbouring classes of the longest ramp
CONTRAST_OF_GRAPHICS = 3.0  # WCAG 2.2, 1.4.11


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", RAMPS)
@pytest.mark.parametrize("classes", range(LEAST_CLASSES, MOST_CLASSES + 1))
def test_a_ramp_darkens_in_steps_that_grey_eyes_can_see(name: str, classes: int) -> None:
    steps = [lighter - darker for lighter, darker in pairwise(map(lightness, sequential(name, classes)))]
    assert min(steps) >= JUST_NOTICEABLE


@pytest.mark.parametrize("name", RAMPS)
def test_a_ramp_begins_and_ends_at_its_anchors(name: str) -> None:
    colours = sequential(name, 6)
    assert RAMPS[name][0] == colours[0]
    assert RAMPS[name][-1] == colours[-1]


@pytest.mark.parametrize("side", [DIVERGING[3:], DIVERGING[3::-1]], ids=["above", "below"])
def test_what_is_far_from_fair_is_darker_than_what_is_near(side: tuple[str, ...]) -> None:
    assert min(lighter - darker for lighter, darker in pairwise(map(lightness, side))) >= JUST_NOTICEABLE


@pytest.mark.parametrize("classes", [0, 1, MOST_CLASSES + 1])
def test_too_few_or_too_many_classes_are_refused(classes: int) -> None:
    with pytest.raises(ValueError, match="classes"):
        sequential("water", classes)


def test_every_measure_has_a_ramp_for_every_number_of_classes() -> None:
    assert set(RAMP_OF_MEASURE) == set(ramps())
    assert all(len(colours) == n for by_n in ramps().values() for n, colours in by_n.items())


@pytest.mark.parametrize("colour", MARK_COLOURS)
def test_a_mark_stands_out_on_white(colour: str) -> None:
    assert (luminance(WHITE) + 0.05) / (luminance(colour) + 0.05) >= CONTRAST_OF_GRAPHICS


def test_no_two_marks_are_alike() -> None:
    assert len(marks()) == len(set(marks()))
