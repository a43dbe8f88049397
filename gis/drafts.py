"""Drafts: opened from a plan, described with their figures, withdrawn. What edits them is in `gis.editing`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from gis import draft_access as access
from gis.draft_records import EditFinding, NewDraft
from gis.errors import BadQuery, BeyondOwnPart, DraftClosed, NoPlanInForce, NotFound, StaleEdit
from gis.feature_records import Bbox
from gis.plan_records import PlanHead
from gis.records import Reach
from gis.rules.checking import cell_findings, grid_findings
from gis.rules.coverage import BAND_TOLERANCE_M
from gis.rules.figures import cell_features, collection, grid_feature, written
from gis.rules.filed_edits import name_in_files
from gis.rules.zones import WGS84, project
from gis.store import drafts as store
from gis.store import grid_loads, journal, patches, workloads
from gis.store import plans as plan_store
from gis.store.reach import holds_area

CELLS_AT_MOST = 5_000
SIMPLIFIED_M = BAND_TOLERANCE_M[-1]


def open_draft(conn: Connection, draft: NewDraft, *, reach: Reach, by: str) -> int:
    """Open a draft that starts from a plan, or a copy of another draft; returns its id.

    By default it starts from the newest plan that is published, also before that one's day.

    Raises BadQuery for an area that does not exist, BeyondOwnPart for one of others, NotFound for an unknown plan.
    """
    if draft.copy_of is not None:
        return _copied(conn, draft, reach=reach, by=by)
    _refuse_scope(conn, draft.scope, reach=reach)
    parent = draft.parent_id or store.newest(conn)
    if parent is None:
        raise NoPlanInForce("No plan was published yet: a draft starts from one.")
    found = store.polled(conn, parent)
    if found is None or found[1] not in access.PUBLISHED:
        raise NotFound(f"There is no published plan with the number {parent}.")
    plan_id = store.save(conn, draft, parent_id=parent, by=by)
    return _opened(conn, plan_id, by=by)


def _copied(conn: Connection, draft: NewDraft, *, reach: Reach, by: str) -> int:
    assert draft.copy_of is not None
    store.hold_still(conn, draft.copy_of)
    source = access.seen(conn, draft.copy_of, reach=reach)
    if source.state in access.PUBLISHED:
        raise DraftClosed(f"Plan {source.id} is published: open a draft that starts from it.", state=source.state)
    plan_id = store.save(conn, draft, parent_id=source.parent_id, by=by)
    store.copy(conn, plan_id, source=source.id)
    scope = [area["path"] for area in (store.one(conn, plan_id) or {})["scope"]]
    if not all(holds_area(reach, path) for path in scope):
        raise BeyondOwnPart("The draft reaches beyond your own part of the city.")
    return _opened(conn, plan_id, by=by)


def _refuse_scope(conn: Connection, codes: Sequence[str], *, reach: Reach) -> None:
    paths = store.paths(conn, codes)
    unknown = sorted(set(codes) - set(paths))
    if unknown or not codes:
        raise BadQuery(f"scope: there is no area {', '.join(unknown)}." if unknown else "scope: name at least one area.")
    if not all(holds_area(reach, path) for path in paths.values()):
        raise BeyondOwnPart("The draft would reach beyond your own part of the city.")


def _opened(conn: Connection, plan_id: int, *, by: str) -> int:
    head = patches.head(conn, plan_id)
    assert head is not None
    grid_loads.fill(conn, head)
    journal.append(conn, "draft.opened", subject=str(plan_id), actor=by, parent=head.parent_id)
    return plan_id


def change(conn: Connection, plan_id: int, facts: dict[str, Any], *, seen_version: int, reach: Reach, by: str) -> None:
    """Write other facts of a draft: `name_zh`, `name_en`, `decision`, `workload_model_id`. Raises StaleEdit, NotFound.

    Another model makes another version without a step: every hour is another.
    """
    head = access.held(conn, plan_id, reach=reach)
    if head.version != seen_version:
        raise StaleEdit("The draft changed since you read it.", current_version=head.version, since=[], touched=True)
    model = facts.get("workload_model_id")
    if model is not None and workloads.model(conn, model) is None:
        raise NotFound(f"There is no workload model with the number {model}.")
    store.change(conn, plan_id, **facts)
    if model is not None:
        grid_loads.fill(conn, replace(head, model_id=model, version=store.new_version(conn, plan_id)))
    journal.append(conn, "draft.changed", subject=str(plan_id), actor=by, facts=sorted(facts))


def withdraw(conn: Connection, plan_id: int, *, reach: Reach, by: str) -> None:
    """Put a draft away; it can still be looked at, and copied. Raises DraftClosed, NotFound."""
    access.held(conn, plan_id, reach=reach)
    store.change(conn, plan_id, state="withdrawn")
    journal.append(conn, "draft.withdrawn", subject=str(plan_id), actor=by)


def find(conn: Connection, *, reach: Reach, state: str | None = None) -> list[dict[str, Any]]:
    """Every plan that somebody may look at, the newest first."""
    return [plan for plan in store.listed(conn, state=state) if _may_look(plan, reach)]


def describe(conn: Connection, plan_id: int, *, reach: Reach) -> dict[str, Any]:
    """One plan with the sums of its scope, and what it was before; of a published one also what was decided. Raises NotFound."""
    plan = store.one(conn, plan_id)
    if plan is None or not _may_look(plan, reach):
        raise NotFound(f"There is no plan with the number {plan_id}.")
    head = _filled(conn, plan_id, reach=reach)
    return (
        plan
        | (plan_store.describe_plan(conn, plan_id) or {})
        | {"summary": grid_loads.totals(conn, head)}
    )


def _may_look(plan: dict[str, Any], reach: Reach) -> bool:
    return access.may_look(plan["state"], [area["path"] for area in plan["scope"]], reach=reach)


def grids(conn: Connection, plan_id: int, *, reach: Reach, area: str | None = None, simplified: bool = False) -> dict[str, Any]:
    """The grids of a plan, or of an area of it, with shapes and figures. Raises NotFound."""
    head = _filled(conn, plan_id, reach=reach)
    rows = grid_loads.of_plan(conn, head, communities=_communities(conn, head, area))
    drawn = _simplified([row["shape"] for row in rows], metric_srid=head.metric_srid) if simplified else None
    features = [grid_feature(row, shape=drawn[i] if drawn else None) for i, row in enumerate(rows)]
    return collection(features, version=head.version)


def _simplified(shapes: list[str], *, metric_srid: int) -> list[str]:
    """Shapes generalised together, so that borders stay shared; six decimals of a degree."""
    if not shapes:
        return []
    metres = project(shapely.from_geojson(shapes), to=metric_srid)
    simple = project(shapely.coverage_simplify(metres, tolerance=SIMPLIFIED_M), to=WGS84, source=metric_srid)
    return written(shapely.transform(simple, lambda degrees: np.round(degrees, 6)))


def cells(conn: Connection, plan_id: int, *, reach: Reach, area: str | None = None, bbox: Bbox | None = None) -> dict[str, Any]:
    """The cells of an area, or of a box, as the plan has them. Raises NotFound; BadQuery when there are too many."""
    head = access.seen(conn, plan_id, reach=reach)
    ground = None if bbox is None else shapely.envelope(shapely.MultiPoint([bbox[:2], bbox[2:]]))  # a point, if it has no size
    homes = _communities(conn, head, area) if ground is None else store.communities_on(conn, head, ground)
    if store.cells_of(conn, homes) > CELLS_AT_MOST and ground is None:
        raise BadQuery(f"{area or 'The plan'} has more than {CELLS_AT_MOST:,} cells; ask for a community, or a box.")
    patch = patches.patch(conn, head, communities=homes)
    chosen = np.ones(len(patch), np.bool_) if ground is None else np.asarray(shapely.intersects(patch.shape, ground), np.bool_)
    if chosen.sum() > CELLS_AT_MOST:
        raise BadQuery(f"The box holds more than {CELLS_AT_MOST:,} cells; ask for a smaller one.")
    return collection(list(cell_features(patch, chosen)), version=head.version)


def _communities(conn: Connection, head: PlanHead, area: str | None) -> list[int]:
    if area is None:
        return list(head.scope)
    found = store.communities_under(conn, head, area)
    if found is None:
        raise NotFound(f"There is no area with the code {area}.")
    return found


def _filled(conn: Connection, plan_id: int, *, reach: Reach) -> PlanHead:
    head = access.seen(conn, plan_id, reach=reach)
    if not grid_loads.is_filled(conn, head):
        grid_loads.fill(conn, head)
    return head


def check(conn: Connection, plan_id: int, *, reach: Reach, deviation: float = 0.2) -> list[EditFinding]:
    """Everything that is wrong with a plan in its scope, or notable: see `gis.rules.checking`. Raises NotFound."""
    head = _filled(conn, plan_id, reach=reach)
    patch = patches.patch(conn, head, communities=head.scope)
    rows = grid_loads.of_plan(conn, head, communities=head.scope)
    found = [*cell_findings(patch, community_m2=store.areas_m2(conn, head.scope)), *grid_findings(rows, deviation=deviation)]
    return sorted(found, key=lambda finding: finding.severity)


def equivalency(conn: Connection, plan_id: int, *, reach: Reach) -> Iterator[tuple[str | int, ...]]:
    """A table of the cells of a plan's scope: cell, grid, key, community, and the cell that a part was cut from; header first."""
    head = access.seen(conn, plan_id, reach=reach)
    patch = patches.patch(conn, head, communities=head.scope)
    code = store.codes(conn, head.scope)
    yield ("cell", "grid", "key", "community", "part_of")
    columns = (patch.cell, patch.grid, patch.community, patch.root)
    for cell, key, home, root in zip(*(column.tolist() for column in columns), strict=True):
        yield (cell, name_in_files(patch.grids[key]), key, code[home], "" if root == cell else root)
