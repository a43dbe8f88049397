"""Edits of drafts: one at a time, each judged before it is written, and each undone and done again without limit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from gis import draft_access as access
from gis import draft_files
from gis.draft_records import Delta, EditFinding, Move, Outcome, Step
from gis.errors import BadQuery, EditRefused, StaleEdit
from gis.layer_files.records import Layer
from gis.plan_records import Patch, PlanHead
from gis.records import Reach
from gis.rules import drawn_edits as drawn
from gis.rules import editing as rules
from gis.rules import filed_edits as filed
from gis.rules import settling
from gis.rules.deltas import rows
from gis.rules.figures import cell_features, grid_feature
from gis.store import balancings, drafts, edits, grid_loads, journal, patches

Request = Mapping[str, Any]
Answer = dict[str, Any]
STEPS_TOLD = 100


def edit(conn: Connection, plan_id: int, request: Request, *, seen_version: int, reach: Reach, by: str) -> Answer:
    """Do an edit, as the API's body says it, and tell what it changed.

    One that was made on an older version is done all the same if what came since touches none of its communities. Raises
    StaleEdit otherwise, EditRefused with findings, and NotFound, DraftClosed, BeyondOwnPart.
    """
    head = access.held(conn, plan_id, reach=reach)
    _must_know(head, seen_version)
    grid_loads.fill(conn, head)
    outcome = _judged(conn, head, request, seen_version=seen_version)
    answer = _write(conn, head, dict(request), outcome, by=by)
    if request["kind"] == "proposal":
        balancings.mark_taken(conn, request["proposal"], communities=outcome.delta.communities, seq=answer["seq"])
    return answer


def bring_in(
    conn: Connection, plan_id: int, layer: Layer, *, filename: str, cut: bool, seen_version: int, reach: Reach, by: str
) -> Answer:
    """Bring a file in as one edit, everything or nothing: outlines of grids, or a table of cells with their grids.

    Raises EditRefused with findings, BadFile when it is neither, and what `edit` raises.
    """
    head = _held_as_seen(conn, plan_id, seen_version=seen_version, reach=reach)
    patch = patches.patch(conn, head, communities=head.scope)
    fresh = edits.fresh(conn, plan_id)
    if draft_files.is_table(layer):
        cells, words, by_key = draft_files.cells_and_grids(layer)
        outcome = filed.from_table(patch, cells, words, rows=layer.rows, fresh=fresh, by_key=by_key)
    else:
        units, faults = draft_files.outlines(layer, metric_srid=head.metric_srid)
        outcome = settling.empty(patch, *faults)
        if not faults:
            outcome = filed.from_outlines(patch, units, cut_cells=cut, fresh=fresh, metric_srid=head.metric_srid)
    return _write(conn, head, {"kind": "file", "filename": filename, "cut": cut}, outcome, by=by)


def _write(conn: Connection, head: PlanHead, request: dict[str, Any], outcome: Outcome, *, by: str) -> Answer:
    """Write an edit that nothing speaks against. Raises EditRefused."""
    if outcome.findings:
        raise EditRefused(_summed_up(outcome.findings), findings=[finding.as_dict() for finding in outcome.findings])
    if outcome.delta.is_empty:
        raise _nothing("The edit would change nothing.")
    edits.write(conn, head, outcome.delta)
    step = edits.save_edit(conn, head, kind=request["kind"], request=request, delta=outcome.delta, by=by)
    return _finished(conn, head, step, patch=outcome.patch, notices=outcome.notices)


def undo(conn: Connection, plan_id: int, *, seen_version: int, reach: Reach, by: str) -> Answer:
    """Take back the last edit that is done, whoever did it. Raises StaleEdit, EditRefused when there is none."""
    head = _held_as_seen(conn, plan_id, seen_version=seen_version, reach=reach)
    last = edits.last_done(conn, plan_id)
    if last is None or last.kind == "rebase":
        raise _nothing("There is nothing to undo.")
    edits.write_back(conn, head, last.delta)
    step = edits.set_state(conn, head, last, action="undo", by=by)
    return _finished(conn, head, step, patch=_patch_of(conn, head, last.delta))


def redo(conn: Connection, plan_id: int, *, seen_version: int, reach: Reach, by: str) -> Answer:
    """Do again the edit that was undone last. Raises StaleEdit, EditRefused when there is none."""
    head = _held_as_seen(conn, plan_id, seen_version=seen_version, reach=reach)
    first = edits.first_undone(conn, plan_id)
    if first is None:
        raise _nothing("There is nothing to do again.")
    edits.write(conn, head, first.delta)
    step = edits.set_state(conn, head, first, action="redo", by=by)
    return _finished(conn, head, step, patch=_patch_of(conn, head, first.delta))


def changes(conn: Connection, plan_id: int, *, after: int, reach: Reach, steps_only: bool = False) -> Answer:
    """What was done to a plan after a version, and unless only that is asked for, what somebody at that version must draw anew.

    Raises NotFound.
    """
    version = access.version_seen(conn, plan_id, reach=reach)
    if version <= after:
        return {"version": version, "steps": []}
    steps = edits.steps_after(conn, plan_id, after)
    if steps_only:
        return {"version": version, "steps": [_step_told(step) for step in steps[-STEPS_TOLD:]]}
    head = access.seen(conn, plan_id, reach=reach)
    if not grid_loads.is_filled(conn, head):
        grid_loads.fill(conn, head)
    delta = _together(steps)
    told = _told(conn, head, delta, patch=_patch_of(conn, head, delta) if delta.cuts else None)
    if len(steps) < version - after:  # a version without a step: every hour is another
        told |= {"grids": [grid_feature(row) for row in grid_loads.of_plan(conn, head, communities=head.scope)], "others": []}
    return {"version": head.version, "steps": [_step_told(step) for step in steps[-STEPS_TOLD:]], **told}


def _held_as_seen(conn: Connection, plan_id: int, *, seen_version: int, reach: Reach) -> PlanHead:
    """A draft of which the visitor has seen every step: what is undone is what she sees last."""
    head = access.held(conn, plan_id, reach=reach)
    _must_know(head, seen_version)
    if head.version != seen_version:
        raise _stale(head, edits.steps_after(conn, plan_id, seen_version))
    grid_loads.fill(conn, head)
    return head


def _must_know(head: PlanHead, seen_version: int) -> None:
    if seen_version > head.version:
        raise BadQuery(f"seen_version: the plan is at {head.version}, not yet at {seen_version}.")


def _nothing(detail: str, *, rule: str = "nothing_to_do") -> EditRefused:
    return EditRefused(detail, findings=[EditFinding(rule, detail).as_dict()])


def _stale(head: PlanHead, steps: Sequence[Step]) -> StaleEdit:
    others = ", ".join(sorted({step.author for step in steps}))
    return StaleEdit(
        f"The draft is at version {head.version} by now{f' ({others})' if others else ''}; look at what changed and try again.",
        current_version=head.version, since=[_step_told(step) for step in steps], touched=True,
    )  # fmt: skip


def _step_told(step: Step) -> dict[str, Any]:
    return {name: getattr(step, name) for name in ("version", "seq", "action", "kind", "author", "at")} | {
        "grids": list(step.delta.keys),
        "cells": len(step.delta.cells),
        "says": _says(step),
    }


def _says(step: Step) -> str:
    verb = {"do": "", "undo": "undone: ", "redo": "done again: "}[step.action]
    what = f"{len(step.delta.cells)} cells moved" if step.delta.cells else f"{len(step.delta.grids)} grids changed"
    return f"{verb}{step.kind}, {what}"


def _together(steps: Sequence[Step]) -> Delta:
    """All that some steps touched, as one delta of which only the names of things count."""
    cells = {move[0]: move for step in steps for move in step.delta.cells}
    grids = {change[0]: change for step in steps for change in step.delta.grids}
    homes = {home for step in steps for home in step.delta.communities}
    cuts = tuple(cut for step in steps for cut in step.delta.cuts)
    return Delta(tuple(cells.values()), tuple(grids.values()), cuts, tuple(sorted(homes)))


def _patch_of(conn: Connection, head: PlanHead, delta: Delta) -> Patch:
    """The cells that a delta concerns as they are now; none if it moves none."""
    return patches.patch(conn, head, communities=delta.communities if delta.cells else [])


def _finished(conn: Connection, head: PlanHead, step: Step, *, patch: Patch, notices: Sequence[EditFinding] = ()) -> Answer:
    """Count what was touched anew, ring the bell, and tell."""
    now = replace(head, version=step.version)
    if step.delta.cells:
        grid_loads.renew(conn, now, patch, keys=step.delta.keys)
    grid_loads.note(conn, now)
    journal.append(conn, "draft.edited", subject=str(head.id), actor=step.author, version=step.version, edit=step.kind)
    told = _told(conn, now, step.delta, patch=patch)
    said = [notice.as_dict() for notice in notices]
    return {"version": step.version, "seq": step.seq, "kind": step.kind, "action": step.action, **told, "notices": said}


def _told(conn: Connection, head: PlanHead, delta: Delta, *, patch: Patch | None) -> Answer:
    """The touched grids with their figures as they are now, those that are gone, and the cells that moved or were cut."""
    rows = grid_loads.of_plan(conn, head, communities=delta.communities)
    touched = set(delta.keys)
    there = {row["key"] for row in rows}
    names = [cell for cell, _, _ in delta.cells]
    standing = edits.standing(conn, head, names)
    parts = {part.id for cut in delta.cuts for part in cut.parts}
    concerned = parts | {cut.cell for cut in delta.cuts}
    added = [cell for cell, _ in standing if cell in concerned]
    others = [row for row in rows if row["key"] not in touched]
    return {
        "grids": [grid_feature(row) for row in rows if row["key"] in touched],
        "others": [{name: row[name] for name in ("key", "deviation", "deviation_town")} for row in others],
        "removed": sorted(touched - there),
        "cells": [[cell, key] for cell, key in standing],
        "cut": {
            "removed": sorted(concerned - set(added)),
            "added": list(cell_features(patch, np.isin(patch.cell, added))) if patch is not None and added else [],
        },
        "summary": grid_loads.totals(conn, head),
    }


def _summed_up(findings: Sequence[EditFinding]) -> str:
    first = findings[0].message
    return first if len(findings) == 1 else f"{first} And {len(findings) - 1} more."


def _judged(conn: Connection, head: PlanHead, request: Request, *, seen_version: int) -> Outcome:
    """What a rule says of an edit, from the cells of the communities that it touches and no others."""
    kind = request["kind"]
    homes = [home for home in _HOMES[kind](conn, head, request) if home in set(head.scope)]
    if not homes:
        raise _nothing("What was named lies outside of the draft's scope.", rule="outside_scope")
    _refuse_stale(conn, head, homes, seen_version=seen_version)
    patch = _of_grids(conn, head, homes) if kind in ("lock", "attributes") else patches.patch(conn, head, communities=homes)
    return _RULES[kind](conn, head, patch, request)


def _refuse_stale(conn: Connection, head: PlanHead, homes: Sequence[int], *, seen_version: int) -> None:
    if head.version == seen_version:
        return
    since = edits.steps_after(conn, head.id, seen_version)
    if any(not step.delta.communities or set(step.delta.communities) & set(homes) for step in since):
        raise _stale(head, since)


def _of_grids(conn: Connection, head: PlanHead, homes: Sequence[int]) -> Patch:
    """A patch without cells: only what is known of the grids."""
    return replace(patches.patch(conn, head, communities=[]), grids=patches.grids(conn, head, communities=homes))


def _merge(conn: Connection, head: PlanHead, patch: Patch, request: Request) -> Outcome:
    return rules.merge(patch, request["grids"])


def _transfer(conn: Connection, head: PlanHead, patch: Patch, request: Request) -> Outcome:
    to = request["to"]
    cells = request.get("cells") or []
    if request.get("lasso"):
        cells = rules.lassoed(patch, _polygon(request["lasso"]), to=to, grids=request.get("grids"))
    return rules.transfer(patch, cells, to=to, repair=bool(request.get("repair")))


def _attributes(conn: Connection, head: PlanHead, patch: Patch, request: Request) -> Outcome:
    facts = {name: request[name] for name in ("grid_kind", "unit_type") if request.get(name) is not None}
    facts = {"kind" if name == "grid_kind" else name: value for name, value in facts.items()}
    if "name" in request:
        name = request["name"] or {}
        facts |= {"name_zh": name.get("zh") or None, "name_en": name.get("en") or None}
    return rules.describe(patch, request["grid"], facts)


def _lock(conn: Connection, head: PlanHead, patch: Patch, request: Request) -> Outcome:
    named = request["grids"]
    keys = [key for key, grid in patch.grids.items() if grid.alive] if named == "all" else named
    return rules.lock(patch, keys, locked=request["locked"])


def _polygon(ring: Sequence[Sequence[float]]) -> shapely.Geometry:
    """The ground inside of a ring that a hand drew, crossing itself or not."""
    return shapely.make_valid(shapely.Polygon(ring), method="structure", keep_collapsed=False)


def _split(conn: Connection, head: PlanHead, patch: Patch, request: Request) -> Outcome:
    return drawn.split(patch, request["grid"], shapely.LineString(request["line"]), **_cutting(conn, head, request))


def _reshape(conn: Connection, head: PlanHead, patch: Patch, request: Request) -> Outcome:
    line = shapely.LineString(request["line"])
    between = request.get("between") or drawn.neighbours_along(patch, line)
    if between is None:
        raise _nothing("The line meets no border between two grids of the draft's scope.", rule="line_does_not_cross")
    home = {key: patch.grids[key].community_id for key in between if key in patch.grids}
    if len(set(home.values())) > 1:
        raise _nothing("The two grids lie in different communities.", rule="crosses_a_community")
    held = rows(patch, np.flatnonzero(np.isin(patch.community, list(home.values()))))
    return drawn.reshape(held, line, between=(between[0], between[1]), **_cutting(conn, head, request))


def _carve(conn: Connection, head: PlanHead, patch: Patch, request: Request) -> Outcome:
    if request.get("cells"):
        moves = dict.fromkeys(request["cells"], rules.UNKNOWN)
        return rules.assign(patch, moves, fresh=edits.fresh(conn, head.id), may_end=False)
    repair = bool(request.get("repair"))
    return drawn.carve(patch, _polygon(request["polygon"]), repair=repair, **_cutting(conn, head, request))


def _proposal(conn: Connection, head: PlanHead, patch: Patch, request: Request) -> Outcome:
    run = balancings.by_id(conn, request["proposal"])
    assert run is not None, "its communities are known"
    moves = {home: found for home, found in _proposed(conn, head, request).items() if found}
    late = rules.touched(edits.steps_after(conn, head.id, run.plan_version), moves)
    if late:
        codes = drafts.codes(conn, late)
        return settling.empty(patch, *(rules.out_of_date(codes[home]) for home in late))
    return rules.take(patch, moves, fresh=edits.fresh(conn, head.id))


def _proposed(conn: Connection, head: PlanHead, request: Request) -> dict[int, list[Move]]:
    """What a proposal for this plan moves in the communities that are taken, by their ids."""
    run, named = balancings.by_id(conn, request["proposal"]), request["communities"]
    if run is None or run.plan_id != head.id:
        return {}
    return balancings.moves(conn, run.id, codes=None if named == "all" else named)


def _cutting(conn: Connection, head: PlanHead, request: Request) -> dict[str, Any]:
    return {"snap": request.get("snap", True), "fresh": edits.fresh(conn, head.id), "metric_srid": head.metric_srid}


Homes = Callable[[Connection, PlanHead, Request], list[int]]
_HOMES: dict[str, Homes] = {
    "merge": lambda conn, head, request: edits.homes_of_grids(conn, head, request["grids"]),
    "transfer": lambda conn, head, request: [
        *edits.homes_of_grids(conn, head, [request["to"]]),
        *edits.homes_of_cells(conn, head, request.get("cells") or []),
    ],
    "attributes": lambda conn, head, request: edits.homes_of_grids(conn, head, [request["grid"]]),
    "lock": lambda conn, head, request: (
        list(head.scope) if request["grids"] == "all" else edits.homes_of_grids(conn, head, request["grids"])
    ),
}
_HOMES |= {
    "proposal": lambda conn, head, request: list(_proposed(conn, head, request)),
    "split": _HOMES["attributes"],
    "reshape": lambda conn, head, request: (
        edits.homes_of_grids(conn, head, request["between"])
        if request.get("between")
        else drafts.communities_on(conn, head, shapely.LineString(request["line"]))
    ),
    "carve": lambda conn, head, request: (
        edits.homes_of_cells(conn, head, request["cells"])
        if request.get("cells")
        else drafts.communities_on(conn, head, _polygon(request["polygon"]))
    ),
}
_RULES: dict[str, Callable[[Connection, PlanHead, Patch, Request], Outcome]] = {
    "merge": _merge,
    "transfer": _transfer,
    "attributes": _attributes,
    "lock": _lock,
    "split": _split,
    "reshape": _reshape,
    "carve": _carve,
    "proposal": _proposal,
}
