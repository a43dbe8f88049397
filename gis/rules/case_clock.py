"""The clock of a case: how long it may take, when that is over, when to warn."""

from dataclasses import replace
from datetime import datetime

from gis.case_records import Case, CaseMatter
from gis.rules import wishes
from gis.rules.working_time import WARN_AT_FRACTION, WorkCalendar, limit_min


def limit_of(matter: CaseMatter, *, urgency: int, tier: str | None, calendar: WorkCalendar) -> float:
    """Working minutes that a case has: a wish by its tier, anything else by its matter and urgency."""
    if matter.kind == wishes.KIND:
        return wishes.limit_min(tier or wishes.USUAL_TIER, calendar=calendar)
    return limit_min(matter.time_limit_h, usual_urgency=matter.urgency, urgency=urgency)


def _limit(case: Case, calendar: WorkCalendar) -> float:
    return limit_of(case.matter, urgency=case.urgency, tier=case.tier, calendar=calendar)


def left_of(case: Case, *, now: datetime, calendar: WorkCalendar) -> float:
    """Working minutes left; negative when it is overdue. A case without a limit has its whole limit left."""
    if case.left_min is not None:
        return case.left_min
    if case.due_at is None:
        return _limit(case, calendar)
    return calendar.between(now, case.due_at)


def running(case: Case, *, left_min: float, now: datetime, calendar: WorkCalendar) -> Case:
    """The case with its clock running and so many working minutes left; it warns when a fifth of its limit is left."""
    warned_left_min = _limit(case, calendar) * (1 - WARN_AT_FRACTION)
    return replace(
        case,
        due_at=calendar.after(now, minutes=left_min),
        warn_at=calendar.after(now, minutes=left_min - warned_left_min),
        left_min=None,
        before=None,
    )


def begun(case: Case, *, now: datetime, calendar: WorkCalendar) -> Case:
    """The case with its whole limit from now on."""
    return running(case, left_min=_limit(case, calendar), now=now, calendar=calendar)


def stopped(case: Case, *, now: datetime, calendar: WorkCalendar) -> Case:
    """The case with its clock stopped."""
    return replace(case, left_min=left_of(case, now=now, calendar=calendar), due_at=None, warn_at=None)


def reckoned_anew(case: Case, changed: Case, *, now: datetime, calendar: WorkCalendar) -> Case:
    """The case as changed to another matter or urgency: the limit is the new one, the working time already spent counts."""
    gained = _limit(changed, calendar) - _limit(case, calendar)
    left = left_of(case, now=now, calendar=calendar) + gained
    return running(changed, left_min=left, now=now, calendar=calendar)
