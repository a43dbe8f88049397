"""Scenarios: changes of facilities that are tried on the map, kept under a name, compared, and taken from a search for sites."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from gis.coverage_changing import Changed, changed
from gis.coverage_ground import ground
from gis.coverage_measuring import measure
from gis.coverage_records import FacilityChange, ReachQuestion, Scenario
from gis.errors import BadQuestion, NotFound, StaleEdit
from gis.rules.reach_questions import question_of
from gis.store import journal
from gis.store import scenarios as store
from gis.store import sitings as siting_store

LISTED_AT_MOST, MOST_COMPARED = 200, 10


def what_if(conn: Connection, question: ReachQuestion, changes: Sequence[FacilityChange], *, folder: Path) -> Changed:
    """What changes would come to; nothing is kept. Raises BadQuestion, NoNetwork, NothingToReach."""
    return changed(measure(conn, question, folder=folder), changes)


def save(
    conn: Connection, *, name: str, question: ReachQuestion, changes: Sequence[FacilityChange], folder: Path, by: str
) -> Scenario:
    """Keep changes under a name, with what they come to today. Raises what `what_if` raises."""
    _require_name(name)
    outcome = _outcome(conn, question, changes, folder=folder)
    scenario = store.save(conn, name=name.strip(), question=question, changes=changes, outcome=outcome, by=by)
    journal.append(conn, "scenario.saved", subject=str(scenario.id), actor=by, name=name)
    return scenario


def save_sites(conn: Connection, *, name: str, siting_id: int, folder: Path, by: str) -> Scenario:
    """Keep the sites that a search found as a scenario that opens them. Raises NotFound, and BadQuestion if it has none."""
    siting = siting_store.by_id(conn, siting_id)
    if siting is None:
        raise NotFound(f"There is no search for sites {siting_id}.")
    sites = siting.outcome["sites"] if siting.outcome else []
    if not sites or not siting.wish["keep"]:
        says = "It found no site." if siting.wish["keep"] else "It puts its sites in place of all that is there, not beside it."
        raise BadQuestion(f"siting: {says}", errors=[{"field": "siting", "message": says}])
    changes = [
        FacilityChange("open", -number, site["lon"], site["lat"], siting.wish["capacity"]) for number, site in enumerate(sites, 1)
    ]
    return save(conn, name=name, question=question_of(siting.question), changes=changes, folder=folder, by=by)


def change(
    conn: Connection, scenario_id: int, *, name: str, question: ReachQuestion, changes: Sequence[FacilityChange], seen_version: int,
    folder: Path, by: str,
) -> Scenario:  # fmt: skip
    """Keep other changes under the same number. Raises NotFound, StaleEdit, and what `what_if` raises."""
    _seen(conn, scenario_id, seen_version)
    _require_name(name)
    outcome = _outcome(conn, question, changes, folder=folder)
    scenario = store.change(conn, scenario_id, name=name.strip(), question=question, changes=changes, outcome=outcome)
    journal.append(conn, "scenario.changed", subject=str(scenario_id), actor=by, version=scenario.version)
    return scenario


def remove(conn: Connection, scenario_id: int, *, seen_version: int, by: str) -> None:
    """Drop a scenario. Raises NotFound, StaleEdit."""
    scenario = _seen(conn, scenario_id, seen_version)
    store.remove(conn, scenario_id)
    journal.append(conn, "scenario.removed", subject=str(scenario_id), actor=by, name=scenario.name)


def find(conn: Connection) -> list[Scenario]:
    """The scenarios that were changed last, newest first."""
    return store.find(conn, limit=LISTED_AT_MOST)


def get(conn: Connection, scenario_id: int) -> Scenario:
    """One scenario. Raises NotFound."""
    scenario = store.by_id(conn, scenario_id)
    if scenario is None:
        raise NotFound(f"There is no scenario {scenario_id}.")
    return scenario


def compare(conn: Connection, scenario_ids: Sequence[int]) -> list[Scenario]:
    """Several scenarios, in the order asked for. Raises NotFound, and BadQuestion for fewer than two or too many."""
    if not 2 <= len(set(scenario_ids)) <= MOST_COMPARED:
        says = f"Name two to {MOST_COMPARED} scenarios."
        raise BadQuestion(f"ids: {says}", errors=[{"field": "ids", "message": says}])
    return [get(conn, scenario_id) for scenario_id in dict.fromkeys(scenario_ids)]


def is_current(conn: Connection, scenario: Scenario) -> bool:
    """Whether the city is still the one that the scenario's outcome was counted in."""
    return bool(scenario.outcome["stamp"] == ground(conn).stamp)


def _require_name(name: str) -> None:
    if not name.strip():
        says = "Give the scenario a name."
        raise BadQuestion(f"name: {says}", errors=[{"field": "name", "message": says}])


def _outcome(conn: Connection, question: ReachQuestion, changes: Sequence[FacilityChange], *, folder: Path) -> dict[str, Any]:
    return what_if(conn, question, changes, folder=folder).outcome() | {"stamp": ground(conn).stamp}


def _seen(conn: Connection, scenario_id: int, seen_version: int) -> Scenario:
    scenario = store.by_id(conn, scenario_id, lock=True)
    if scenario is None:
        raise NotFound(f"There is no scenario {scenario_id}.")
    if scenario.version != seen_version:
        raise StaleEdit("The scenario changed since you read it.", current_version=scenario.version)
    return scenario
