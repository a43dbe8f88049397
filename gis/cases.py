"""Cases from end to end: a step is taken, a case is read with its timeline and with what may be done next."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from gis.case_finding import AtlasAt, Desk, found, held_for, present
from gis.case_records import Asked, Case, Given
from gis.case_writing import Pen
from gis.errors import BadStep, NotFound, StaleCase, StepRefused
from gis.records import Account
from gis.rules import case_clock
from gis.rules.case_life import missing, steps_open, who_is
from gis.rules.case_steps import BY_ACTION, CLOSED, ENDED, SUSPENDED, Step, Who
from gis.rules.working_time import WorkCalendar
from gis.store import case_lists, case_steps, done_once
from gis.store import cases as store

NOTE_LIMIT = 2000


def take_step(
    conn: Connection, number: str, asked: Asked, *, account: Account, calendar: WorkCalendar, atlas_at: AtlasAt, now: datetime
) -> None:
    """Take a step of a case, with what follows from it by a rule. What comes with a key is done once.

    Raises NotFound, also for a case that the account does not see; StaleCase when somebody took a step since `seen_version`;
    StepRefused for what the case cannot take, or not from this account; BadStep, OfficerTaken, NobodyFree.
    """
    if asked.key is not None and done_once.begin(conn, actor=account.login, key=_kept_as(number, asked)) is not None:
        return
    held = store.lock(conn, [number, *filter(None, [asked.lead])])
    case = _seen(conn, held_for(held, number), account)
    step = _judged(case, asked, who_is(account, case))
    given = found(conn, case, asked, Desk(account, now, calendar, atlas_at, held))
    pen = Pen(conn, now, calendar)
    after = pen.write(
        case, step, given, by=account.login, note=asked.note, place=_place(asked), photo_ids=asked.photos
    )
    pen.follow(after, step, by=account.login)
    if given.lead is not None:
        pen.gather(held[given.lead], after)
    if asked.key is not None:
        done_once.keep(conn, actor=account.login, key=_kept_as(number, asked), answer={"number": number})
    pen.tell()


def _kept_as(number: str, asked: Asked) -> str:
    return f"{number} {asked.action} {asked.key}"


def _place(asked: Asked) -> tuple[float, float] | None:
    return None if asked.lon is None or asked.lat is None else (asked.lon, asked.lat)


def _seen(conn: Connection, case: Case, account: Account) -> Case:
    if store.id_seen(conn, case.number, account=account) is None:
        raise NotFound(f"There is no case with the number {case.number}.")
    return case


def _judged(case: Case, asked: Asked, who: frozenset[Who]) -> Step:
    """The step that was asked for, if the case can take it now, from this hand, with what came with it."""
    step = BY_ACTION.get(asked.action)
    if step is None:
        raise BadStep(f"action: there is no step {asked.action}; GET /api/v1/cases/steps lists them.", field="action")
    if asked.seen_version != case.version:
        raise StaleCase("Somebody took a step of this case since you read it.", current_version=case.version, number=case.number)
    may = [each.action for each in steps_open(case, who)]
    if step.action not in may:
        reason = "not by you" if step.action in {each.action for each in steps_open(case, frozenset(Who))} else "not as it stands"
        raise StepRefused(f"{step.name.en}: {reason}; the case is {case.state}.", state=case.state, may=may)
    lacking = missing(step, present(asked))
    if lacking:
        raise BadStep(f"{lacking[0]}: the step {step.action} needs it.", field=lacking[0], needs=list(step.needs))
    return step


def evaluate(
    conn: Connection, number: str, *, rating: int, words: str | None, calendar: WorkCalendar, now: datetime, by: str
) -> None:
    """Note what a reporter thinks of how a closed case was handled; of a merged one that is said of the case it was merged into.

    Raises NotFound, StepRefused while the case is open.
    """
    case = held_for(store.lock(conn, [number]), number)
    if case.merged_into is not None:
        case = held_for(store.lock(conn, [case.merged_into]), case.merged_into)
    if case.state != CLOSED:
        raise StepRefused("A case is evaluated when it is closed.", state=case.state, may=[])
    pen = Pen(conn, now, calendar)
    pen.write(case, BY_ACTION["evaluate"], Given(facts={"rating": rating}), by=by, note=words)
    pen.tell()


def describe(conn: Connection, number: str, *, account: Account, calendar: WorkCalendar, now: datetime) -> dict[str, Any]:
    """A case with its timeline, its clock, who reported it and what the account may do. Raises NotFound."""
    case_id = store.id_seen(conn, number, account=account)
    if case_id is None:
        raise NotFound(f"There is no case with the number {number}.")
    return _described(conn, case_id, account=account, calendar=calendar, now=now)


def _described(conn: Connection, case_id: int, *, account: Account, calendar: WorkCalendar, now: datetime) -> dict[str, Any]:
    case = store.standing(conn, [case_id])[0]
    who = who_is(account, case)
    return case_lists.by_id(conn, case_id) | {
        "steps": case_steps.timeline(conn, case_id),
        "may": steps_open(case, who),
        "parties": sorted(case.parties),
        "merged": store.merged_into(conn, case.number),
        "reporters": case_steps.reporters(conn, case_id),
        "reporters_named": Who.HOLDER in who or account.role == "dispatcher",
        "clock": {
            "running": case.state not in ENDED and case.state != SUSPENDED,
            "due_at": case.due_at,
            "left_min": None if case.state in ENDED else case_clock.left_of(case, now=now, calendar=calendar),
            "limit_min": case_clock.limit_of(case.matter, urgency=case.urgency, tier=case.tier, calendar=calendar),
        },
    }


def after_step(conn: Connection, number: str, *, account: Account, calendar: WorkCalendar, now: datetime) -> dict[str, Any]:
    """As `describe`, for whoever just took a step of it, even if the step took it out of her part of the city."""
    case_id = store.id_of(conn, number)
    return _described(conn, case_id, account=account, calendar=calendar, now=now)
