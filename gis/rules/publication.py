"""What becomes of grids when a plan comes into force: who keeps a code, where ground and people go, what stands against it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import numpy as np
import shapely

from gis.errors import DivisionInvalid
from gis.plan_records import DraftGrid, Patch, PlanHead
from gis.publication_records import CommunityGround, LineageRows, PlanFinding, Redrawn, Support, Turnover
from gis.records import Floats, Ints
from gis.rules.codes import number_grids, reading_order
from gis.rules.consultation import HEARING, is_supported
from gis.rules.coverage import NAMED_AT_MOST, united
from gis.rules.findings import ERROR, NOTICE
from gis.rules.zones import project

DRAFT_STATES = ("draft", "consultation")
KEEPS_CODE_FRACTION = 0.5
"""A grid keeps its code when the ground that it has before and after is at least so much of the larger of the two."""
AHEAD_AT_MOST = timedelta(days=366)
"""A plan comes into force within a year: nothing else can be published meanwhile."""
SLIVER_M2 = 1.0
"""So much ground may lie between a community's border and the cells along it: a cut ends on it to the last digit, not beyond."""


def redraw(turnover: Turnover, *, metric_srid: int, keeps_fraction: float = KEEPS_CODE_FRACTION) -> Redrawn:
    """The grids of the changed communities: their ground, and which of them keep their code."""
    after = turnover.after
    key, position = np.unique(after.grid, return_inverse=True)
    shape = united(after.shape, position, len(key))
    return Redrawn(
        key=key,
        grids=tuple(after.grids[each] for each in key.tolist()),
        shape=shape,
        shape_m=project(shape, to=metric_srid),
        position=position.astype(np.int64),
        lives_on=_living_on(turnover, key, position, keeps_fraction=keeps_fraction),
    )


def _living_on(turnover: Turnover, key: Ints, position: Ints, *, keeps_fraction: float) -> Ints:
    """The id of the grid that each grid after is, 0 for a new one: one of much other ground gets another code."""
    area_m2 = turnover.after.area_m2
    had = _summed_by(turnover.before, area_m2, key)
    has = np.bincount(position, weights=area_m2, minlength=len(key))
    same = turnover.before == turnover.after.grid
    kept = np.bincount(position[same], weights=area_m2[same], minlength=len(key))
    mostly_same = (key > 0) & (kept > 0) & (kept >= keeps_fraction * np.maximum(had, has))
    return np.where(mostly_same, key, 0)


def _summed_by(label: Ints, weight: Floats, wanted: Ints) -> Floats:
    """The sum of weights by label, for each label wanted."""
    labels, position = np.unique(label, return_inverse=True)
    total = np.bincount(position, weights=weight)
    at = np.minimum(np.searchsorted(labels, wanted), len(labels) - 1)
    return np.where(labels[at] == wanted, total[at], 0.0)


def number(redrawn: Redrawn, turnover: Turnover, *, ever: set[str], scheme: str) -> list[str]:
    """The code of every grid; new ones take the next free of their community in reading order. Raises DivisionInvalid."""
    codes = np.array([turnover.codes.get(old, "") for old in redrawn.lives_on.tolist()], dtype=object)
    home = np.array([grid.community_id for grid in redrawn.grids], dtype=np.int64)
    centre = shapely.get_coordinates(shapely.centroid(redrawn.shape_m))
    taken = set(ever)
    for community in np.unique(home[codes == ""]).tolist():
        members = np.flatnonzero(home == community)
        order = reading_order(*centre[members].T)
        codes[members] = number_grids(
            turnover.communities[community].code, keeps=codes[members].tolist(), order=order, ever=taken, scheme=scheme
        )
        taken.update(codes[members])
    return [str(code) for code in codes]


def lineage(turnover: Turnover, redrawn: Redrawn) -> LineageRows:
    """Where the ground of each grid before goes, by its cells; no row for what stays with it under its code.

    Shares are of the grid before, by square metres, residents and hours; by ground where it has no residents or no work.
    """
    after, count = turnover.after, len(redrawn.key)
    source, origin = np.unique(turnover.before, return_inverse=True)
    pair, member = np.unique(origin * count + redrawn.position, return_inverse=True)
    origin, to = pair // count, pair % count
    area = _shares(after.area_m2, member, origin)
    moved = source[origin] != redrawn.lives_on[to]
    rows = [area, _shares(after.population, member, origin, otherwise=area), _shares(after.hours, member, origin, otherwise=area)]
    return LineageRows(source[origin][moved], to[moved], *(np.minimum(column[moved], 1.0) for column in rows))


