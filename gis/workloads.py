"""Workload models: how the city counts work, version after version."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Connection

from gis import draft_access as access
from gis.errors import BadWeights, BeyondOwnPart, NoPlanInForce, NotFound
from gis.plan_records import DraftGrid, GridLoads, Patch, PlaceKind, PlaceStandard, PlanHead, Weights, WorkloadModel
from gis.records import Floats, Name, Reach
from gis.rules import hours
from gis.rules.deltas import rows
from gis.rules.weights import Fault, period_faults, weight_faults
from gis.rules.workload import grid_loads
from gis.rules.zones import centres_m
from gis.store import areas, catalogue, journal, patches, tallies
from gis.store import grid_loads as grid_loads_kept
from gis.store import plans as plan_store
from gis.store import workloads as store
from gis.store.reach import communities as communities_within

FIRST_NAME = Name("工作量模型", "Workload model")


@dataclass(frozen=True)
class Preview:
    """The grids of an area under the model in use and under other weights, in the same order.

    `communities` are the codes of their communities by id.
    """

    plan_id: int
    model: WorkloadModel
    grids: Mapping[int, DraftGrid]
    communities: Mapping[int, str]
    before: GridLoads
    after: GridLoads


@dataclass(frozen=True)
class Explained:
    """One grid's hours taken apart, and by which plan and model."""

    plan: PlanHead
    model: WorkloadModel
    grid: DraftGrid
    account: hours.Account


def register_places(conn: Connection, kinds: Sequence[PlaceKind], counts: Iterable[tuple[int, str, int]], *, by: str) -> None:
    """Write kinds of places that are inspected, and how many of each lie in each cell; other kinds stay as they are."""
    store.save_kinds(conn, kinds)
    tallies.save_places(conn, [kind.code for kind in kinds], counts)
    journal.append(conn, "places.registered", subject="city", actor=by, kinds=len(kinds))


def place_kinds(conn: Connection) -> list[PlaceKind]:
    """Every kind of place that is inspected."""
    return store.kinds(conn)


def matters(conn: Connection, *, on: date) -> list[dict[str, Any]]:
    """The admitted matters that a model may weigh, with the minutes of the catalogue."""
    return catalogue.matters_in_force(conn, on, kind="matter")


def save_model(
    conn: Connection, *, name: Name, weights: Weights, since: date, until: date, by: str, note: str | None = None,
    parent_id: int | None = None,
) -> WorkloadModel:  # fmt: skip
    """Save the next version of the model and count by it what every cell has to do. Whole months: `until` is not in the period.

    Only those months are counted that the parent did not count, or all of them if something came in since. Raises BadWeights.
    """
    _refuse(_weight_faults(conn, weights))
    uncounted = _uncounted(conn, since, until, parent_id=parent_id)
    model_id = store.save_model(
        conn, name=name, weights=weights, since=since, until=until, note=note, parent_id=parent_id, by=by
    )
    model = get(conn, model_id)
    for first, last in uncounted:
        tallies.count_incidents(conn, since=first, until=last)
    store.save_loads(conn, model)
    journal.append(conn, "workload.saved", subject=str(model_id), actor=by, version=model.version)
    return get(conn, model_id)


def _uncounted(conn: Connection, since: date, until: date, *, parent_id: int | None) -> list[tuple[date, date]]:
    """The parts of a period whose incidents are to be counted."""
    parent = None if parent_id is None else get(conn, parent_id)
    if parent is None or stale(conn, parent):
        return [(since, until)]
    parts = ((since, min(until, parent.since)), (max(since, parent.until), until))
    return [(first, last) for first, last in parts if first < last]


def begin(conn: Connection, *, by: str, today: date) -> WorkloadModel:
    """Save a first version: the standards of the kinds of places, and the last twelve months. Raises BadWeights."""
    weights = Weights(places={kind.code: kind.standard for kind in store.kinds(conn)})
    since, until = date(today.year - 1, today.month, 1), today.replace(day=1)
    return save_model(conn, name=FIRST_NAME, weights=weights, since=since, until=until, by=by)


