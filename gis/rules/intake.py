"""What becomes of a report: whether it can be taken in, who commands it, and by when it must be done."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from gis.records import GridUnit, NewCase, Report
from gis.rules import wishes
from gis.rules.case_steps import COLLECTED, HANDLING
from gis.rules.working_time import WARN_AT_FRACTION, WorkCalendar, limit_min

CLOCK_TOLERANCE: Final = timedelta(minutes=5)  # how far a phone's clock may run ahead
MOST_URGENT, LEAST_URGENT = 1, 3
Matter = Mapping[str, Any]


def fault_of(report: Report, matter: Matter | None, *, now: datetime) -> tuple[str, str] | None:
    """Why a report cannot be taken in, and the field that says so; None for one that can."""
    at = report.reported_at
    if at is not None and at > now + CLOCK_TOLERANCE:
        return f"reported_at lies in the future: {at.isoformat()}; check the clock it was taken from.", "reported_at"
    if matter is None:
        return f"There is no admitted matter with the code {report.matter!r}; GET /api/v1/matters lists them.", "matter"
    if report.urgency is not None and not MOST_URGENT <= report.urgency <= LEAST_URGENT:
        return f"urgency is 1 (most urgent), 2 or 3, not {report.urgency}.", "urgency"
    if report.tier is not None and matter["kind"] != wishes.KIND:
        return f"Only wishes have a tier, and {report.matter} is none.", "tier"
    if report.tier is not None and report.tier not in wishes.TIER_LIMIT_D:
        return f"tier is one of {', '.join(wishes.TIER_LIMIT_D)}, not {report.tier!r}.", "tier"
    return None


def new_case(report: Report, matter: Matter, grid: GridUnit | None, *, calendar: WorkCalendar, now: datetime) -> NewCase:
    """The case that a report without fault becomes; its clock starts when it was reported."""
    at = report.reported_at or now
    urgency = report.urgency or matter["urgency"]
    tier = tier_of(report.tier, matter)
    minutes = limit_of(matter, urgency=urgency, tier=tier, calendar=calendar)
    return NewCase(
        report=report,
        reported_at=at,
        day=at.astimezone(calendar.zone).date(),
        matter_id=matter["id"],
        state=COLLECTED if report.holder is None else HANDLING,
        urgency=urgency,
        tier=tier,
        grid_id=grid.id if grid else None,
        community_id=grid.community_id if grid else None,
        due_at=calendar.after(at, minutes=minutes),
        warn_at=calendar.after(at, minutes=minutes * WARN_AT_FRACTION),
    )


def tier_of(asked: str | None, matter: Matter) -> str | None:
    """The tier of a wish, the usual one when nobody chose; None for anything else."""
    return (asked or wishes.USUAL_TIER) if matter["kind"] == wishes.KIND else None


def limit_of(matter: Matter, *, urgency: int, tier: str | None, calendar: WorkCalendar) -> float:
    """Working minutes that a case has: a wish by its tier, anything else by its matter and urgency."""
    if tier is not None:
        return wishes.limit_min(tier, calendar=calendar)
    return limit_min(matter["time_limit_h"], usual_urgency=matter["urgency"], urgency=urgency)
