"""Consultations: plans and other things put to residents, in six stages, and what they say to them."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from gis import draft_access as access
from gis.errors import AlreadyThere, BadConsultation, BeyondOwnPart, ConsultationClosed, NotFound, StageRefused, SupportMissing
from gis.publication_records import Voices
from gis.records import Name, Reach, Unit
from gis.rules.consultation import (
    HEARING,
    STAGES,
    Consultation,
    Opinion,
    Step,
    can_follow,
    is_public,
    is_supported,
    may_be_carried_out,
    plan_state_at,
    takes_opinions,
)
from gis.rules.coordinates import CoordinateFault, coordinate_faults
from gis.store import areas, attempts, journal, patches, publishing
from gis.store import consultations as store
from gis.store.reach import holds_area

OPINIONS_AT_MOST: Final = 60  # new voices from one address in a window: a block of flats behind one line, no machine
WINDOW_S: Final = 60 * 60


def open_for_plan(
    conn: Connection, plan_id: int, *, title: Name, summary: Name, since: date, until: date, needed_fraction: float, reach: Reach,
    by: str,
) -> Consultation:  # fmt: skip
    """Put a draft to residents; it may not be edited while they are heard.

    Raises NotFound (a draft elsewhere is as good as none), StageRefused unless it is a draft, AlreadyThere, and BadConsultation,
    also where it changes nothing.
    """
    access.seen(conn, plan_id, reach=reach)
    head, area_id = patches.head(conn, plan_id, lock=True), store.plan_area(conn, plan_id)
    if head is None or area_id is None:
        raise NotFound(f"There is no plan with the number {plan_id}.")
    if any(STAGES.index(each.stage) < STAGES.index("evaluate") for each in store.find(conn, plan_id=plan_id)):
        raise AlreadyThere("This plan is put to residents already.")
    if head.state != "draft":
        raise StageRefused(f"Only a draft is put to residents; this plan is {head.state}.", state=head.state)
    if not publishing.changed_communities(conn, plan_id):
        raise BadConsultation("The draft changes nothing yet: redraw a grid before residents are asked.", field="plan")
    store.set_plan_state(conn, plan_id, "consultation")
    opened = _open(
        conn, "plan", plan_id, area_id, title=title, summary=summary, since=since, until=until, needed_fraction=needed_fraction,
        reach=reach, by=by,
    )  # fmt: skip
    store.hear(conn, opened.id, version=head.version)
    return opened


def open_for_area(
    conn: Connection, kind: str, area_code: str, *, title: Name, summary: Name, since: date, until: date, needed_fraction: float,
    reach: Reach, by: str,
) -> Consultation:  # fmt: skip
    """Put something else than a plan to the residents of an area. Raises NotFound, BeyondOwnPart, BadConsultation."""
    area_id = areas.ids_by_code(conn).get(area_code)
    if area_id is None:
        raise NotFound(f"There is no area with the code {area_code}.")
    return _open(
        conn, kind, None, area_id, title=title, summary=summary, since=since, until=until, needed_fraction=needed_fraction,
        reach=reach, by=by,
    )  # fmt: skip


def _open(
    conn: Connection, kind: str, plan_id: int | None, area_id: int, *, title: Name, summary: Name, since: date, until: date,
    needed_fraction: float, reach: Reach, by: str,
) -> Consultation:  # fmt: skip
    _keep_inside(reach, store.area_path(conn, area_id))
    if until < since:
        raise BadConsultation("The last day lies before the first.", field="until")
    consultation_id = store.save(
        conn, kind=kind, plan_id=plan_id, area_id=area_id, title=title, summary=summary, since=since, until=until,
        needed_fraction=needed_fraction, by=by,
    )  # fmt: skip
    store.enter_stage(conn, consultation_id, "collect", note=None, by=by)
    journal.append(conn, "consultation.opened", subject=str(consultation_id), actor=by, plan=plan_id)
    return get(conn, consultation_id)


def _keep_inside(reach: Reach, area_path: str) -> None:
    if not holds_area(reach, area_path):
        raise BeyondOwnPart("This asks people outside of your own part of the city.")


def get(conn: Connection, consultation_id: int, *, public_on: date | None = None) -> Consultation:
    """One of them; for the public only from its first day on. Raises NotFound."""
    found = store.by_id(conn, consultation_id)
    if found is None or (public_on is not None and not is_public(found, today=public_on)):
        raise NotFound(f"There is no consultation with the number {consultation_id}.")
    return found


def find(conn: Connection, *, public_on: date | None = None) -> list[Consultation]:
    """All of them, newest first; for the public those that have begun."""
    return store.find(conn, begun_by=public_on)


def steps(conn: Connection, consultation_id: int) -> list[Step]:
    """The stages it went through."""
    return store.steps(conn, consultation_id)


def _lead(conn: Connection, consultation_id: int, *, reach: Reach) -> Consultation:
    """One of them, held for a change by somebody whose part of the city it lies in. Raises NotFound, BeyondOwnPart."""
    found = store.by_id(conn, consultation_id, lock=True)
    if found is None:
        raise NotFound(f"There is no consultation with the number {consultation_id}.")
    _keep_inside(reach, found.area_path)
    return found


def change(
    conn: Connection, consultation_id: int, *, title: Name | None, summary: Name | None, until: date | None, outcome: str | None,
    reach: Reach, by: str,
) -> Consultation:  # fmt: skip
    """Other words, another last day, or what came of it. Raises NotFound, BeyondOwnPart, BadConsultation."""
    held = _lead(conn, consultation_id, reach=reach)
    last = until or held.until
    if last < held.since:
        raise BadConsultation("The last day lies before the first.", field="until")
    store.change(
        conn, consultation_id, title=title or held.title, summary=summary or held.summary, until=last,
        outcome=held.outcome if outcome is None else outcome or None,
    )  # fmt: skip
    journal.append(conn, "consultation.changed", subject=str(consultation_id), actor=by)
    return get(conn, consultation_id)


def enter_stage(conn: Connection, consultation_id: int, stage: str, *, note: str | None, reach: Reach, by: str) -> Consultation:
    """Go on to the next stage, or take up an earlier one again.

    Raises StageRefused when it is not next, SupportMissing where something would be carried out that residents do not support.
    """
    held = _lead(conn, consultation_id, reach=reach)
    if not can_follow(held.stage, stage):
        raise StageRefused(f"From {held.stage} it goes on to the next stage or back to an earlier one.", stage=held.stage)
    if stage == "carry_out" and not may_be_carried_out(held):
        raise SupportMissing(
            "It does not have the support it needs; it is carried out only with a reason on record.", **_support(held)
        )
    store.enter_stage(conn, consultation_id, stage, note=note, by=by)
    if held.plan_id is not None:
        store.set_plan_state(conn, held.plan_id, plan_state_at(stage))
        _hear_again(conn, held, stage=stage)
    journal.append(conn, "consultation.stage", subject=str(consultation_id), actor=by, stage=stage, before=held.stage)
    return get(conn, consultation_id)


def _hear_again(conn: Connection, held: Consultation, *, stage: str) -> None:
    """Residents are heard on the plan as it is when they are heard again; what they said to another version counts no more."""
    head = None if held.plan_id is None else patches.head(conn, held.plan_id)
    if head is not None and stage in HEARING and held.stage not in HEARING:
        store.hear(conn, held.id, version=head.version)


def heard_map(conn: Connection, consultation: Consultation) -> dict[str, Any] | None:
    """The map that residents are heard on, as it was kept; None where none is."""
    return store.heard_map(conn, consultation.id)


def keep_map(conn: Connection, consultation: Consultation, drawn: str) -> None:
    """Keep the map that residents are heard on, as JSON, whatever becomes of the plan."""
    store.keep_map(conn, consultation.id, drawn)


def _support(held: Consultation) -> dict[str, float | None]:
    return {"support": held.voices.fraction, "support_needed": held.needed_fraction}


def override(conn: Connection, consultation_id: int, *, reason: str, reach: Reach, by: str) -> Consultation:
    """Put on record why it is carried out without the support it needs. Raises StageRefused where there is enough."""
    held = _lead(conn, consultation_id, reach=reach)
    if is_supported(held.voices, needed_fraction=held.needed_fraction):
        raise StageRefused("It has the support it needs: there is nothing to set aside.", stage=held.stage)
    store.override(conn, consultation_id, reason=reason, by=by)
    journal.append(conn, "consultation.overridden", subject=str(consultation_id), actor=by, reason=reason, **_support(held))
    return get(conn, consultation_id)


def count_opinion(conn: Connection, consultation_id: int, *, voter: str, address: str) -> int:
    """Count a new voice from an address before it is heard; returns the seconds to wait, 0 when it may be. The caller commits.

    Who spoke before only says it otherwise, and is not counted.
    """
    if store.has_spoken(conn, consultation_id, voter):
        return 0
    return attempts.wait_s(conn, "", "opinion", address, at_most=OPINIONS_AT_MOST, window_s=WINDOW_S)


def say(
    conn: Connection, consultation_id: int, *, support: bool, words: str | None, place: tuple[float, float] | None, voter: str,
    today: date,
) -> bool:  # fmt: skip
    """Take in what a resident says, in place of what the same voter said before; returns whether it is a new voice.

    `place` is longitude and latitude in WGS 84. Raises NotFound, ConsultationClosed, BadConsultation.
    """
    held = get(conn, consultation_id, public_on=today)
    if not takes_opinions(held, today=today):
        raise ConsultationClosed("Opinions are not taken any more, or not yet.", stage=held.stage)
    if place is not None and (fault := int(coordinate_faults(*place))):
        raise BadConsultation(CoordinateFault(fault).message, field="place", fault=CoordinateFault(fault).name.lower())
    return store.save_opinion(conn, consultation_id, support=support, words=words, place=place, voter=voter)


def opinions(
    conn: Connection, consultation_id: int, *, limit: int, before: int | None = None, with_hidden: bool = False
) -> list[Opinion]:
    """What was said, newest first."""
    return store.opinions(conn, consultation_id, limit=limit, before=before, with_hidden=with_hidden)


def is_led_by(consultation: Consultation, reach: Reach) -> bool:
    """Whether the area that is asked lies inside somebody's own part of the city."""
    return holds_area(reach, consultation.area_path)


