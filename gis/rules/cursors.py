"""Cursors of paged lists: where a page ended, as text that a client hands back unread.

A cursor is bound to the question it was given out for and carries a checksum, so that one that was altered, cut or brought from
another list is refused instead of misread. It opens nothing: what somebody may see is decided anew for every page.
"""

import base64
import binascii
import json
from datetime import datetime
from hashlib import blake2s
from typing import Any

from gis.errors import BadQuery

CHECK_BYTES = 6
MOST_CHARACTERS = 1000


def question_mark(*asked: Any) -> str:
    """A short mark of a question: two questions that differ in anything have different marks."""
    return _check(json.dumps(asked, default=str, sort_keys=True, ensure_ascii=False).encode()).hex()


def written(question: str, *state: Any) -> str:
    """The cursor of a question; `state` is numbers, texts, truth values, moments and None."""
    body = json.dumps([question, *map(_plain, state)], separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(_check(body) + body).rstrip(b"=").decode()


def read(cursor: str, question: str) -> list[Any]:
    """The state in a cursor. Raises BadQuery for one that was altered or belongs to another question."""
    raw = _decoded(cursor)
    check, body = raw[:CHECK_BYTES], raw[CHECK_BYTES:]
    if _check(body) != check:
        raise BadQuery("after: this is no cursor of ours; take it unchanged from `next` of the page before.", field="after")
    asked, *state = json.loads(body)
    if asked != question:
        raise BadQuery("after: this cursor belongs to another list or other filters; begin anew without it.", field="after")
    return [_moment(value) for value in state]


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
    return datetime.fromisoformat(value["at"]) if isinstance(value, dict) else value
