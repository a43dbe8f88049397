"""Workload models: how the city counts work, version after version."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import Connection

from gis.errors import NotFound
from gis.plan_records import PlaceKind, Weights, WorkloadModel
from gis.records import Name
from gis.store import journal
from gis.store import workloads as store


def register_places(conn: Connection, kinds: Sequence[PlaceKind], counts: Iterable[tuple[int, str, int]], *, by: str) -> None:
    """Write the kinds of places that are inspected, and how many of each kind lie in each cell."""
    store.save_kinds(conn, kinds)
    store.save_places(conn, counts)
    journal.append(conn, "places.registered", subject="city", actor=by, kinds=len(kinds))


def save_model(
    conn: Connection, *, name: Name, weights: Weights, since: date, until: date, by: str, note: str | None = None,
    parent_id: int | None = None,
) -> WorkloadModel:  # fmt: skip
    """Save the next version of the model and count by it what every cell has to do. Whole months: `until` is not in the period."""
    model_id = store.save_model(
        conn, name=name, weights=weights, since=since, until=until, note=note, parent_id=parent_id, by=by
    )
    model = get(conn, model_id)
    store.count_incidents(conn, since=since, until=until)
    store.save_loads(conn, model)
    journal.append(conn, "workload.saved", subject=str(model_id), actor=by, version=model.version)
    return model


def get(conn: Connection, model_id: int) -> WorkloadModel:
    """One version of the model. Raises NotFound."""
    model = store.model(conn, model_id)
    if model is None:
        raise NotFound(f"There is no workload model with the number {model_id}.")
    return model


def find(conn: Connection) -> list[WorkloadModel]:
    """Every version, newest first: the first is the one that new drafts are judged by."""
    return store.models(conn)