def _shares(weight: Floats | Ints, member: Ints, origin: Ints, *, otherwise: Floats | None = None) -> Floats:
    carried = np.bincount(member, weights=weight, minlength=len(origin))
    whole = np.bincount(origin, weights=carried)[origin]
    return np.divide(carried, whole, out=np.zeros(len(origin)) if otherwise is None else otherwise.copy(), where=whole > 0)


def label_of(grid: DraftGrid) -> str:
    """What people call a grid that may have no code yet."""
    return grid.code or f"+{-grid.key}"


def cell_findings(patch: Patch, *, roots: Ints) -> list[PlanFinding]:
    """Cells that have no grid or lie outside of theirs, parts that are not the whole of a cut cell, and grids without a cell.

    `roots` are the cells of the communities as the plan before has them.
    """
    found = [
        *_lost(patch, roots),
        *(_at(patch, i, "cell_without_grid", "The cell belongs to no grid.") for i in _homeless(patch)),
        *(
            _at(patch, i, "crosses_a_community", f"The cell lies outside of the community of grid {_named(patch, i)}.")
            for i in _strangers(patch)
        ),
    ]
    held = set(patch.grid.tolist())
    empty = [grid for key, grid in patch.grids.items() if grid.alive and key not in held]
    return found + [PlanFinding("empty_grid", ERROR, f"Grid {label_of(grid)} has no cell.", (label_of(grid),)) for grid in empty]


def _lost(patch: Patch, roots: Ints) -> list[PlanFinding]:
    filled = _summed_by(patch.root, patch.fraction, roots) if len(patch) else np.zeros(len(roots))
    off = roots[np.abs(filled - 1) > 1e-6]
    return [
        PlanFinding("cell_not_whole", ERROR, f"The parts of cell {cell} are not the whole of it.")
        for cell in off[:NAMED_AT_MOST].tolist()
    ]


def _homeless(patch: Patch) -> list[int]:
    alive = np.array([key for key, grid in patch.grids.items() if grid.alive], dtype=np.int64)
    return [int(i) for i in np.flatnonzero(~np.isin(patch.grid, alive))[:NAMED_AT_MOST]]


def _strangers(patch: Patch) -> list[int]:
    keys = np.array(sorted(patch.grids), dtype=np.int64)
    home = np.array([patch.grids[key].community_id for key in keys.tolist()], dtype=np.int64)
    if not len(keys):
        return []
    at = np.minimum(np.searchsorted(keys, patch.grid), len(keys) - 1)
    strange = np.flatnonzero((keys[at] == patch.grid) & (home[at] != patch.community))
    return [int(i) for i in strange[:NAMED_AT_MOST]]


def _named(patch: Patch, cell: int) -> str:
    return label_of(patch.grids[int(patch.grid[cell])])


def _at(patch: Patch, cell: int, rule: str, message: str) -> PlanFinding:
    grid = patch.grids.get(int(patch.grid[cell]))
    place = shapely.point_on_surface(patch.shape[cell])
    return PlanFinding(rule, ERROR, message, (label_of(grid),) if grid else (), place.x, place.y)


def ground_findings(redrawn: Redrawn, communities: Mapping[int, CommunityGround], *, metric_srid: int) -> list[PlanFinding]:
    """Grids of a community that overlap or do not fill it, and grids in several pieces (a notice)."""
    home = np.array([grid.community_id for grid in redrawn.grids], dtype=np.int64)
    found: list[PlanFinding] = []
    sound = []
    for number in communities:
        overlaps = _coverage_findings(redrawn, np.flatnonzero(home == number))
        found += overlaps
        if not overlaps:  # only then their union is one
            sound.append(number)
    return found + _filling_findings(redrawn, home, [communities[each] for each in sound], metric_srid) + _piece_findings(redrawn)


def _filling_findings(redrawn: Redrawn, home: Ints, communities: Sequence[CommunityGround], metric_srid: int) -> list[PlanFinding]:
    wanted = np.array(sorted(community.id for community in communities), dtype=np.int64)
    members = np.flatnonzero(np.isin(home, wanted))
    filled = united(redrawn.shape[members], np.searchsorted(wanted, home[members]), len(wanted))
    ground = np.array([each.shape for each in sorted(communities, key=lambda community: community.id)], dtype=object)
    off = np.flatnonzero(~shapely.equals(filled, ground))
    strays = shapely.symmetric_difference(filled[off], ground[off])
    code = {community.id: community.code for community in communities}
    found = []
    for i, stray, area_m2 in zip(off.tolist(), strays, shapely.area(project(strays, to=metric_srid)).tolist(), strict=True):
        if area_m2 > SLIVER_M2:
            message = f"The grids of community {code[int(wanted[i])]} miss or exceed {area_m2:.1f} m² of it."
            place = shapely.point_on_surface(stray)
            found.append(PlanFinding("community_not_filled", ERROR, message, (), place.x, place.y))
    return found


