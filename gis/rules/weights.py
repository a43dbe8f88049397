"""What a workload model may weigh: every fault with the field it lies in."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from gis.plan_records import PlaceStandard, Weights

# Field → least, most; minutes and hours of a month, a speed, rounds a month.
LIMITS: Mapping[str, tuple[float, float]] = {
    "resident_min": (0, 60),
    "household_min": (0, 120),
    "walking_kmh": (1, 30),
    "rounds": (0, 200),
    "fixed_h": (0, 200),
    "post_h": (40, 250),
}
STANDARD_MIN = (0, 960)
INTERVAL_D = (1, 1096)
MOST_MONTHS = 60

Fault = dict[str, str]


def weight_faults(weights: Weights, *, kinds: Collection[str], matters: Collection[str]) -> list[Fault]:
    """Every weight out of its limits, every kind of place left out, and everything that the city does not know."""
    return [
        *_outside({name: getattr(weights, name) for name in LIMITS}, LIMITS),
        *_place_faults(weights.places, kinds),
        *_matter_faults(weights.matters, matters),
    ]


def period_faults(since: date, until: date, *, today: date) -> list[Fault]:
    """Why a period cannot be: it is one of whole months up to the present one, and no longer than five years."""
    if since.day != 1 or until.day != 1:
        return [_fault("period", "A period is of whole months: both days are the first of a month, the last is not in it.")]
    if since >= until:
        return [_fault("period", "The period ends before it begins.")]
    if (until.year - since.year) * 12 + until.month - since.month > MOST_MONTHS:
        return [_fault("period", f"The period is longer than {MOST_MONTHS} months.")]
    if until > date(today.year + today.month // 12, today.month % 12 + 1, 1):
        return [_fault("period", "The period reaches beyond the present month.")]
    return []


def _place_faults(places: Mapping[str, PlaceStandard], kinds: Collection[str]) -> Iterator[Fault]:
    for code in sorted(set(kinds) - set(places)):
        yield _fault(f"places.{code}", "This kind of place has no standard.")
    for code, standard in places.items():
        if code not in kinds:
            yield _fault(f"places.{code}", "The city does not know this kind of place.")
        yield from _outside(asdict(standard), {"standard_min": STANDARD_MIN, "interval_d": INTERVAL_D}, under=f"places.{code}.")


def _matter_faults(minutes: Mapping[str, float], matters: Collection[str]) -> Iterator[Fault]:
    for code in sorted(set(minutes) - set(matters)):
        yield _fault(f"matters.{code}", "This matter is not in the catalogue.")
    yield from _outside(minutes, dict.fromkeys(minutes, STANDARD_MIN), under="matters.")


def _outside(values: Mapping[str, Any], limits: Mapping[str, tuple[float, float]], *, under: str = "") -> Iterator[Fault]:
    for name, value in values.items():
        least, most = limits[name]
        if not least <= value <= most:
            yield _fault(f"{under}{name}", f"{value:g} is not between {least:g} and {most:g}.")


def _fault(field: str, message: str) -> Fault:
    return {"field": field, "message": message}
