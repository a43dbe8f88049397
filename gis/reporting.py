"""Citizens: report without an account, follow by number and key, see what is known around, say how it went."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from math import cos, radians
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection

from gis.citizen_records import Contact, PublicCase, PublicStep, Reporter
from gis.errors import BadReport, NotFound, RatingRefused
from gis.feature_records import Bbox
from gis.records import Name
from gis.rules.actors import PUBLIC
from gis.rules.blurring import SQUARE_DEG, neighbourhood
from gis.rules.plain_words import ANSWERS, RATED_IN, STEPS
from gis.store import attempts, catalogue, done_once, notices, photos
from gis.store import reporters as store

MERGE: Final = "merge"
SHOWN_AT_MOST: Final = 1_000
NEAR_M: Final = 120
NEAR_AT_MOST: Final = 5
SHOWN_FOR: Final = timedelta(days=90)
SHOWN_AFTER_END: Final = timedelta(days=14)
SAME_WITHIN: Final = timedelta(minutes=10)
SAME_M: Final = 15
COMMUNITIES_UP_TO_DEG: Final = 0.15
M_PER_DEG: Final = 111_320
OFTEN_OF: Final = 3_000
OFTEN: Final = 8
KEYS_KEPT_D: Final = 30
HOUR_S, DAY_S = 3600, 24 * 3600


def done_before(conn: Connection, key: str) -> dict[str, Any] | None:
    """The answer to a report that was sent before with this key. Whoever sends it at the same moment waits for the first."""
    return done_once.begin(conn, actor=PUBLIC, key=_kept_as(key))


def keep_answer(conn: Connection, key: str, answer: dict[str, Any]) -> None:
    """Keep the answer to a report: the same key is answered the same."""
    done_once.keep(conn, actor=PUBLIC, key=_kept_as(key), answer=answer)


def forget_keys(conn: Connection) -> int:
    """Forget answers that nobody asks for again, of reports and of steps; returns how many."""
    return done_once.forget(conn, older_than_d=KEYS_KEPT_D)


def _kept_as(key: str) -> str:
    return f"public report {key}"


def count_report(conn: Connection, *, address: str, per_hour: int, per_day: int) -> int:
    """Count a report from an address; returns the seconds to wait, 0 when it may. The caller commits."""
    hour_s = attempts.wait_s(conn, "", "report in an hour", address, at_most=per_hour, window_s=HOUR_S)
    day_s = attempts.wait_s(conn, "", "report in a day", address, at_most=per_day, window_s=DAY_S)
    return max(hour_s, day_s)


def check_matter(conn: Connection, code: str, *, today: date) -> None:
    """Raises BadReport for a matter that citizens do not report."""
    if not any(row["code"] == code and row["by_citizens"] for row in catalogue.matters_in_force(conn, today)):
        raise BadReport(f"Nobody reports {code!r} here; GET /api/v1/public/matters lists what may be.", field="matter")


def said_before(
    conn: Connection, *, matter: str, lon: float, lat: float, description: str | None, now: datetime
) -> str | None:
    """The number of the case that somebody just reported in the same words at the same place, so that it is not opened twice."""
    return store.same_again(
        conn, matter=matter, lon=lon, lat=lat, description=description, metres=SAME_M, since=now - SAME_WITHIN
    )


def add_reporter(
    conn: Connection, number: str, *, contact: Contact, photo_ids: Sequence[str], now: datetime, joined: bool = False
) -> tuple[Reporter, int]:
    """Somebody reports a case, the first or also; returns who it is with her key, and how many of the photos were there.

    `joined` says that others reported it before: she is not told what is private in it. Raises NotFound.
    """
    case = _case(conn, number)
    key = secrets.token_urlsafe(18)
    reporter_id = store.add(conn, case.id, key=key, contact=contact, joined=joined, at=now)
    step = store.first_step(conn, case.id)
    given = photos.attach_reporters(
        conn, photo_ids, incident_id=case.id, step_id=step, sent_by=PUBLIC, reporter_id=reporter_id
    )
    if contact.wants_mail and contact.email:
        notices.write(conn, reporter_id, kind="report", at=now)
    return Reporter(reporter_id, case.id, key, contact, joined), len(given)


def join(
    conn: Connection, number: str, *, contact: Contact, photo_ids: Sequence[str], now: datetime
) -> tuple[str, Reporter, int]:
    """Somebody says "this is it already": she hears of a case that others reported. Raises NotFound, also for what is hidden.

    Returns the number of the case that leads, who joined, and how many of the photos were there.
    """
    case = lead_of(conn, _case(conn, number))
    if case.visibility == "hidden" or case.closed_at is not None:
        raise NotFound(f"There is no open case with the number {number} to join.")
    return case.number, *add_reporter(conn, case.number, contact=contact, photo_ids=photo_ids, now=now, joined=True)


def _case(conn: Connection, number: str) -> PublicCase:
    case = store.case(conn, number)
    if case is None:
        raise NotFound(f"There is no report with the number {number}.")
    return case


def lead_of(conn: Connection, case: PublicCase) -> PublicCase:
    """The case that one was merged into, or itself."""
    seen = {case.number}
    while case.merged_into is not None and case.merged_into not in seen:
        seen.add(case.merged_into)
        case = _case(conn, case.merged_into)
    return case


def follow(conn: Connection, number: str, *, key: str | None) -> tuple[PublicCase, PublicCase, Reporter | None]:
    """A case by its number, the one that it is handled in, and who asks if the key is of it. Raises NotFound."""
    case = _case(conn, number)
    reporter = store.by_key(conn, key) if key else None
    return case, lead_of(conn, case), reporter if reporter is not None and reporter.incident_id == case.id else None


def hears_answers(reporter: Reporter | None, case: PublicCase) -> bool:
    """Whether the words and photos of those who handled a case are told: to who reported it, not to who joined what is private."""
    return reporter is not None and (not reporter.joined or case.visibility == "shown")


def steps(conn: Connection, case: PublicCase, lead: PublicCase, *, with_answers: bool) -> list[PublicStep]:
    """What became of a report, oldest first; with the notes and photos that answer it, or without."""
    found = store.steps(conn, case.id, actions=tuple(STEPS))
    if lead.id != case.id:
        merged = max((place for place, step in enumerate(found) if step.action == MERGE), default=len(found) - 1)
        found = found[: merged + 1]  # what ended it afterwards is told of the one that leads, with its words
        found += [step for step in store.steps(conn, lead.id, actions=tuple(STEPS)) if step.at > found[-1].at]
    return [step if with_answers and step.action in ANSWERS else replace(step, note=None, photos=()) for step in found]


def own_photos(conn: Connection, reporter: Reporter) -> list[str]:
    """The photos that a reporter sent."""
    return store.own_photos(conn, reporter)


def rate(conn: Connection, number: str, *, key: str, rating: int, words: str | None, now: datetime) -> None:
    """A reporter says how it went, once. Raises NotFound, RatingRefused.

    The caller takes the step `evaluate` of the case in the same transaction: those who supervise see it there.
    """
    case = _case(conn, number)
    lead = lead_of(conn, case)
    store.hold(conn, lead.number)
    reporter = store.by_key(conn, key, lock=True)
    if reporter is None or reporter.incident_id != case.id:
        raise NotFound("This key is not of this report.")
    state = _case(conn, lead.number).state
    if state not in RATED_IN:
        raise RatingRefused("Say how it went when it is settled.", state=state)
    if reporter.rating is not None:
        raise RatingRefused("You have said how it went already.", state=state)
    store.rate(conn, reporter.id, rating=rating, words=words, at=now)


def stop_mail(conn: Connection, key: str) -> None:
    """No mail any more about a report. Raises NotFound."""
    if not store.stop_mail(conn, key):
        raise NotFound("This key is of no report.")


def often_reported(conn: Connection, *, kind: str) -> list[str]:
    """The matters that citizens reported most often of late."""
    return store.often_reported(conn, kind=kind, latest=OFTEN_OF, limit=OFTEN)


def around(conn: Connection, bbox: Bbox, *, now: datetime) -> list[PublicCase]:
    """What is known in a box, newest first, each where the public may see it; without what is private.

    Boxes cut what is blurred at its neighbourhood, not at its place: else narrow boxes would find it.
    """
    west, south, east, north = bbox
    wider = (west - SQUARE_DEG, south - SQUARE_DEG, east + SQUARE_DEG, north + SQUARE_DEG)
    found = store.open_around(
        conn, bbox=wider, since=now - SHOWN_FOR, ended_since=now - SHOWN_AFTER_END, limit=SHOWN_AT_MOST
    )
    shown = [_as_shown(case) for case in found]
    return [case for case in shown if west <= case.lon <= east and south <= case.lat <= north]


def _as_shown(case: PublicCase) -> PublicCase:
    bare = replace(case, description=None, address=None)
    if case.visibility == "shown":
        return bare
    lon, lat = neighbourhood(np.array([case.lon]), np.array([case.lat]))
    return replace(bare, lon=float(lon[0]), lat=float(lat[0]))


def near(conn: Connection, lon: float, lat: float, *, matter: str | None, now: datetime) -> list[tuple[PublicCase, int | None]]:
    """Open cases near a place that may be the same, the likeliest first, with their distance in metres.

    What is blurred counts as near from its neighbourhood on, and its distance is not told.
    """
    high = NEAR_M / M_PER_DEG + SQUARE_DEG
    wide = high / cos(radians(lat))
    found = []
    for case in around(conn, (lon - wide, lat - high, lon + wide, lat + high), now=now):
        metres = _metres(case, lon, lat)
        is_blurred = case.visibility == "blurred"
        if case.closed_at is None and metres <= (NEAR_M + SQUARE_DEG * M_PER_DEG / 2 if is_blurred else NEAR_M):
            found.append((case, None if is_blurred else round(metres)))
    found.sort(key=lambda each: (each[0].matter != matter, each[1] is None, each[1] or 0))
    return found[:NEAR_AT_MOST]


def place_of(conn: Connection, lon: float, lat: float) -> tuple[Name | None, Name | None]:
    """The community and the town that a place lies in; None outside of the city."""
    return store.area_at(conn, lon, lat, level="community"), store.area_at(conn, lon, lat, level="town")


def ground(conn: Connection, bbox: Bbox) -> list[dict[str, Any]]:
    """What a map without a base map needs to find one's way: communities with names, and in a wide box towns."""
    is_wide = bbox[2] - bbox[0] > COMMUNITIES_UP_TO_DEG
    return store.ground(conn, bbox=bbox, level="town" if is_wide else "community", band=0 if is_wide else 2)


def _metres(case: PublicCase, lon: float, lat: float) -> float:
    east = (case.lon - lon) * M_PER_DEG * cos(radians(lat))
    return float(np.hypot(east, (case.lat - lat) * M_PER_DEG))
