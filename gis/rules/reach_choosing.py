"""Which facilities a question of coverage asks for."""

from collections.abc import Collection, Mapping

import numpy as np

from gis.coverage_records import FacilitySet, ReachQuestion
from gis.records import Flags, Ints, Name
from gis.rules.opening import openings
from gis.rules.reach_findings import ReachFinding, finding, some_names


def chosen(
    every: FacilitySet, question: ReachQuestion, *, offering: Collection[int] | None, kinds: Mapping[str, Name]
) -> tuple[Ints, list[ReachFinding]]:
    """Positions of the facilities that a question asks for, and what is odd about them.

    `offering` are the ids of those that offer the services asked for, None where none is. What is not on record is not there:
    unknown hours are closed, an unknown floor area is too small.
    """
    fits = np.ones(len(every.id), np.bool_)
    if question.kinds:
        fits &= np.isin(every.kind.astype(str), list(question.kinds))
    if question.levels:
        fits &= np.isin(every.level.astype(str), list(question.levels))
    if offering is not None:
        fits &= np.isin(every.id, list(offering))
    odd: list[ReachFinding] = [finding("none_offers")] if offering is not None and not len(offering) else []
    if question.floor_area_m2:
        otherwise = fits
        fits, odd = _large_enough(every, fits, question.floor_area_m2, odd)
        odd = _emptied("none_large_enough", otherwise, fits, odd)
    if question.open_at is not None:
        otherwise = fits
        fits, odd = _open(every, fits, question, odd)
        odd = _emptied("none_open", otherwise, fits, odd)
    found = set(every.kind[fits].tolist())
    odd += [finding("kind_without_facilities", names=kinds[code], kind=code) for code in question.kinds if code not in found]
    return np.flatnonzero(fits), odd


def _emptied(code: str, before: Flags, after: Flags, odd: list[ReachFinding]) -> list[ReachFinding]:
    """With the reason where one condition left nothing of what the others left."""
    return odd if after.any() or not before.any() else [finding(code, count=int(before.sum())), *odd]


def _large_enough(
    every: FacilitySet, fits: Flags, least_m2: float, odd: list[ReachFinding]
) -> tuple[Flags, list[ReachFinding]]:
    unknown = fits & np.isnan(every.floor_area_m2)
    if unknown.any():
        odd = [*odd, finding("floor_area_unknown", count=int(unknown.sum()), ids=tuple(every.id[unknown].tolist()))]
    with np.errstate(invalid="ignore"):
        return fits & (every.floor_area_m2 >= least_m2), odd


def _open(
    every: FacilitySet, fits: Flags, question: ReachQuestion, odd: list[ReachFinding]
) -> tuple[Flags, list[ReachFinding]]:
    moment = question.open_at
    assert moment is not None, "asked for only then"
    at = np.flatnonzero(fits)
    state = openings(every.hours[at].tolist(), moment)
    for code, found in (
        ("hours_unknown", at[state.unstated]), ("hours_unreadable", at[state.unreadable]), ("hours_unsure", at[state.unsure]),
    ):  # fmt: skip
        if len(found):
            said = some_names([every.name[i] for i in found.tolist()])
            odd = [*odd, finding(code, names=said, count=len(found), ids=tuple(every.id[found].tolist()))]
    still = np.zeros_like(fits)
    still[at[state.open]] = True
    return still, odd
