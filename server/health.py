"""Alive, and ready: what a supervisor or load balancer asks."""

from typing import Any

from flask import Blueprint, current_app

from gis import upkeep
from server.database import locator, now, reading
from server.listening import stream_follows

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> dict[str, Any]:
    """The process answers."""
    return {"status": "alive"}


@bp.get("/readyz")
def ready() -> tuple[dict[str, Any], int]:
    """The database answers, its schema is current, and points can be placed; whether the event stream follows is said beside it."""
    with reading() as conn:
        if not upkeep.schema_is_current(conn):
            return {"status": "not ready", "detail": "The schema is not current: run `wangge migrate`."}, 503
        plan = locator().atlas(conn, now()).plan
    events = "ok" if stream_follows(current_app.config["SETTINGS"]) else "away"  # pages work without it, only later
    return {"status": "ready", "plan": plan.id, "events": events}, 200
