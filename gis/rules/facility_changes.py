"""Changes of facilities, one after the other: whether they can be, and where each facility stands at the end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from gis.coverage_records import FacilityChange

MOST_CHANGES: Final = 500
MOST_CAPACITY: Final = 100_000_000


@dataclass(frozen=True)
class Stand:
    """Where a facility stands after all changes. `place`: lon, lat where it is new or moved; `stays`: where it always was.

    Neither: it is closed. `capacity` is None where it is as before.
    """

    facility: int
    place: tuple[float, float] | None
    stays: bool
    capacity: int | None


def rebuilt(changes: Sequence[FacilityChange]) -> list[Stand]:
    """The facilities that change at all, as they stand at the end; what is opened and closed again is not there."""
    stands: dict[int, Stand] = {}
    for each in changes:
        before = stands.get(each.facility, Stand(each.facility, None, each.facility > 0, None))
        if each.what == "close":
            after = replace(before, place=None, stays=False)
        elif each.what == "resize":
            after = replace(before, capacity=each.capacity)
        else:
            assert each.lon is not None and each.lat is not None, "checked before"
            after = Stand(each.facility, (each.lon, each.lat), False, before.capacity if each.capacity is None else each.capacity)
        stands[each.facility] = after
    return [stand for stand in stands.values() if stand.facility > 0 or stand.place is not None]


def faults(changes: Sequence[FacilityChange], *, known: Collection[int]) -> list[dict[str, str]]:
    """What is wrong with changes, field by field; `known` are the facilities that the question counts."""
    if len(changes) > MOST_CHANGES:
        return [{"field": "changes", "message": f"At most {MOST_CHANGES} changes; these are {len(changes)}."}]
    there, found = set(known), []
    for i, each in enumerate(changes):
        wrong = _fault(each, there)
        if wrong:
            found.append({"field": f"changes.{i}.{wrong[0]}", "message": wrong[1]})
        elif each.what == "open":
            there.add(each.facility)
        elif each.what == "close":
            there.discard(each.facility)
    return found


def _fault(each: FacilityChange, there: Collection[int]) -> tuple[str, str] | None:
    """The first thing that is wrong with a change: field and message."""
    is_new, is_placed = each.what == "open", each.what in ("open", "move")
    wrong = (
        (each.what not in ("open", "move", "close", "resize"), "what", "One of open, move, close, resize."),
        (
            is_new and (each.facility >= 0 or each.facility in there),
            "facility", "A facility that is opened has a negative number of its own.",
        ),
        (
            not is_new and each.facility not in there,
            "facility", f"{each.facility} is none of the facilities that the question counts, or is closed by then.",
        ),
        (
            is_placed and not (_is_degree(each.lon, 180) and _is_degree(each.lat, 90)),
            "lon", "Say where: lon and lat in degrees.",
        ),
        (each.what == "resize" and each.capacity is None, "capacity", "Say how many it takes."),
        (
            each.capacity is not None and not 0 < each.capacity <= MOST_CAPACITY,
            "capacity", f"More than 0, at most {MOST_CAPACITY:,}.",
        ),
    )  # fmt: skip
    return next(((field, says) for is_wrong, field, says in wrong if is_wrong), None)


def _is_degree(value: float | None, most: float) -> bool:
    return value is not None and -most <= value <= most
