"""Who may look at a draft, and who may edit it."""

from collections.abc import Sequence

from sqlalchemy import Connection

from gis.errors import BeyondOwnPart, DraftClosed, NotFound
from gis.plan_records import PlanHead
from gis.records import Reach
from gis.store import drafts, patches
from gis.store.reach import holds_area

PUBLISHED = ("coming", "published", "superseded")


def version_seen(conn: Connection, plan_id: int, *, reach: Reach) -> int:
    """The version that a plan is at, for somebody who may look at it. Raises NotFound."""
    found = drafts.polled(conn, plan_id)
    if found is None or not may_look(found[1], found[2], reach=reach):
        raise NotFound(f"There is no plan with the number {plan_id}.")
    return found[0]


def may_look(state: str, scope: Sequence[str], *, reach: Reach) -> bool:
    """Published plans are for everybody, drafts for those whose part of the city they touch; `scope` are paths of areas."""
    own = Reach(reach.area_path)
    return state in PUBLISHED or any(holds_area(own, path) or holds_area(Reach(path), own.area_path) for path in scope)


def seen(conn: Connection, plan_id: int, *, reach: Reach) -> PlanHead:
    """A plan for somebody who looks at it. Raises NotFound."""
    version_seen(conn, plan_id, reach=reach)
    head = patches.head(conn, plan_id)
    assert head is not None, "it was there a moment ago, and plans are never deleted"
    return head


def held(conn: Connection, plan_id: int, *, reach: Reach) -> PlanHead:
    """A draft for somebody who edits it, locked until the transaction ends. Raises NotFound, BeyondOwnPart, DraftClosed."""
    head = patches.head(conn, plan_id, lock=True)
    found = drafts.polled(conn, plan_id)
    if head is None or found is None or not may_look(found[1], found[2], reach=reach):
        raise NotFound(f"There is no plan with the number {plan_id}.")
    if head.state != "draft":
        raise DraftClosed(f"Plan {plan_id} is no draft any more; open a new one that starts from it.", state=head.state)
    if not all(holds_area(reach, path) for path in found[2]):
        raise BeyondOwnPart("The draft reaches beyond your own part of the city.")
    return head
