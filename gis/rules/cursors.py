"""Cursors of paged lists: where a page ended, as text that a client hands back unread.

A cursor is bound to the question it was given out for and carries a checksum, so that one that was altered, cut or brought from
another list is refused instead of misread. The checksum is no signature: whoever makes a cursor up is stopped by the kinds of its
values. It opens nothing: what somebody may see is decided anew for every page.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2s
from typing import Any

from gis.errors import BadQuery
from gis.rules.asking import YEARS

CHECK_BYTES = 6
MOST_CHARACTERS = 1000
MOST = 2**63 - 1  # a key of the database


def question_mark(*asked: Any) -> str:
    """A short mark of a question: two questions that differ in anything have different marks."""
    return _check(json.dumps(asked, default=str, sort_keys=True, ensure_ascii=False).encode()).hex()


def written(question: str, *state: Any) -> str:
    """The cursor of a question; `state` is numbers, texts, truth values, moments and None."""
    body = json.dumps([question, *map(_plain, state)], separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(_check(body) + body).rstrip(b"=").decode()


def read(cursor: str, question: str, *, kinds: Sequence[str]) -> list[Any]:
    """The state in a cursor, a value of each kind: integer (from 0), text, boolean or moment.

    Raises BadQuery for one that was altered or made up, or belongs to another question.
    """
    raw = _decoded(cursor)
    check, body = raw[:CHECK_BYTES], raw[CHECK_BYTES:]
    if _check(body) != check:
        raise _no_cursor()
    asked, *state = _listed(body)
    if asked != question:
        raise BadQuery("after: this cursor belongs to another list or other filters; begin anew without it.", field="after")
    values = [_moment(value) for value in state]
    if len(values) != len(kinds) or not all(map(_is_of_kind, values, kinds)):
        raise _no_cursor()
    return values


def _no_cursor() -> BadQuery:
    return BadQuery("after: this is no cursor of ours; take it unchanged from `next` of the page before.", field="after")


def _listed(body: bytes) -> list[Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise _no_cursor() from None
    if not isinstance(found, list) or not found:
        raise _no_cursor()
    return found


def _is_of_kind(value: Any, kind: str) -> bool:
    """Whether a value can be a count, flag, moment or key of the database."""
    if kind == "moment":
        return isinstance(value, datetime) and value.tzinfo is not None and value.year in YEARS
    if kind == "text":
        return isinstance(value, str) and "\0" not in value and value == value.encode("utf-8", "ignore").decode()
    if kind == "boolean":
        return isinstance(value, bool)
    return type(value) is int and 0 <= value <= MOST


def _decoded(cursor: str) -> bytes:
    try:
        if len(cursor) > MOST_CHARACTERS or not cursor.isascii():
            return b""
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return b""


def _check(body: bytes) -> bytes:
    return blake2s(body, digest_size=CHECK_BYTES, person=b"wangge").digest()


def _plain(value: Any) -> Any:
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def _moment(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    try:
        return datetime.fromisoformat(value["at"])
    except (KeyError, TypeError, ValueError):
        raise _no_cursor() from None