def hide_opinion(conn: Connection, consultation_id: int, opinion_id: int, *, hidden: bool, reach: Reach, by: str) -> None:
    """Take out an opinion that does not belong here, or back in; it stays on record and counts no more. Raises NotFound."""
    _lead(conn, consultation_id, reach=reach)
    if not store.hide_opinion(conn, consultation_id, opinion_id, hidden=hidden):
        raise NotFound(f"There is no opinion with the number {opinion_id} here.")
    journal.append(conn, "opinion.hidden" if hidden else "opinion.shown", subject=str(opinion_id), actor=by)


def voices_by_community(conn: Connection, consultation_id: int) -> Mapping[int | None, Voices]:
    """Support by the community that the voices come from."""
    return store.voices_by_community(conn, consultation_id)


def places(conn: Connection) -> dict[int, Unit]:
    """Every area by its id."""
    return {area_id: units[0] for area_id, (units, _) in areas.chains(conn).items()}


def outline(conn: Connection, consultation: Consultation) -> dict[str, Any]:
    """The area that is asked as a GeoJSON geometry, roughly."""
    return store.area_outline(conn, consultation.area_id)


def posts_by_role(conn: Connection, consultation: Consultation) -> dict[int, dict[str, int]]:
    """How many officers of each role work in each grid of the ground concerned."""
    return store.posts_by_role(conn, consultation.area_path)
