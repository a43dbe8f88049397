"""Reports of the same thing, offered for merging, the likeliest first."""

from typing import Any

from sqlalchemy import Connection

from gis.errors import NotFound
from gis.records import Account
from gis.rules.duplicates import OFFERED_AT_MOST, Pair, could_be_one, unlikeness
from gis.store import case_neighbours, cases


def near(conn: Connection, number: str, *, account: Account) -> list[dict[str, Any]]:
    """The open cases that may be the same thing as one, the likeliest first. Raises NotFound."""
    case_id = cases.id_seen(conn, number, account=account)
    if case_id is None:
        raise NotFound(f"There is no case with the number {number}.")
    return near_id(conn, case_id, account=account)


def near_id(conn: Connection, case_id: int, *, account: Account) -> list[dict[str, Any]]:
    """The same for a case by its id, which the account may see."""
    rows = [(_pair(row), row) for row in case_neighbours.around(conn, case_id, account=account)]
    likely = sorted((pair for pair in rows if could_be_one(pair[0])), key=lambda pair: (unlikeness(pair[0]), pair[1]["number"]))
    return [row for _, row in likely[:OFFERED_AT_MOST]]


def _pair(row: dict[str, Any]) -> Pair:
    return Pair(row["metres"], row["minutes"], row["same_matter"])