def _coverage_findings(redrawn: Redrawn, members: Ints) -> list[PlanFinding]:
    edges = shapely.coverage_invalid_edges(redrawn.shape[members])
    wrong = np.flatnonzero(~(shapely.is_empty(edges) | shapely.is_missing(edges)))
    found = []
    for i in wrong.tolist():
        lon, lat = shapely.get_coordinates(edges[i])[0].tolist()
        label = label_of(redrawn.grids[members[i]])
        message = f"The border of grid {label} overlaps or misses a neighbour's."
        found.append(PlanFinding("overlap", ERROR, message, (label,), lon, lat))
    return found


def _piece_findings(redrawn: Redrawn) -> list[PlanFinding]:
    found = []
    for i in np.flatnonzero(shapely.get_num_geometries(redrawn.shape) > 1).tolist():
        label, count = label_of(redrawn.grids[i]), shapely.get_num_geometries(redrawn.shape[i])
        place = shapely.point_on_surface(redrawn.shape[i])
        found.append(PlanFinding("in_pieces", NOTICE, f"Grid {label} lies in {count} pieces.", (label,), place.x, place.y))
    return found


def support_findings(supports: Sequence[Support], *, version: int) -> list[PlanFinding]:
    """Consultations whose support stays under what is needed, or was for another version of the plan.

    Each is a notice only where it was set aside with a reason on record.
    """
    return [_support_finding(each, version=version) for each in supports if not carries(each, version=version)]


def carries(support: Support, *, version: int) -> bool:
    """Whether residents supported the plan as it is, and enough."""
    return not _changed_since(support, version) and is_supported(support.voices, needed_fraction=support.needed_fraction)


def _changed_since(support: Support, version: int) -> bool:
    return support.heard_version not in (None, version)


def hearing_findings(supports: Sequence[Support], *, today: date) -> list[PlanFinding]:
    """Consultations in which residents may still speak: what they have to say comes first."""
    heard = [each for each in supports if each.stage in HEARING and each.until >= today]
    return [
        PlanFinding("still_heard", ERROR, f"Residents are heard until {each.until:%Y-%m-%d}: end the hearing before.")
        for each in heard
    ]


def _support_finding(support: Support, *, version: int) -> PlanFinding:
    voices = support.voices
    every = voices.support + voices.against
    said = f"{voices.support} of {every} voices support the plan; {support.needed_fraction:.0%} are needed"
    changed = _changed_since(support, version)
    if changed:
        said = f"Residents were heard on version {support.heard_version} of the plan; it is at version {version}: hear them again"
    if support.override_reason:
        return PlanFinding("support_set_aside", NOTICE, f"{said}. Set aside: {support.override_reason}")
    return PlanFinding("changed_since_heard" if changed else "not_supported", ERROR, f"{said}, or put a reason on record.")


def exhausted(refused: DivisionInvalid) -> list[PlanFinding]:
    """The communities whose codes are used up."""
    return [PlanFinding("codes_used_up", ERROR, fault) for fault in refused.facts["findings"]]


def moment_findings(head: PlanHead, newest: tuple[int, datetime], *, since: datetime, now: datetime) -> list[PlanFinding]:
    """Whether a plan is a draft of the newest one (its id, and since when), and may come into force at a moment."""
    found = []
    if head.state not in DRAFT_STATES:
        found.append(PlanFinding("not_a_draft", ERROR, f"The plan is {head.state}, not a draft."))
    elif head.parent_id != newest[0]:
        message = f"The draft starts from plan {head.parent_id}; the newest is plan {newest[0]}: rebase the draft."
        found.append(PlanFinding("not_the_newest", ERROR, message))
    return found + time_findings(newest[1], since=since, now=now)


def time_findings(newest_since: datetime, *, since: datetime, now: datetime) -> list[PlanFinding]:
    """Whether a plan may come into force at a moment: not in the past, and after the newest one."""
    if since < now:
        return [PlanFinding("in_the_past", ERROR, "A plan comes into force now or later: what was reported keeps its grid.")]
    if since <= newest_since:
        return [PlanFinding("too_early", ERROR, f"The plan before comes into force on {newest_since:%Y-%m-%d %H:%M} (UTC).")]
    if since - now > AHEAD_AT_MOST:
        return [PlanFinding("too_late", ERROR, "A plan comes into force within 12 months of its publication.")]
    return []


def both_changed(code: str) -> PlanFinding:
    """A community that a draft changes and the plan in force changed meanwhile."""
    return PlanFinding("both_changed", ERROR, f"The draft and the plan in force both changed community {code}.")
