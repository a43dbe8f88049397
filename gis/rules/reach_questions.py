"""Whether a question of coverage can be answered as it was put."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

import numpy as np

from gis.coverage_records import OpenAt, ReachQuestion

LEVELS: Final = ("city", "town", "community", "estate")
MOST_MINUTES, MOST_M, MOST_K = 120.0, 20_000.0, 20
SPEEDS_KMH: Final = (0.5, 15.0)
MOST_DETOUR: Final = 3.0
LAST_MINUTE: Final = 24 * 60 - 1
"""Of a day."""


def faults(question: ReachQuestion, *, kinds: Collection[str], services: Collection[str]) -> list[dict[str, str]]:
    """What is wrong with a question, field by field: `field` and `message`; empty if nothing is."""
    found = [
        *_unknown("kinds", question.kinds, kinds),
        *_unknown("services", question.services, services),
        *_unknown("levels", question.levels, LEVELS),
    ]
    for name, (holds, says) in _AMOUNTS.items():
        value = getattr(question, name)
        if value is not None and not (np.isfinite(value) and holds(value)):
            found.append({"field": name, "message": says})
    if question.minutes is None and question.metres is None:
        found.append({"field": "minutes", "message": "Say how far: minutes or metres."})
    found += _of_choices(question)
    if question.by_ground and question.method != "radius":
        found.append({"field": "by_ground", "message": "Ground is cut by circles: ask by radius."})
    return found


def question_of(kept: Mapping[str, Any]) -> ReachQuestion:
    """A question as it was kept."""
    moment = kept.get("open_at")
    lists = {name: tuple(kept[name]) for name in ("kinds", "services", "levels") if name in kept}
    return ReachQuestion(**{**kept, **lists, "open_at": None if moment is None else OpenAt(**moment)})


def _of_choices(question: ReachQuestion) -> list[dict[str, str]]:
    choices: Mapping[str, Collection[Any]] = {
        "method": ("radius", "walk"), "group": ("adult", "elderly", "child"), "rule": ("centre", "everyone", "share"),
    }  # fmt: skip
    found = [
        {"field": name, "message": f"One of {', '.join(known)}."}
        for name, known in choices.items()
        if getattr(question, name) not in known
    ]
    moment = question.open_at
    if moment is not None and not (1 <= moment.weekday <= 7 and 0 <= moment.minute <= LAST_MINUTE):
        found.append({"field": "open_at", "message": "weekday 1 (Monday) to 7 (Sunday), minute 0 to 1439."})
    return found


def _unknown(name: str, given: Collection[str], known: Collection[str]) -> list[dict[str, str]]:
    strange = [each for each in given if each not in known]
    if not strange:
        return []
    return [{"field": name, "message": f"Unknown: {', '.join(strange[:5])}. There are {', '.join(sorted(known)[:30])}."}]


_AMOUNTS: Final[Mapping[str, tuple[Callable[[float], bool], str]]] = {
    "minutes": (lambda value: 0 < value <= MOST_MINUTES, f"More than 0, at most {MOST_MINUTES:g} minutes."),
    "metres": (lambda value: 0 < value <= MOST_M, f"More than 0, at most {MOST_M:g} m."),
    "speed_kmh": (lambda value: SPEEDS_KMH[0] <= value <= SPEEDS_KMH[1], f"Between {SPEEDS_KMH[0]:g} and {SPEEDS_KMH[1]:g} km/h."),
    "detour": (lambda value: 1 <= value <= MOST_DETOUR, f"Between 1 and {MOST_DETOUR:g}."),
    "k": (lambda value: 1 <= value <= MOST_K, f"Between 1 and {MOST_K} facilities."),
    "share": (lambda value: 0 < value <= 1, "More than 0, at most 1."),
    "floor_area_m2": (lambda value: 0 <= value <= 1_000_000, "Between 0 and 1,000,000 m²."),
}
