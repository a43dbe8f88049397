"""What a step makes of a case, and who may take it. Pure: what the step needs was found before.

Laws (tests/rules/test_case_life.py): a case has exactly one owner; it is open as long as it has no end; its clock stands still
exactly while it is suspended; what is in hand is in the hand of one officer or of the department; every step counts one version.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from gis.case_records import Case, Given
from gis.records import Account
from gis.rules import case_clock, wishes
from gis.rules.case_steps import (
    ACCEPTED,
    ENDED,
    EXTENSIONS_AT_MOST,
    SETTLED_FROM_URGENCY,
    Step,
    Who,
    steps_from,
)
from gis.rules.escalation import parent, ways_down, within
from gis.rules.working_time import WorkCalendar

BACK_AFTER_SUSPENSION: Final = ACCEPTED  # of a case whose history does not tell where it was before


def who_is(account: Account, case: Case) -> frozenset[Who]:
    """What somebody is to a case."""
    own = account.area_path
    roles = {
        Who.COMMAND: account.role == "dispatcher" and within(case.command.path, own),
        Who.ABOVE: account.role == "dispatcher" and within(case.command.path, own) and case.command.path != own,
        Who.HOLDER: _holds(account, case),
        Who.PARTY: account.role == "department" and account.department in case.parties,
    }
    return frozenset(who for who, holds in roles.items() if holds)


def _holds(account: Account, case: Case) -> bool:
    if account.role == "department":
        return case.with_department and account.department == case.matter.department
    return account.staff_id is not None and account.staff_id == case.holder_id


def steps_open(case: Case, who: frozenset[Who]) -> list[Step]:
    """The steps that somebody may take of a case as it stands, in the order of the table."""
    return [step for step in steps_from(case.state, who=who) if _fits(step.action, case)]


def _fits(action: str, case: Case) -> bool:
    """What the table of transitions cannot say: nothing above the city, nothing below a community, no extension without end."""
    if action == "settle":
        return case.urgency >= SETTLED_FROM_URGENCY
    if action == "escalate":
        return parent(case.command.path) is not None
    if action == "send_down":
        return bool(ways_down(case.command.path, case.spot.path))
    if action == "extend":
        return case.extensions < EXTENSIONS_AT_MOST
    return action != "supervise" or not case.supervised


def taken(case: Case, step: Step, given: Given, *, now: datetime, calendar: WorkCalendar) -> Case:
    """The case after a step."""
    state = {None: case.state, "before": case.before or BACK_AFTER_SUSPENSION}.get(step.to, step.to) or case.state
    change = CHANGES.get(step.action)
    changed = change(case, given, now, calendar) if change else case
    if step.action == "rework" and not in_hand(changed):
        state = ACCEPTED
    ends = state in ENDED and case.state not in ENDED
    closed_at = max(now, case.reported_at) if ends else changed.closed_at
    return replace(changed, state=state, version=case.version + 1, closed_at=closed_at)


def in_hand(case: Case) -> bool:
    """Whether an officer or the department has it."""
    return case.holder_id is not None or case.with_department


Change = Callable[[Case, Given, datetime, WorkCalendar], Case]


def _let_go(case: Case, given: Given, now: datetime, calendar: WorkCalendar) -> Case:
    return replace(case, holder_id=None, with_department=False)


def _given(case: Case, given: Given, now: datetime, calendar: WorkCalendar) -> Case:
    return replace(case, holder_id=given.staff_id, with_department=given.staff_id is None)


def _sent_back(case: Case, given: Given, now: datetime, calendar: WorkCalendar) -> Case:
    return replace(case, holder_id=None, with_department=False, returns=case.returns + 1)


def _begun_anew(case: Case, given: Given, now: datetime, calendar: WorkCalendar) -> Case:
    fresh = replace(
        case, holder_id=None, with_department=False, closed_at=None, merged_into=None, returns=0, extensions=0, supervised=False
    )
    return case_clock.begun(fresh, now=now, calendar=calendar)


def _suspended(case: Case, given: Given, now: datetime, calendar: WorkCalendar) -> Case:
    return replace(case_clock.stopped(case, now=now, calendar=calendar), before=case.state)


def _resumed(case: Case, given: Given, now: datetime, calendar: WorkCalendar) -> Case:
    left = case_clock.left_of(case, now=now, calendar=calendar)
    return case_clock.running(case, left_min=left, now=now, calendar=calendar)


def _extended(case: Case, given: Given, now: datetime, calendar: WorkCalendar) -> Case:
    """So many hours more; a case that is overdue has them from now on."""
    left = max(0.0, case_clock.left_of(case, now=now, calendar=calendar)) + given.hours * 60
    return replace(case_clock.running(case, left_min=left, now=now, calendar=calendar), extensions=case.extensions + 1)


def _commanded(case: Case, given: Given, now: datetime, calendar: WorkCalendar) -> Case:
    return replace(case, command=given.command or case.command)


def _supervised(case: Case, given: Given, now: datetime, calendar: WorkCalendar) -> Case:
    return replace(case, supervised=True)


def _merged(case: Case, given: Given, now: datetime, calendar: WorkCalendar) -> Case:
    return replace(_let_go(case, given, now, calendar), merged_into=given.lead)


def _joined(case: Case, given: Given, now: datetime, calendar: WorkCalendar) -> Case:
    return replace(case, parties=case.parties | given.parties)


def _reclassified(case: Case, given: Given, now: datetime, calendar: WorkCalendar) -> Case:
    """Under another matter: as urgent as that usually is, unless somebody had made it more or less urgent than usual."""
    matter = given.matter or case.matter
    urgency = matter.urgency if case.urgency == case.matter.urgency else case.urgency
    tier = (case.tier or wishes.USUAL_TIER) if matter.kind == wishes.KIND else None
    changed = replace(case, matter=matter, urgency=urgency, tier=tier)
    return case_clock.reckoned_anew(case, changed, now=now, calendar=calendar)


def _prioritised(case: Case, given: Given, now: datetime, calendar: WorkCalendar) -> Case:
    changed = replace(case, urgency=given.urgency or case.urgency)
    return case_clock.reckoned_anew(case, changed, now=now, calendar=calendar)


def _relocated(case: Case, given: Given, now: datetime, calendar: WorkCalendar) -> Case:
    return replace(case, spot=given.spot or case.spot, command=given.command or case.command)


CHANGES: Final[dict[str, Change]] = {
    "accept": _let_go, "reject": _let_go, "dispatch": _given, "refuse": _sent_back, "reopen": _begun_anew, "split": _begun_anew,
    "suspend": _suspended, "resume": _resumed, "extend": _extended, "escalate": _commanded, "send_down": _commanded,
    "supervise": _supervised, "merge": _merged, "join": _joined, "reclassify": _reclassified, "prioritise": _prioritised,
    "relocate": _relocated,
}  # fmt: skip


def stays_under(case: Case, community: str | None) -> bool:
    """Whether a case whose place is corrected stays under its command: escalated, and the new place lies there too."""
    if case.spot.path is None or community is None:
        return False
    return within(community, case.command.path)


def missing(step: Step, present: Sequence[str]) -> list[str]:
    """What a step needs and did not get."""
    return [need for need in step.needs if need not in present]