def revise(
    conn: Connection, parent_id: int, *, changes: Mapping[str, Any], by: str, today: date, name: Name | None = None,
    since: date | None = None, until: date | None = None, note: str | None = None,
) -> WorkloadModel:  # fmt: skip
    """Save a version that differs from another by some weights; what is not given stays. Raises NotFound, BadWeights."""
    parent = get(conn, parent_id)
    since, until = since or parent.since, until or parent.until
    if (since, until) != (parent.since, parent.until):
        _refuse(period_faults(since, until, today=today))
    weights = changed(parent.weights, changes)
    return save_model(
        conn, name=name or parent.name, weights=weights, since=since, until=until, by=by, note=note, parent_id=parent_id
    )


def changed(weights: Weights, changes: Mapping[str, Any]) -> Weights:
    """Weights with some of them changed; `places` and `matters` are replaced as wholes."""
    given = dict(changes)
    if "places" in given:
        given["places"] = {code: PlaceStandard(**standard) for code, standard in given["places"].items()}
    return replace(weights, **given)


def recount(conn: Connection, model_id: int, *, by: str) -> WorkloadModel:
    """Count incidents and hours of a version anew, from what is there now. Raises NotFound."""
    model = get(conn, model_id)
    tallies.count_incidents(conn, since=model.since, until=model.until)
    store.save_loads(conn, model)
    grid_loads_kept.forget(conn, model.id)
    journal.append(conn, "workload.recounted", subject=str(model_id), actor=by, version=model.version)
    return get(conn, model_id)


def get(conn: Connection, model_id: int) -> WorkloadModel:
    """One version of the model. Raises NotFound."""
    model = store.model(conn, model_id)
    if model is None:
        raise NotFound(f"There is no workload model with the number {model_id}.")
    return model


def newest(conn: Connection) -> WorkloadModel:
    """The version that new drafts are judged by. Raises NotFound if the city has none."""
    models = store.models(conn)
    if not models:
        raise NotFound("The city has no workload model yet.")
    return models[0]


def find(conn: Connection) -> list[WorkloadModel]:
    """Every version, newest first: the first is the one that new drafts are judged by."""
    return store.models(conn)


def stale(conn: Connection, model: WorkloadModel) -> list[str]:
    """What was brought in since the hours were counted, as kinds of entries of the journal; nothing if they are fresh."""
    return tallies.changed_since(conn, model.counted_at)


def preview(
    conn: Connection, *, area: str, changes: Mapping[str, Any], reach: Reach, plan_id: int | None = None
) -> Preview:  # fmt: skip
    """The hours of an area's grids under changed weights, beside those of the model in use.

    Raises NotFound, BadWeights, and BeyondOwnPart for grids of a draft outside the reach.
    """
    head = _head(conn, plan_id, reach=reach)
    model = get(conn, head.model_id)
    weights = changed(model.weights, changes)
    _refuse(_weight_faults(conn, weights))
    communities = _communities(conn, area)
    _refuse_beyond(conn, head, communities, reach=reach)
    patch = patches.patch(conn, head, communities=list(communities))
    centre = centres_m(patch.shape, srid=head.metric_srid)
    before = grid_loads(patch, centre, weights=model.weights)
    after = grid_loads(_weighed(conn, patch, model, weights), centre, weights=weights)
    return Preview(head.id, model, patch.grids, communities, before, after)


def _head(conn: Connection, plan_id: int | None, *, reach: Reach) -> PlanHead:
    if plan_id is None:
        plan_id = plan_store.id_in_force(conn)
        if plan_id is None:
            raise NoPlanInForce("No plan is in force.")
    return access.seen(conn, plan_id, reach=reach)


def _communities(conn: Connection, area: str) -> dict[int, str]:
    found = areas.communities_under(conn, area)
    if not found:
        raise NotFound(f"There is no area with the code {area}.")
    return found


