"""Which pages may read the stream from their browser: those of the main server, which has another port on the same host."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

PREFLIGHT: Final = [
    (b"access-control-allow-methods", b"GET"),
    (b"access-control-allow-headers", b"authorization, last-event-id"),
    (b"access-control-max-age", b"600"),
]


class Foreign(Exception):
    """A page of somebody else."""


def admitted(headers: Mapping[str, str], *, port: int) -> list[tuple[bytes, bytes]]:
    """What to answer to a page that asks across ports; nothing where there is no page or no port between. Raises Foreign."""
    origin = headers.get("origin")
    if origin is None:
        return []
    if not _is_ours(origin, host=headers.get("host", ""), port=port):
        raise Foreign("Pages of other addresses may not listen.")
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]


def _is_ours(origin: str, *, host: str, port: int) -> bool:
    """The same address, as behind a proxy; or the same host with the port of the main server."""
    try:
        theirs, here = urlsplit(origin), urlsplit(f"//{host}")
        return theirs.netloc == host or (theirs.hostname == here.hostname and theirs.port == port and theirs.scheme == "http")
    except ValueError:
        return False
