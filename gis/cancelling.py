"""Calling off: a plan that is not in force yet becomes a draft again, and the plan before it goes on without an end."""

from datetime import datetime

from sqlalchemy import Connection

from gis import draft_access as access
from gis.errors import BeyondOwnPart, NotFound, PublicationRefused
from gis.publication_records import DraftFacts, PlanFinding
from gis.records import Reach
from gis.rules.findings import ERROR
from gis.store import cancellation as store
from gis.store import journal, plans, publication_rows, publishing
from gis.store.reach import holds_area


def cancel(conn: Connection, plan_id: int, *, reason: str, reach: Reach, by: str, now: datetime) -> int:
    """Call a plan off before it comes into force; returns its version. Codes that it gave are never given again.

    Its edits stay, and it can be published anew; one that would have put an earlier plan in force again is withdrawn. Raises
    NotFound, BeyondOwnPart and PublicationRefused (what stands against it rides along).
    """
    plans.lock_publishing(conn)
    access.seen(conn, plan_id, reach=reach)
    facts = publishing.facts(conn, plan_id, lock=True)
    parent_id = plans.parent_of(conn, plan_id)
    if facts is None or facts.since is None or parent_id is None:
        raise NotFound(f"There is no published plan with the number {plan_id} that follows another.")
    if not all(holds_area(reach, path) for path in facts.scope_paths):
        raise BeyondOwnPart("The plan changes communities beyond your own part of the city.")
    findings = _against(conn, facts, now=now)
    if findings:
        raise PublicationRefused(f"The plan is not called off: {findings[0].message}", findings=findings)
    return _undone(conn, facts, facts.since, parent_id=parent_id, reason=reason, by=by)


def _against(conn: Connection, facts: DraftFacts, *, now: datetime) -> list[PlanFinding]:
    plan_id, found = facts.head.id, []
    if facts.since is None or facts.since <= now:
        found.append(PlanFinding("in_force_already", ERROR, "It is in force already: put the plan before in force again."))
    newest = publishing.newest(conn)
    if newest is not None and newest[0] != plan_id:
        found.append(PlanFinding("not_the_newest", ERROR, f"Plan {newest[0]} follows it: call that one off first."))
    children = store.drafts_of(conn, plan_id)
    if children:
        named = ", ".join(map(str, children))
        found.append(PlanFinding("drafts_start_from_it", ERROR, f"These plans start from it: {named}."))
    posts = store.posted_since(conn, plan_id)
    if posts:
        found.append(
            PlanFinding("posted_since", ERROR, f"{posts} officers were posted on its new grids since: post them elsewhere.")
        )
    return found


def _undone(conn: Connection, facts: DraftFacts, since: datetime, *, parent_id: int, reason: str, by: str) -> int:
    plan_id = facts.head.id
    posts = store.return_posts(conn, plan_id)
    store.remove_ground(conn, plan_id, parent_id=parent_id)
    store.reopen(conn, plan_id, parent_id=parent_id, since=since)
    store.unshelve(conn, plan_id)
    publication_rows.place_anew(conn, parent_id, since=since)
    journal.append(conn, "plan.cancelled", subject=str(plan_id), actor=by, reason=reason, since=since.isoformat(), posts=posts)
    return facts.head.version + 1
