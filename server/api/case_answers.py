"""Cases as the API answers them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gis.rules.case_steps import BY_ACTION, LATE, REPORTED, WARNED, Step
from gis.rules.masking import masked_email, masked_name, masked_phone
from server.api.words import STATES, coded

ACTIONS = {each.action: each.name for each in (*BY_ACTION.values(), REPORTED, LATE, WARNED)}
PLAIN = (
    "number", "version", "urgency", "lon", "lat", "grid", "with_department", "channel", "address", "description", "tier",
    "supervised", "reported_at", "due_at", "warn_at", "closed_at", "left_min", "merged_into", "photos",
)  # fmt: skip


def case(row: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """A case as lists show it."""
    return {name: row[name] for name in PLAIN} | {
        "state": coded(STATES, row["state"]),
        "matter": _named(row, "matter") | {"category": {"zh": row["category_zh"], "en": row["category_en"]}},
        "department": _named(row, "department"),
        "community": row["community"] and _named(row, "community"),
        "town": row["town"] and _named(row, "town"),
        "command": _named(row, "command") | {"level": row["level"]},
        "officer": row["officer"] and {"number": row["officer"], "name": {"zh": row["officer_zh"], "en": row["officer_en"]}},
        "late": row["closed_at"] is None and row["due_at"] is not None and row["due_at"] <= now,
    }


def whole(row: Mapping[str, Any], *, near: int, now: datetime) -> dict[str, Any]:
    """A case with its timeline and all that belongs to it; `near` counts the cases that may be the same thing."""
    return case(row, now=now) | {
        "steps": [_taken(taken) for taken in row["steps"]],
        "may": [{"action": each.action, "name": each.name.as_dict(), "needs": list(each.needs)} for each in row["may"]],
        "parties": row["parties"],
        "merged": row["merged"],
        "reporters": [_reporter(who, named=row["reporters_named"]) for who in row["reporters"]],
        "near": near,
        "clock": row["clock"],
    }


def step(each: Step) -> dict[str, Any]:
    """A line of the table of transitions."""
    return {
        "action": each.action, "name": each.name.as_dict(), "from": list(each.sources), "to": each.to,
        "who": [who.value for who in each.who], "needs": list(each.needs),
    }  # fmt: skip


def _named(row: Mapping[str, Any], what: str) -> dict[str, Any]:
    return {"code": row[what], "name": {"zh": row[f"{what}_zh"], "en": row[f"{what}_en"]}}


def _taken(row: Mapping[str, Any]) -> dict[str, Any]:
    facts = {name: fact for name, fact in row["facts"].items() if name != "photos"}
    name = ACTIONS.get(row["action"])
    return {
        "version": row["version"],
        "action": {"code": row["action"], "name": name.as_dict() if name else {"zh": row["action"], "en": row["action"]}},
        "state": coded(STATES, row["state"]),
        "at": row["at"],
        "actor": {"login": row["actor"], "name": row["actor_name"]},
        "command": _named(row, "command") | {"level": row["level"]},
        "officer": row["officer"] and {"number": row["officer"], "name": {"zh": row["officer_zh"], "en": row["officer_en"]}},
        "note": row["note"],
        "lon": row["lon"],
        "lat": row["lat"],
        "photos": row["photos"],
        "facts": facts,
    }


def _reporter(row: Mapping[str, Any], *, named: bool) -> dict[str, Any]:
    if named:
        return dict(row)
    masked = {"name": masked_name(row["name"]), "phone": masked_phone(row["phone"]), "email": masked_email(row["email"])}
    return dict(row) | masked