def _refuse_beyond(conn: Connection, head: PlanHead, communities: Iterable[int], *, reach: Reach) -> None:
    """Sums of what is or was in force are held back from nobody; a draft is for those in whose part it lies."""
    if head.state in access.PUBLISHED or reach.is_whole_city:
        return
    if not set(communities) <= set(communities_within(conn, reach)):
        raise BeyondOwnPart("This draft lies outside of your part of the city.")


def _weighed(conn: Connection, patch: Patch, model: WorkloadModel, weights: Weights) -> Patch:
    """A patch with the hours of its cells by other weights; a part of a cell has its share of the cell's hours."""
    homes = np.unique(patch.community).tolist()
    loads = store.loads(conn, weights, since=model.since, until=model.until, communities=homes, cells=patch.root)
    hours_h: dict[str, Any] = {part: loads[part] * patch.fraction for part in store.PARTS}
    return replace(patch, **hours_h)


def explain(conn: Connection, plan_id: int, key: int, *, reach: Reach) -> Explained:
    """One grid's hours in a plan or draft, taken apart down to its places, matters and cells.

    Raises NotFound, and BeyondOwnPart for a grid of a draft outside the reach.
    """
    head = _head(conn, plan_id, reach=reach)
    grid = patches.grids(conn, head).get(key)
    if grid is None or not grid.alive:
        raise NotFound(f"The plan {plan_id} has no grid {key}.")
    _refuse_beyond(conn, head, [grid.community_id], reach=reach)
    model = get(conn, head.model_id)
    patch = patches.patch(conn, head, communities=[grid.community_id])
    patch = rows(patch, np.flatnonzero(patch.of_grid(key)))
    counted = hours.account(
        patch, centres_m(patch.shape, srid=head.metric_srid), weights=model.weights,
        inspections=_inspections(conn, patch, model.weights), incidents=_incidents(conn, patch, model),
        people=_people(conn, patch, model.weights),
    )  # fmt: skip
    return Explained(head, model, grid, counted)


def _fractions(patch: Patch) -> dict[int, float]:
    """Which part of each cell of the city the grid has."""
    roots, at = np.unique(patch.root, return_inverse=True)
    return dict(zip(roots.tolist(), np.bincount(at, weights=patch.fraction).tolist(), strict=True))


def _inspections(conn: Connection, patch: Patch, weights: Weights) -> list[hours.Line]:
    fraction = _fractions(patch)
    counts: dict[str, float] = {}
    for tally in tallies.places(conn, list(fraction)):
        counts[tally.kind] = counts.get(tally.kind, 0.0) + tally.n * fraction[tally.cell_id]
    return hours.place_lines(counts, store.kinds(conn), weights)


def _incidents(conn: Connection, patch: Patch, model: WorkloadModel) -> list[hours.Line]:
    fraction = _fractions(patch)
    counts = [
        hours.MatterCount(row.code, row.name, row.standard_min, row.n * fraction[row.cell_id])
        for row in tallies.matters(conn, list(fraction), since=model.since, until=model.until)
    ]
    return hours.matter_lines(counts, model.weights, months=model.months)


def _people(conn: Connection, patch: Patch, weights: Weights) -> list[hours.Line]:
    fraction = _fractions(patch)
    lived = tallies.people(conn, list(fraction))
    residents = sum(row.population * fraction[row.cell_id] for row in lived)
    return hours.people_lines(residents, sum(row.households * fraction[row.cell_id] for row in lived), weights)


def _weight_faults(conn: Connection, weights: Weights) -> list[Fault]:
    kinds = {kind.code for kind in store.kinds(conn)}
    return weight_faults(weights, kinds=kinds, matters=catalogue.codes_ever(conn))


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise BadWeights(f"{len(faults)} fields are at fault: {faults[0]['field']}: {faults[0]['message']}", errors=list(faults))


def hours_of(loads: GridLoads) -> dict[str, Floats]:
    """The hours of grids by part."""
    return {part: getattr(loads, f"{part}_h") for part in ("inspections", "incidents", "people", "walking", "spread", "fixed")}
