"""Entries as server-sent events: bytes that are made once and sent to everybody who may have them."""

from collections.abc import Sequence
from typing import Any

import orjson

from gis.stream_records import Told
from server.events.hearing import CASES


def whole(told: Told) -> bytes:
    """An entry with all that it says."""
    return f"id: {told.seq}\nevent: {told.kind}\ndata: {told.words}\n\n".encode()


def left(told: Told) -> bytes:
    """That a case went where one does not see it."""
    kind = f"{CASES}.left"
    data = {"seq": told.seq, "kind": kind, "subject": told.subject, "number": told.subject}
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (told.seq, kind.encode(), orjson.dumps(data))


def hello(seq: int, *, retry_ms: int) -> bytes:
    """The first of a stream: what follows comes after `seq`."""
    return b"retry: %d\n%s" % (retry_ms, _marked("hello", seq))


def reload(seq: int) -> bytes:
    """So much was missed that it is better read anew; what follows comes after `seq`."""
    return _marked("reload", seq)


def beat(seq: int) -> bytes:
    """A sign of life, that also says how far one is, for those to whom little is told."""
    return _marked("beat", seq)


def positions(officers: Sequence[dict[str, Any]]) -> bytes:
    """Where officers are now; nothing to resume from."""
    return b"event: positions\ndata: %s\n\n" % orjson.dumps({"officers": list(officers)}, option=orjson.OPT_UTC_Z)


def _marked(event: str, seq: int) -> bytes:
    return b'id: %d\nevent: %s\ndata: {"seq": %d}\n\n' % (seq, event.encode(), seq)
