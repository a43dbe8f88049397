"""How far is near enough: what standards say, and how fast people walk.

Distances: GB/T 50180-2018 (planning of urban residential areas) equates 15, 10 and 5 minutes on foot with 800 to 1,000 m, 500 m
and 300 m of service radius. Dongcheng (Beijing) plans neighbourhood centres for a thousand metres. A camera watches some 50 m.

Speeds: adults 4.8 km/h (1.33 m/s), between the slowest sixth of walkers under 65 (1.25 m/s) and their mean (1.51 m/s). Elderly
3.6 km/h (1.0 m/s): the slowest sixth of walkers over 65 does 0.97 m/s (both: Knoblauch, Pietrucha and Nitzburg 1996,
Transportation Research Record 1538; 1.15 and 0.92 m/s in Fitzpatrick, Brewer and Turner 2006, TRR 1982). Children walk as the
elderly here: a convention, for the pace of a family with a small child. The table of GB/T 50180 comes to 4.0 km/h at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gis.coverage_records import Group, Method, ReachQuestion
from gis.records import Name

SPEED_KMH: Final[Mapping[Group, float]] = {"adult": 4.8, "elderly": 3.6, "child": 3.6}
GROUPS: Final[Mapping[Group, Name]] = {
    "adult": Name("成年人", "adults"), "elderly": Name("老年人", "elderly"), "child": Name("儿童", "children"),
}  # fmt: skip
RADIUS_OF_MINUTES: Final[Mapping[float, float]] = {15.0: 1000.0, 10.0: 500.0, 5.0: 300.0}
M_PER_KM: Final = 1000.0
MIN_PER_H: Final = 60.0
LEG_AT_MOST_M: Final = 500.0
"""A place further from every street has no way on foot that anybody could vouch for."""


@dataclass(frozen=True)
class Preset:
    """A limit that a standard names, as the method, minutes and metres of a question."""

    code: str
    name: Name
    method: Method
    minutes: float | None
    metres: float | None
    source: str


GB: Final = "GB/T 50180-2018"
PRESETS: Final = (
    Preset("walk_15", Name("步行十五分钟", "15 minutes on foot"), "walk", 15.0, None, GB),
    Preset("walk_10", Name("步行十分钟", "10 minutes on foot"), "walk", 10.0, None, GB),
    Preset("walk_5", Name("步行五分钟", "5 minutes on foot"), "walk", 5.0, None, GB),
    Preset("radius_15", Name("十五分钟生活圈半径", "15-minute circle, radius"), "radius", 15.0, 1000.0, GB),
    Preset("radius_10", Name("十分钟生活圈半径", "10-minute circle, radius"), "radius", 10.0, 500.0, GB),
    Preset("radius_5", Name("五分钟生活圈半径", "5-minute circle, radius"), "radius", 5.0, 300.0, GB),
    Preset("thousand_metres", Name("千米邻里中心", "thousand-metre neighbourhood centre"), "radius", None, 1000.0, "东城区"),
    Preset("camera", Name("视频监控点", "camera watch point"), "radius", None, 50.0, "—"),
)  # fmt: skip


def speed_kmh(question: ReachQuestion) -> float:
    """How fast the people of the question walk."""
    return question.speed_kmh if question.speed_kmh is not None else SPEED_KMH[question.group]


def walked_m(minutes: float, *, kmh: float) -> float:
    """How far one gets in so many minutes."""
    return minutes * kmh * M_PER_KM / MIN_PER_H


def minutes_for(metres: float, *, kmh: float) -> float:
    """How long one walks for so many metres."""
    return metres * MIN_PER_H / (kmh * M_PER_KM)


def limit_m(question: ReachQuestion) -> float:
    """The limit of a question in metres.

    `metres` where given. Otherwise `minutes`: for straight lines of adults the standard's table (15, 10 and 5 minutes), for all
    else minutes x speed. Raises ValueError where the question names neither.
    """
    if question.metres is not None:
        return question.metres
    if question.minutes is None:
        raise ValueError("A question of reach names minutes or metres.")
    by_table = question.method == "radius" and question.speed_kmh is None and question.group == "adult"
    if by_table and question.minutes in RADIUS_OF_MINUTES:
        return RADIUS_OF_MINUTES[question.minutes]
    return walked_m(question.minutes, kmh=speed_kmh(question))
