"""Asking other servers: with a limit on time and size, and nowhere but where it was meant to."""

import http.client
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

CHUNK_BYTES = 1 << 16
REDIRECTS = 3
AGENT = "Wangge/1"
_MOVED = frozenset({301, 302, 303, 307, 308})


class FetchFailed(Exception):
    """Nothing came of it; the message says why, for people."""


@dataclass(frozen=True)
class Fetched:
    """What a server answered; names of headers in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def fetch(
    url: str, *, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str], timeout_s: float, limit_bytes: int
) -> Fetched:
    """Ask a server once. A GET follows a few redirects, to the same scheme, host and port only.

    Raises FetchFailed when nobody answers in time, for more bytes than the limit, and for a redirect to elsewhere.
    """
    until = time.monotonic() + timeout_s
    for _ in range(REDIRECTS + 1):
        answered = _ask(url, method, body, headers, until, limit_bytes)
        if answered.status not in _MOVED or method != "GET":
            return answered
        url = _moved(url, answered.headers.get("location", ""))
    raise FetchFailed("The server leads in a circle.")


def _moved(url: str, location: str) -> str:
    there = urljoin(url, location)
    before, after = urlsplit(url), urlsplit(there)
    if (before.scheme, before.hostname, before.port) != (after.scheme, after.hostname, after.port):
        raise FetchFailed(f"The server leads elsewhere, to {after.hostname}; that is not followed.")
    return there


def _ask(url: str, method: str, body: bytes | None, headers: Mapping[str, str], until: float, limit_bytes: int) -> Fetched:
    parts = urlsplit(url)
    connection = _connection(parts, _left(until))
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, body=body, headers={"User-Agent": AGENT, "Accept-Encoding": "identity", **headers})
        answer = connection.getresponse()
        read = _read(connection, answer, until, limit_bytes)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FetchFailed(f"The server cannot be reached: {error or type(error).__name__}") from error
    finally:
        connection.close()
    return Fetched(answer.status, {name.lower(): value for name, value in answer.getheaders()}, read)


def _connection(parts: SplitResult, timeout_s: float) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, parts.port, timeout=timeout_s, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, parts.port, timeout=timeout_s)


def _read(connection: http.client.HTTPConnection, answer: http.client.HTTPResponse, until: float, limit_bytes: int) -> bytes:
    """The body, as long as time and room last: whoever drips does not hold us."""
    read = bytearray()
    while chunk := answer.read1(CHUNK_BYTES):
        read += chunk
        if len(read) > limit_bytes:
            raise FetchFailed(f"The server sends more than {limit_bytes:,} bytes.")
        if connection.sock is not None:
            connection.sock.settimeout(_left(until))
        else:
            _left(until)
    return bytes(read)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise FetchFailed("The server did not answer in time.")
    return left
