"""Publishing: a draft becomes the plan in force from a moment on, or an earlier plan comes into force again.

All of it happens in the caller's transaction, or none: what stands against a plan is found before anything is written, and a
fault while writing leaves the plan in force as it was.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection

from gis import draft_access as access
from gis.errors import BeyondOwnPart, DivisionInvalid, NoCity, NotFound, PublicationRefused, StaleEdit
from gis.plan_records import Patch, PlanHead
from gis.publication_records import DraftFacts, PlanFinding, Post, PostMove, Publication, Redrawn, Turnover
from gis.records import City, Ints, Name, Reach, Shapes
from gis.rules import deltas, postings
from gis.rules import publication as rules
from gis.rules.coverage import BAND_TOLERANCE_M, generalise
from gis.rules.cutting_amounts import share_amounts, share_loads
from gis.rules.findings import ERROR, NOTICE
from gis.rules.zones import project
from gis.store import city as cities
from gis.store import journal, patches, plans
from gis.store import publication_rows as rows
from gis.store import publishing as store
from gis.store.reach import holds_area
from gis.store.tables import WEB_MERCATOR

EXACT_BAND = len(BAND_TOLERANCE_M)


@dataclass(frozen=True)
class _Prepared:
    """Everything that is known before a plan is written."""

    turnover: Turnover | None
    redrawn: Redrawn | None
    codes: tuple[str, ...]
    moves: tuple[PostMove, ...]
    findings: tuple[PlanFinding, ...]


def inspect(
    conn: Connection, plan_id: int, *, since: datetime, now: datetime, reach: Reach,
    keeps_fraction: float = rules.KEEPS_CODE_FRACTION,
) -> Publication:  # fmt: skip
    """What publishing a draft from a moment on would do, and everything that stands against it.

    A grid keeps its code while at least `keeps_fraction` of its ground is the same. Officers are named inside the reach only.
    Raises NotFound.
    """
    access.seen(conn, plan_id, reach=reach)
    facts = _facts(conn, plan_id)
    prepared = _prepare(conn, facts, city=_city(conn), since=since, now=now, keeps_fraction=keeps_fraction)
    found = _outcome(plan_id, facts.head.version, since, prepared)
    if all(holds_area(reach, path) for path in facts.scope_paths):
        return found
    return replace(found, moves=(), moves_from=(), moves_to=())


def publish(
    conn: Connection, plan_id: int, *, since: datetime, decision: str, seen_version: int, reach: Reach, by: str, now: datetime,
    override_reason: str | None = None, keeps_fraction: float = rules.KEEPS_CODE_FRACTION,
) -> Publication:  # fmt: skip
    """Make a draft the plan in force from a moment on.

    `override_reason` sets aside that residents did not support it enough, and goes on record. Raises NotFound, BeyondOwnPart,
    StaleEdit (the draft changed since it was read) and PublicationRefused (the findings ride along).
    """
    plans.lock_publishing(conn)
    access.seen(conn, plan_id, reach=reach)
    facts = _facts(conn, plan_id, lock=True)
    _refuse_beyond(facts, reach)
    if facts.head.version != seen_version:
        raise StaleEdit("The draft changed since you read it; look at it again.", current_version=facts.head.version)
    if override_reason:
        _set_support_aside(conn, facts.head, reason=override_reason, by=by)
    city = _city(conn)
    prepared = _refuse_faults(_prepare(conn, facts, city=city, since=since, now=now, keeps_fraction=keeps_fraction))
    outcome = _outcome(plan_id, facts.head.version + 1, since, prepared)
    plans.supersede(conn, facts.head.parent_id, at=since)
    rows.put_in_force(conn, plan_id, since=since, decision=decision, by=by)
    _write(conn, prepared, city=city, plan_id=plan_id, parent_id=facts.head.parent_id, since=since)
    _tell(conn, outcome, by=by)
    return outcome


def restore(conn: Connection, plan_id: int, *, since: datetime, decision: str, reach: Reach, by: str, now: datetime) -> Publication:
    """Put an earlier plan in force again, as a plan of its own: its grids live again under their codes on their old ground.

    Cells that were cut meanwhile go to the grids that the whole cells had. Raises NotFound, BeyondOwnPart, PublicationRefused.
    """
    plans.lock_publishing(conn)
    earlier = _facts(conn, plan_id)
    if earlier.since is None:
        raise NotFound(f"There is no plan with the number {plan_id} that was in force.")
    present = _facts(conn, _newest(conn)[0])
    if not reach.is_whole_city:
        raise BeyondOwnPart("An earlier plan is put in force again for the whole city.")
    city = _city(conn)
    prepared = _refuse_faults(_prepare_again(conn, earlier, present, city=city, since=since, now=now))
    plans.supersede(conn, present.head.id, at=since)
    name = Name(f"恢复：{earlier.name.zh}", f"Restored: {earlier.name.en}")
    new_id = rows.save_restored(
        conn, name=name, since=since, parent_id=present.head.id, restores_id=plan_id, decision=decision, by=by
    )
    outcome = _outcome(new_id, 1, since, prepared)
    _write(conn, prepared, city=city, plan_id=new_id, parent_id=present.head.id, since=since)
    _tell(conn, outcome, by=by, restores=plan_id)
    return outcome


def rebase(conn: Connection, plan_id: int, *, seen_version: int, reach: Reach, by: str) -> int:
    """Let a draft start from the newest plan, if that changed other communities only; returns the draft's version.

    Edits that were taken back again do not count, and locks in communities that the newest plan changed are opened.

    Raises NotFound, BeyondOwnPart, StaleEdit and PublicationRefused (the communities ride along).
    """
    access.seen(conn, plan_id, reach=reach)
    facts = _facts(conn, plan_id, lock=True)
    _refuse_beyond(facts, reach)
    if facts.head.state not in rules.DRAFT_STATES:
        raise NotFound(f"There is no draft with the number {plan_id}.")
    if facts.head.version != seen_version:
        raise StaleEdit("The draft changed since you read it; look at it again.", current_version=facts.head.version)
    newest, _ = _newest(conn)
    if newest == facts.head.parent_id:
        return facts.head.version
    between = store.communities_between(conn, facts.head.parent_id, newest)
    both = between & set(store.changed_communities(conn, plan_id))
    if both:
        raise _refused([rules.both_changed(each.code) for each in store.communities(conn, sorted(both)).values()])
    rows.drop_locks(conn, plan_id, communities=sorted(between))
    version = rows.rebase(conn, plan_id, parent_id=newest, by=by)
    journal.append(conn, "plan.rebased", subject=str(plan_id), actor=by, parent=newest)
    return version


def _set_support_aside(conn: Connection, head: PlanHead, *, reason: str, by: str) -> None:
    """Put the reason on record with each consultation that does not carry the plan and has none yet."""
    lacking = [each for each in store.supports(conn, head.id) if not rules.carries(each, version=head.version)]
    unmet = [each for each in lacking if not each.override_reason]
    rows.set_support_aside(conn, [each.proposal_id for each in unmet], reason=reason, by=by)
    for each in unmet:
        support = {"support": each.voices.fraction, "support_needed": each.needed_fraction}
        journal.append(conn, "consultation.overridden", subject=str(each.proposal_id), actor=by, reason=reason, **support)


def _facts(conn: Connection, plan_id: int, *, lock: bool = False) -> DraftFacts:
    facts = store.facts(conn, plan_id, lock=lock)
    if facts is None:
        raise NotFound(f"There is no plan with the number {plan_id}.")
    return facts


def _city(conn: Connection) -> City:
    city = cities.get(conn)
    if city is None:
        raise NoCity("Found the city before its plans.")
    return city


def _newest(conn: Connection) -> tuple[int, datetime]:
    found = store.newest(conn)
    if found is None:
        raise NotFound("No plan was in force yet.")
    return found


def _refuse_beyond(facts: DraftFacts, reach: Reach) -> None:
    if not all(holds_area(reach, path) for path in facts.scope_paths):
        raise BeyondOwnPart("The plan changes communities beyond your own part of the city.")


def _refused(findings: Sequence[PlanFinding]) -> PublicationRefused:
    blocking = [each for each in findings if each.blocks]
    return PublicationRefused(f"{len(blocking)} things stand against the plan; the first: {blocking[0].message}", findings=findings)


def _refuse_faults(prepared: _Prepared) -> _Prepared:
    if any(each.blocks for each in prepared.findings):
        raise _refused(prepared.findings)
    return prepared


def _prepare(
    conn: Connection, facts: DraftFacts, *, city: City, since: datetime, now: datetime, keeps_fraction: float
) -> _Prepared:
    head = facts.head
    findings = rules.moment_findings(facts.head, _newest(conn), since=since, now=now)
    supports, today = store.supports(conn, head.id), now.astimezone(ZoneInfo(city.timezone)).date()
    findings += rules.support_findings(supports, version=head.version) + rules.hearing_findings(supports, today=today)
    changed = store.changed_communities(conn, head.id) if head.state in rules.DRAFT_STATES else []
    if not changed:
        nothing = PlanFinding("nothing_changed", ERROR, "The plan changes nothing.")
        return _Prepared(None, None, (), (), (*findings, nothing))
    patch = patches.patch(conn, head, communities=changed)
    cells, grids = store.assigned(conn, head.parent_id, communities=changed)
    findings += _scope_findings(conn, sorted(set(changed) - set(head.scope)))
    cell_findings = rules.cell_findings(patch, roots=cells)
    if any(each.blocks for each in cell_findings):
        return _Prepared(None, None, (), (), (*findings, *cell_findings))
    before = grids[np.searchsorted(cells, patch.root)]
    turnover = _turnover(conn, patch, before, parent_id=head.parent_id, changed=changed)
    redrawn = rules.redraw(turnover, metric_srid=city.metric_srid, keeps_fraction=keeps_fraction)
    return _judged(conn, turnover, redrawn, findings=findings, city=city, since=since)


def _prepare_again(
    conn: Connection, earlier: DraftFacts, present: DraftFacts, *, city: City, since: datetime, now: datetime
) -> _Prepared:
    findings = rules.time_findings(_newest(conn)[1], since=since, now=now)
    changed = sorted(store.communities_between(conn, earlier.head.id, present.head.id))
    if not changed:
        nothing = PlanFinding("nothing_changed", ERROR, "The newest plan is as that plan was.")
        return _Prepared(None, None, (), (), (*findings, nothing))
    patch = patches.patch(conn, present.head, communities=changed)
    cells, grids = store.assigned_again(conn, earlier.head.id, present_id=present.head.id)
    known = patches.grids(conn, earlier.head, communities=changed)
    after = replace(patch, grid=grids[np.searchsorted(cells, patch.cell)], grids=known)
    turnover = _turnover(conn, after, patch.grid, parent_id=present.head.id, changed=changed)
    turnover = replace(turnover, codes={**turnover.codes, **{key: grid.code for key, grid in known.items()}})
    redrawn = rules.redraw(turnover, metric_srid=city.metric_srid)
    redrawn = replace(redrawn, lives_on=redrawn.key)
    return _judged(conn, turnover, redrawn, findings=findings, city=city, since=since)


def _scope_findings(conn: Connection, beyond: Sequence[int]) -> list[PlanFinding]:
    return [
        PlanFinding("outside_scope", ERROR, f"The plan changes community {each.code}, which is not in its scope.")
        for each in store.communities(conn, beyond).values()
    ]


def _turnover(conn: Connection, patch: Patch, before: Ints, *, parent_id: int, changed: Sequence[int]) -> Turnover:
    return Turnover(
        after=patch,
        before=before,
        communities=store.communities(conn, changed),
        codes=store.codes_of(conn, parent_id, communities=changed),
        synthetic=store.is_synthetic(conn, parent_id),
    )


def _judged(
    conn: Connection, turnover: Turnover, redrawn: Redrawn, *, findings: list[PlanFinding], city: City, since: datetime
) -> _Prepared:
    findings = findings + rules.ground_findings(redrawn, turnover.communities, metric_srid=city.metric_srid)
    codes: list[str] = []
    try:
        codes = rules.number(redrawn, turnover, ever=plans.codes_ever(conn), scheme=city.code_scheme)
    except DivisionInvalid as refused:
        findings += rules.exhausted(refused)
    posts = store.posts(conn, np.unique(turnover.before).tolist(), at=since)
    moves = postings.carry_over(posts, turnover, redrawn)
    findings += _staffing(conn, posts, moves, redrawn, since=since)
    return _Prepared(turnover, redrawn, tuple(codes), tuple(moves), tuple(findings))


def _staffing(
    conn: Connection, posts: Sequence[Post], moves: Sequence[PostMove], redrawn: Redrawn, *, since: datetime
) -> list[PlanFinding]:
    if not store.anybody_posted(conn, at=since):
        return [PlanFinding("nobody_posted", NOTICE, "The city has no officers on its grids yet.")]
    return postings.staffing_findings(posts, moves, redrawn)


def _outcome(plan_id: int, version: int, since: datetime, prepared: _Prepared) -> Publication:
    turnover, redrawn, codes = prepared.turnover, prepared.redrawn, prepared.codes
    if turnover is None or redrawn is None or not codes:
        return Publication(plan_id, version, since, prepared.findings)
    named = list(zip(codes, redrawn.lives_on.tolist(), strict=True))
    before = np.unique(turnover.before).tolist()
    moved = turnover.before != redrawn.lives_on[redrawn.position]
    return Publication(
        plan_id,
        version,
        since,
        prepared.findings,
        communities=tuple(each.code for each in turnover.communities.values()),
        codes_new=tuple(sorted(code for code, old in named if old not in turnover.codes)),
        codes_ended=tuple(sorted({turnover.codes[old] for old in before} - set(codes))),
        codes_kept=tuple(code for code, old in named if old in turnover.codes),
        grids=len(codes),
        moves=prepared.moves,
        moves_from=tuple(turnover.codes[move.post.grid_id] for move in prepared.moves),
        moves_to=tuple(codes[move.to] for move in prepared.moves),
        residents_moved=int(turnover.after.population[moved].sum()),
        cells_cut=len(np.unique(turnover.after.root[turnover.after.root != turnover.after.cell])),
    )


def _write(conn: Connection, prepared: _Prepared, *, city: City, plan_id: int, parent_id: int, since: datetime) -> None:
    turnover, redrawn = prepared.turnover, prepared.redrawn
    assert turnover is not None and redrawn is not None
    changed = sorted(turnover.communities)
    picture = _picture(conn, prepared, parent_id=parent_id, metric_srid=city.metric_srid)
    with ThreadPoolExecutor(1) as beside:  # GEOS draws while the database writes
        drawing = beside.submit(_drawn, picture, changed=changed, metric_srid=city.metric_srid)
        _write_rows(conn, prepared, plan_id=plan_id, parent_id=parent_id, since=since)
        _save_picture(conn, plan_id, picture, drawing.result(), parent_id=parent_id, changed=changed)


def _write_rows(conn: Connection, prepared: _Prepared, *, plan_id: int, parent_id: int, since: datetime) -> None:
    turnover, redrawn = prepared.turnover, prepared.redrawn
    assert turnover is not None and redrawn is not None
    known = plans.codes_ever(conn)
    ids = plans.save_grids(conn, [code for code in prepared.codes if code not in known])
    grid_ids = [ids[code] for code in prepared.codes]
    cells = _cut(conn, turnover, since=since)
    rows.carry_versions(conn, plan_id, parent_id=parent_id, since=since, but=sorted(turnover.communities))
    rows.save_versions(conn, redrawn, turnover.after, plan_id=plan_id, grid_ids=grid_ids, since=since, synthetic=turnover.synthetic)
    cut = np.unique(turnover.after.root[turnover.after.root != turnover.after.cell])
    given = np.array(grid_ids, dtype=np.int64)[redrawn.position]
    moved = (given != turnover.before) | (turnover.after.root != turnover.after.cell)
    rows.assign(conn, plan_id, parent_id=parent_id, changed=(cells[moved], given[moved]), without=cut.tolist())
    rows.save_lineage(conn, plan_id, rules.lineage(turnover, redrawn), grid_ids=grid_ids)
    rows.move_posts(conn, plan_id, prepared.moves, grid_ids=grid_ids, at=since)
    rows.place_anew(conn, plan_id, since=since)


def _cut(conn: Connection, turnover: Turnover, *, since: datetime) -> Ints:
    """Write the parts of cut cells with what they have to do; returns the id of every cell after."""
    after = turnover.after
    part = np.flatnonzero(after.root != after.cell)
    if not len(part):
        return after.cell
    cells = after.cell.copy()
    cells[part] = rows.take_cell_ids(conn, len(part))
    parts = deltas.rows(after, part)
    rows.save_parts(conn, parts, ids=cells[part].tolist(), since=since, synthetic=turnover.synthetic)
    roots = sorted(set(parts.root.tolist()))
    for table, shared in share_amounts(rows.amounts(conn, roots), parts, ids=cells[part]).items():
        rows.save_amounts(conn, table, shared)
    rows.save_loads(conn, share_loads(rows.loads(conn, roots), parts, ids=cells[part]))
    return cells


@dataclass(frozen=True)
class _Picture:
    """What maps draw anew: grids by code, with their communities; `near` are the communities around the changed ones."""

    codes: tuple[str, ...]
    home: Ints
    shape_m: Shapes
    near: tuple[int, ...]


def _picture(conn: Connection, prepared: _Prepared, *, parent_id: int, metric_srid: int) -> _Picture:
    """The changed communities and those around them, with theirs around them for company.

    A border is generalised between the corners where three grids meet: a change reaches the communities around it, and no further.
    """
    turnover, redrawn = prepared.turnover, prepared.redrawn
    assert turnover is not None and redrawn is not None
    near = store.neighbours(conn, sorted(turnover.communities))
    still = [community for community in store.neighbours(conn, near) if community not in turnover.communities]
    versions, shape = store.versions(conn, parent_id, communities=still)
    return _Picture(
        (*prepared.codes, *(row.code for row in versions)),
        np.array([*(grid.community_id for grid in redrawn.grids), *(row.community_id for row in versions)], dtype=np.int64),
        np.concatenate([redrawn.shape_m, project(shape, to=metric_srid)]),
        tuple(near),
    )


def _drawn(picture: _Picture, *, changed: Sequence[int], metric_srid: int) -> list[tuple[Ints, Shapes]]:
    """For every band of zoom the positions of the grids that are drawn anew, and their shapes in web mercator."""
    bands = []
    for band in range(EXACT_BAND + 1):
        wanted = np.flatnonzero(np.isin(picture.home, changed if band == EXACT_BAND else picture.near))
        shapes = generalise(picture.shape_m, band=band)[wanted]
        bands.append((wanted, project(shapes, to=WEB_MERCATOR, source=metric_srid)))
    return bands


def _save_picture(
    conn: Connection, plan_id: int, picture: _Picture, drawn: list[tuple[Ints, Shapes]], *, parent_id: int, changed: Sequence[int]
) -> None:
    rows.carry_map_shapes(conn, plan_id, parent_id=parent_id, but=picture.near, exact=EXACT_BAND, but_exact=changed)
    written = {code: (version, code, community) for version, code, community in plans.versions_written(conn, plan_id)}
    for band, (wanted, shapes) in enumerate(drawn):
        rows.save_map_shapes(conn, plan_id, [(band, *written[picture.codes[i]]) for i in wanted.tolist()], shapes)


def _tell(conn: Connection, outcome: Publication, *, by: str, **more: int) -> None:
    journal.append(
        conn, "plan.published", subject=str(outcome.plan_id), actor=by, grids=outcome.grids, since=outcome.since.isoformat(),
        new=len(outcome.codes_new), ended=len(outcome.codes_ended), communities=len(outcome.communities), **more,
    )  # fmt: skip
