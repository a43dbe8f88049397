"""The event stream as an ASGI application: who may listen, from where on, and one loop for each client."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import parse_qs

import orjson
from sqlalchemy.exc import SQLAlchemyError

from gis.records import Account
from server.config import Settings
from server.events import frames, origins
from server.events.client import Client
from server.events.hearing import Audience
from server.events.hub import BEAT_S, Hub
from server.events.ring import frame
from server.events.visitors import Door, Pass

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

FAR_BEHIND: Final = 100_000  # entries after which a client reads everything anew
PAGE: Final = 1_000
PAGES_AT_ONCE: Final = 2
CLIENTS_AT_MOST: Final = 10_000
PRIMED_WITHIN_S: Final = 10
RETRY_MS: Final = (500, 2_500)  # so that not everybody comes back at the same moment
STREAM_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


class Refused(Exception):
    """A request that is answered with a problem."""

    def __init__(self, status: int, detail: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, list(headers)


class EventStream:
    """The application."""

    def __init__(self, settings: Settings, hub: Hub, door: Door) -> None:
        """`hub` is followed elsewhere; here it is listened to."""
        self._settings, self._hub, self._door = settings, hub, door
        self._pages = asyncio.Semaphore(PAGES_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        cors: Headers = []
        try:
            cors = origins.admitted(headers, port=self._settings.port)
            if scope["path"] == "/healthz":
                await self._tell_health(send)
            elif scope["path"] != "/events":
                raise Refused(404, "There is only /events here.")
            elif scope["method"] == "OPTIONS":
                await _answer(send, 204, b"", [*cors, *origins.PREFLIGHT])
            elif scope["method"] != "GET":
                raise Refused(405, "Events are only read.", (b"allow", b"GET, OPTIONS"))
            else:
                client = await self._admit(headers, parse_qs(scope["query_string"].decode("latin-1")), scope)
                await self._serve(client, receive, send, cors)
        except origins.Foreign as fault:
            await _refuse(send, Refused(403, str(fault)), cors)
        except Refused as refused:
            await _refuse(send, refused, cors)
        except SQLAlchemyError:  # before the first word of a stream
            await _refuse(send, Refused(503, "The database is away.", (b"retry-after", b"2")), cors)

    async def _tell_health(self, send: Send) -> None:
        state = {"status": "alive", "following": self._hub.following, "seq": self._hub.ring.head}
        await _answer(send, 200, orjson.dumps(state), [(b"content-type", b"application/json")])

    async def _admit(self, headers: Mapping[str, str], query: Mapping[str, list[str]], scope: Scope) -> Client:
        if len(self._hub.clients) >= CLIENTS_AT_MOST:
            raise Refused(503, "Too many listen already.", (b"retry-after", b"10"))
        changes = self._hub.account_changes
        shown = self._door.shown(cookie=headers.get("cookie", ""), authorization=headers.get("authorization", ""))
        account = await self._known(shown)
        asked = query.get("last_event_id", [""])[0] or headers.get("last-event-id", "")
        kinds = [kind for part in query.get("kinds", []) for kind in part.split(",") if kind]
        await self._primed()
        client = Client(
            account, shown, Audience.of(account, kinds=kinds), cursor=self._hub.ring.head,  # type: ignore[arg-type]
            cut_off=scope.get("extensions", {}).get("wangge.cut_off", lambda: None),
        )
        client.move = self._hub.board.earlier
        await self._place(client, asked)
        self._hub.clients.add(client)
        if changes != self._hub.account_changes:
            client.account = await self._known(shown)  # it may have been closed between the question and now
        return client

    async def _known(self, shown: Pass | None) -> Account:
        account = shown and await asyncio.to_thread(self._door.account, shown)
        if not shown or not account:
            raise Refused(401, "Log in, or send a token: Authorization: Bearer …", (b"www-authenticate", b"Bearer"))
        if account.must_change and not shown.token:
            raise Refused(403, "Change your temporary password first.")
        return account

    async def _primed(self) -> None:
        try:
            await asyncio.wait_for(self._hub.primed.wait(), PRIMED_WITHIN_S)
        except TimeoutError:
            raise Refused(503, "The database is away.", (b"retry-after", b"2")) from None

    async def _place(self, client: Client, asked: str) -> None:
        """Where a client goes on: after the entry that it names, or from now on."""
        if not asked.isdecimal() or len(asked) > 18:
            return
        head, seq = self._hub.ring.head, int(asked)
        if seq > head:  # another process may have read further already; but not beyond what there is
            client.lost = await asyncio.to_thread(self._hub.is_ahead, seq)
        else:
            client.lost = seq < head - FAR_BEHIND
        client.cursor = head if client.lost else seq

    async def _serve(self, client: Client, receive: Receive, send: Send, cors: Headers) -> None:
        leaving = asyncio.create_task(_end_when_gone(client, receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS + cors})
            await _say(client, send, frames.hello(client.cursor, retry_ms=random.randint(*RETRY_MS)))
            with suppress(SQLAlchemyError):  # the database went away meanwhile: what is missing is asked for again
                await self._replay(client, send)
            client.ended |= client.catching_up
            while not client.ended:
                await self._go_on(client, send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            leaving.cancel()
            self._hub.clients.discard(client)

    async def _replay(self, client: Client, send: Send) -> None:
        """What is no longer in the ring comes from the journal, a page at a time and for few at a time."""
        client.catching_up = True
        while client.cursor < self._hub.ring.floor and not client.ended:
            async with self._pages:
                told = await asyncio.to_thread(self._hub.page, client.cursor, self._hub.ring.floor, PAGE)
            await _say(client, send, b"".join(frame(entry, client.audience) for entry in told))
            client.cursor = told[-1].seq if told else self._hub.ring.floor
        client.catching_up = False

    async def _go_on(self, client: Client, send: Send) -> None:
        """Send what there is, or wait."""
        ring, board = self._hub.ring, self._hub.board
        if client.lost:
            client.lost, client.cursor = False, ring.head
            await _say(client, send, frames.reload(ring.head))
        elif client.cursor < ring.floor:
            client.cut_off()  # too slow: it comes back by itself and goes on where it was
        else:
            piece, client.cursor = ring.piece(client.cursor, client.audience)
            aside = board.piece(client.move, client.audience)
            client.move = board.move
            if not piece and not aside and time.monotonic() - client.spoken_at > BEAT_S:
                piece = frames.beat(client.cursor)
            await _say(client, send, piece + aside)
            if client.cursor >= ring.head and client.move >= board.move and not client.ended:
                await client.wait()


async def _say(client: Client, send: Send, words: bytes) -> None:
    if not words:
        return
    client.sending_since = client.spoken_at = time.monotonic()
    await send({"type": "http.response.body", "body": words, "more_body": True})
    client.sending_since = None


async def _end_when_gone(client: Client, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    client.end()


async def _refuse(send: Send, refused: Refused, cors: Headers) -> None:
    problem = {"type": "about:blank", "status": refused.status, "detail": refused.detail}
    headers = [(b"content-type", b"application/problem+json"), *refused.headers, *cors]
    await _answer(send, refused.status, orjson.dumps(problem), headers)


async def _answer(send: Send, status: int, body: bytes, headers: Headers) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*headers, (b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})
