"""The clock of a case: how long it may take, when that is over, when to warn."""

from dataclasses import replace
from datetime import datetime

from gis.case_records import Case, CaseMatter
from gis.rules import wishes
from gis.rules.working_time import WARN_AT_FRACTION, WorkCalendar, limit_min


def limit_of(matter: CaseMatter, *, urgency: int, tier: str | None) -> float:
    """Working minutes that a case has."""
    if matter.kind == "wish":
        return wishes.limit_h(tier) * 60
    return limit_min(matter.time_limit_h, usual_urgency=matter.urgency, urgency=urgency)


def left_of(case: Case, *, now: datetime, calendar: WorkCalendar) -> float:
    """Working minutes left; negative when it is overdue. A case without a limit has its whole limit left."""
    if case.left_min is not None:
        return case.left_min
    if case.due_at is None:
        return limit_of(case.matter, urgency=case.urgency, tier=case.tier)
    return calendar.between(now, case.due_at)


def running(case: Case, *, left_min: float, now: datetime, calendar: WorkCalendar) -> Case:
    """The case with its clock running and so many working minutes left; it warns when a fifth of its limit is left."""
    warned_left_min = limit_of(case.matter, urgency=case.urgency, tier=case.tier) * (1 - WARN_AT_FRACTION)
    return replace(
        case,
        due_at=calendar.after(now, minutes=left_min),
        warn_at=calendar.after(now, minutes=left_min - warned_left_min),
        left_min=None,
        before=None,
    )


def begun(case: Case, *, now: datetime, calendar: WorkCalendar) -> Case:
    """The case with its whole limit from now on."""
    return running(case, left_min=limit_of(case.matter, urgency=case.urgency, tier=case.tier), now=now, calendar=calendar)


def stopped(case: Case, *, now: datetime, calendar: WorkCalendar) -> Case:
    """The case with its clock stopped."""
    return replace(case, left_min=left_of(case, now=now, calendar=calendar), due_at=None, warn_at=None)


def reckoned_anew(case: Case, *, matter: CaseMatter, urgency: int, now: datetime, calendar: WorkCalendar) -> Case:
    """The case under another matter or urgency: the limit is the new one, the working time already spent counts."""
    gained = limit_of(matter, urgency=urgency, tier=case.tier) - limit_of(case.matter, urgency=case.urgency, tier=case.tier)
    left = left_of(case, now=now, calendar=calendar) + gained
    return running(replace(case, matter=matter, urgency=urgency), left_min=left, now=now, calendar=calendar)
