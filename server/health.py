"""Alive, and ready: what a supervisor or load balancer asks."""

from typing import Any

from flask import Blueprint

from gis import upkeep
from server.database import locator, now, reading

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> dict[str, Any]:
    """The process answers."""
    return {"status": "alive"}


@bp.get("/readyz")
def ready() -> tuple[dict[str, Any], int]:
    """The database answers, its schema is current, and points can be placed."""
    with reading() as conn:
        if not upkeep.schema_is_current(conn):
            return {"status": "not ready", "detail": "The schema is not current: run `wangge migrate`."}, 503
        plan = locator().atlas(conn, now()).plan
    return {"status": "ready", "plan": plan.id}, 200
