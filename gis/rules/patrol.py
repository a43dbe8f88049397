"""What a patrol is: the places that fit into a day, the way between them, and what an outcome means."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np

from gis.field_records import Call, Place
from gis.rules.distances import plane_m
from gis.rules.ranking import DETOUR, FOOT_KMH
from gis.rules.walking_order import walking_order

DAY_MIN: Final = 6 * 60.0  # of inspections in a working day; the rest is walking, cases and writing
FINE, FINDING, CLOSED, REFUSED = "fine", "finding", "closed", "refused"
OUTCOMES: Final = (FINE, FINDING, CLOSED, REFUSED)
INSPECTED: Final = frozenset({FINE, FINDING})  # after the others somebody has to come again


def that_fit(due: Sequence[Place]) -> list[Place]:
    """The places, most overdue first, that fit into a day by the standard minutes of their kinds; at least one."""
    spent = 0.0
    chosen: list[Place] = []
    for place in due:
        spent += place.standard_min
        if chosen and spent > DAY_MIN:
            break
        chosen.append(place)
    return chosen


def in_walking_order(places: Sequence[Place], *, start: tuple[float, float] | None, day: date) -> tuple[Call, ...]:
    """Calls at places in a good order on foot, from a start in degrees, or from the first place where there is none."""
    if not places:
        return ()
    begin = start or (places[0].lon, places[0].lat)
    lon, lat = (np.array([place.lon for place in places]), np.array([place.lat for place in places]))
    where = plane_m(np.append(begin[0], lon), np.append(begin[1], lat), middle_lat=begin[1])
    order = walking_order(where[1:], start_m=where[0])
    walked = where[np.append(0, order + 1)]
    legs_m = np.hypot(*np.diff(walked, axis=0).T) * DETOUR
    return tuple(
        Call(places[at], _overdue_d(places[at], day), round(leg, 1), round(leg / 1000 / FOOT_KMH * 60, 1))
        for at, leg in zip(order.tolist(), legs_m.tolist(), strict=True)
    )


def _overdue_d(place: Place, day: date) -> int:
    return (day - place.due_on).days if place.due_on else 0
