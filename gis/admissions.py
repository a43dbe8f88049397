"""Admission of matters (准入): proposed, decided with a day, retired; the catalogue keeps every version.

A report stays with the version that it was filed under. A decision takes effect on its day, today or later: nothing is made true
for days that are over.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection

from gis.errors import AdmissionRefused, BadAdmission, BeyondOwnPart, NotFound
from gis.records import Reach
from gis.store import admissions as store
from gis.store import catalogue, journal

USUAL: Mapping[str, Any] = {
    "inspection_interval_d": None,
    "kind": "matter",
    "visibility": "shown",
    "icon": None,
    "by_citizens": True,
}
PAST = {"admit": "admitted", "revise": "revised", "retire": "retired"}


def listed(conn: Connection, *, on: date) -> list[dict[str, Any]]:
    """Every matter by its newest version, with `state`: in_force, coming (from its day on) or retired."""
    return [row | {"state": _state(row, on)} for row in store.newest_versions(conn)]


def history(conn: Connection, code: str, *, on: date) -> dict[str, Any]:
    """Every version of a matter and every decision on it, newest first. Raises NotFound."""
    versions, decisions = store.versions(conn, code), store.decisions(conn, code=code)
    if not versions and not decisions:
        raise NotFound(f"There is no matter {code}, and none was proposed.")
    return {"code": code, "versions": [row | {"state": _state(row, on)} for row in versions], "decisions": decisions}


def decisions(conn: Connection, *, state: str | None = None) -> list[dict[str, Any]]:
    """Proposals and decisions, newest first."""
    return store.decisions(conn, state=state)


def propose(
    conn: Connection, *, code: str, what: str, content: Mapping[str, Any], reason: str, reach: Reach, by: str
) -> dict[str, Any]:
    """Propose to admit a matter, to revise it (`content` is what changes) or to retire it.

    A department proposes for its own matters. Raises NotFound, BadAdmission, AdmissionRefused, BeyondOwnPart.
    """
    newest = next(iter(store.versions(conn, code)), None)
    whole = _content(code, what, content, newest)
    _check_department(conn, whole["department"])
    before = newest["department"] if newest and what != "admit" else whole["department"]
    if reach.department is not None and {before, whole["department"]} != {reach.department}:
        raise BeyondOwnPart("A department proposes for its own matters.", field="department")
    kept = {"of_version": newest["version"] if newest else 0, "fields": whole, "changed": sorted(content)}
    proposed = store.propose(conn, code=code, what=what, content=kept, reason=reason, by=by)
    journal.append(conn, "matter.proposed", subject=code, actor=by, what=what, proposal=proposed)
    return _found(conn, proposed)


def decide(conn: Connection, decision_id: int, *, decision: str, effective_on: date, today: date, by: str) -> dict[str, Any]:
    """Decide a proposal: it takes effect on its day. Raises NotFound, AdmissionRefused, BadAdmission."""
    proposal = _open(conn, decision_id)
    if effective_on < today:
        raise BadAdmission("A decision takes effect today or later: what is over stays as it was.", field="effective_on")
    code, what, content = proposal["code"], proposal["what"], proposal["content"]
    newest = next(iter(store.versions(conn, code, lock=True)), None)
    version = newest["version"] if newest else 0
    if version != content["of_version"]:
        raise AdmissionRefused("The matter has changed since this was proposed; propose it anew.", version=version)
    if newest is not None and what != "admit":
        _check_not_retired(newest)
        if effective_on <= newest["admitted_on"]:
            raise BadAdmission(
                f"The version before has its first day on {newest['admitted_on']}; choose a later one.", field="effective_on"
            )
        store.end_version(conn, newest["id"], on=effective_on)
    elif newest is not None and newest["retired_on"] > effective_on:
        raise BadAdmission(f"The matter is retired on {newest['retired_on']}; it can come back from then on.", field="effective_on")
    if what != "retire":
        store.add_version(conn, code, version=version + 1, content=content["fields"], on=effective_on)
    store.settle(conn, decision_id, state="decided", decision=decision, effective_on=effective_on, by=by)
    journal.append(
        conn, f"matter.{PAST[what]}", subject=code, actor=by, effective_on=effective_on.isoformat(), decision=decision_id
    )
    return _found(conn, decision_id)


def refuse(conn: Connection, decision_id: int, *, decision: str, by: str) -> dict[str, Any]:
    """Refuse a proposal, with the reason on record. Raises NotFound, AdmissionRefused."""
    proposal = _open(conn, decision_id)
    store.settle(conn, decision_id, state="refused", decision=decision, effective_on=None, by=by)
    journal.append(conn, "matter.refused", subject=proposal["code"], actor=by, decision=decision_id)
    return _found(conn, decision_id)


def _state(row: Mapping[str, Any], on: date) -> str:
    if row["retired_on"] is not None and row["retired_on"] <= on:
        return "retired"
    return "coming" if row["admitted_on"] > on else "in_force"


def _content(code: str, what: str, content: Mapping[str, Any], newest: Mapping[str, Any] | None) -> dict[str, Any]:
    """The whole version that a proposal would make, or the one that it would end."""
    if what == "admit":
        if newest is not None and newest["retired_on"] is None:
            raise AdmissionRefused(
                f"The matter {code} is in the catalogue already; propose to revise it.", version=newest["version"]
            )
        missing = [name for name in store.CONTENT if name not in USUAL and content.get(name) is None]
        if missing:
            raise BadAdmission(f"A new matter needs {', '.join(missing)}.", field=missing[0])
        return {**USUAL, **content}
    if newest is None:
        raise NotFound(f"There is no matter {code}.")
    _check_not_retired(newest)
    held = {name: newest[name] for name in store.CONTENT}
    if what == "revise" and held == held | dict(content):
        raise BadAdmission("Nothing would change.", field="content")
    return held | (dict(content) if what == "revise" else {})


def _check_not_retired(newest: Mapping[str, Any]) -> None:
    if newest["retired_on"] is not None:
        raise AdmissionRefused(f"The matter {newest['code']} is retired on {newest['retired_on']}.", version=newest["version"])


def _check_department(conn: Connection, code: str) -> None:
    if code not in catalogue.department_codes(conn):
        raise BadAdmission(f"There is no department {code!r}.", field="department")


def _open(conn: Connection, decision_id: int) -> dict[str, Any]:
    proposal = store.decision(conn, decision_id, lock=True)
    if proposal is None:
        raise NotFound(f"There is no proposal {decision_id}.")
    if proposal["state"] != "proposed":
        raise AdmissionRefused(f"This was {proposal['state']} already.", state=proposal["state"])
    return proposal


def _found(conn: Connection, decision_id: int) -> dict[str, Any]:
    found = store.decision(conn, decision_id)
    assert found is not None, "it was read or written just now"
    return found
