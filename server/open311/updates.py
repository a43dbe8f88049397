"""What became of requests, as FixMyStreet follows it, and what another program has to add."""

from typing import Any

from flask import Blueprint, Response

from gis import open311
from gis.errors import BadReport
from gis.incidents import DESCRIPTION_LIMIT
from gis.rules.case_steps import BY_ACTION
from gis.rules.open311 import STATUS_OF
from server.database import now, reading, writing
from server.open311.answering import Forbidden, answer
from server.open311.asking import account, check_jurisdiction, field, language, moment, page, reporter


def register(bp: Blueprint) -> None:
    """Bind the addresses."""
    bp.get("/servicerequestupdates.<any(json, xml):fmt>")(updates)
    bp.post("/servicerequestupdates.<any(json, xml):fmt>")(comment)


def updates(fmt: str) -> Response:
    """The steps taken between two moments that everybody may hear of."""
    number, size = page()
    with reading() as conn:
        check_jurisdiction(conn)
        asker = account(conn)
        found = open311.updates(
            conn, start=moment("start_date"), end=moment("end_date"), reach=asker.reach if asker else None, now=now(),
            page=number, page_size=size,
        )  # fmt: skip
    return answer("service_request_updates", [_update(row) for row in found])


def _update(row: dict[str, Any]) -> dict[str, Any]:
    name = getattr(BY_ACTION[row["action"]].name, language())
    return {
        "update_id": str(row["id"]),
        "service_request_id": row["number"],
        "status": STATUS_OF[row["state"]],
        "updated_datetime": row["at"],
        "description": f"{name}: {row['note']}" if row["note"] else name,
        "media_url": None,
    }


def comment(fmt: str) -> Response:
    """Add a comment to a request; for programs with an api_key."""
    number, words = field("service_request_id"), field("description")
    if number is None or words is None:
        missing = "service_request_id" if number is None else "description"
        raise BadReport(f"{missing} was not provided.", field=missing)
    said = f"[{field('status')}] {words}" if field("status") else words
    with writing() as conn:
        check_jurisdiction(conn)
        sender = reporter(conn)
        if sender is None:
            raise Forbidden("api_key was not provided.")
        done = open311.comment(
            conn, number, update_id=field("update_id"), words=said[:DESCRIPTION_LIMIT], reach=sender.reach, now=now(),
            by=sender.login,
        )  # fmt: skip
    return answer("service_request_updates", [done], status=201)
