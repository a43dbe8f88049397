"""What all streams of a process share: the ring, the clients, and the one who follows the journal for them."""

import asyncio
import logging
import time
from collections.abc import Sequence

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from gis import stream
from gis.stream_records import Place, Told
from server.events.board import Board
from server.events.client import Client
from server.events.ring import KEPT, Ring
from server.events.visitors import Door
from server.events.waking import Waking

log = logging.getLogger(__name__)

BATCH_S = 0.05
PLACES_EVERY_S = 1
READ_AT_ONCE = 2_000
AGAIN_AFTER_S = 0.5
LOOK_ANYWAY_S = 0.5
PLACES_ANYWAY_S = 10
LINE_CHECK_S = 5
BEAT_S = 15
RIGHTS_AGAIN_S = 60
AWAY = (psycopg.Error, SQLAlchemyError, OSError)
ENDS_STREAMS = ("account.", "token.revoked")


class Hub:
    """Follows the journal, and wakes the clients when there is something new."""

    def __init__(self, url: str, engine: Engine, door: Door) -> None:
        """`engine` is for questions, `url` for the connection that listens."""
        self.ring = Ring()
        self.board = Board()
        self.primed = asyncio.Event()
        self.following = False
        self.account_changes = 0
        self.clients: set[Client] = set()
        self._url, self._engine, self._door = url, engine, door

    async def follow(self) -> None:
        """For ever: when the database goes away, come back to it and go on after the last entry."""
        while True:
            try:
                await self._follow_while_there()
            except* AWAY as faults:
                if self.following:
                    log.warning("the journal is out of reach: %s", faults.exceptions[0])
            self.following = False
            await asyncio.sleep(AGAIN_AFTER_S)

    async def _follow_while_there(self) -> None:
        async with await self._line() as line, await self._line() as watch, asyncio.TaskGroup() as together:
            news = Waking(watch, stream.JOURNAL, every_s=BATCH_S, asleep_s=LOOK_ANYWAY_S)
            moves = Waking(watch, stream.POSITIONS, every_s=PLACES_EVERY_S, asleep_s=PLACES_ANYWAY_S)
            await line.execute("LISTEN journal; LISTEN positions")
            news.rung.set()  # for what was told while nobody listened
            moves.rung.set()
            if not self.primed.is_set():
                self.ring = await asyncio.to_thread(self._filled_ring)
                self.primed.set()
            self.following = True
            together.create_task(self._listen(line, news, moves))
            together.create_task(self._read(news))
            together.create_task(self._look_where_officers_are(moves))

    async def _line(self) -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, connect_timeout=5, application_name="wangge events",
            keepalives_idle=15, tcp_user_timeout=20_000,
        )

    async def _listen(self, line: psycopg.AsyncConnection, news: Waking, moves: Waking) -> None:
        while True:
            async for bell in line.notifies(timeout=LINE_CHECK_S):
                (moves if bell.channel == stream.POSITIONS else news).rung.set()
            await line.execute("SELECT")  # a line that died without a word is found out here

    async def _read(self, waking: Waking) -> None:
        while True:
            await waking.next_look()
            news = await asyncio.to_thread(self._news)
            if news.more:
                waking.rung.set()
            if news.rewound:
                await self._begin_anew()
            self._tell(news.told)
            await waking.found(bool(news.told) or news.more)
            await asyncio.sleep(BATCH_S)

    async def _look_where_officers_are(self, waking: Waking) -> None:
        while True:
            await waking.next_look()
            moved = self.board.put(await asyncio.to_thread(self._places))
            if moved:
                for client in self.clients:
                    client.wake()
            await waking.found(bool(moved))
            await asyncio.sleep(PLACES_EVERY_S)

    def _places(self) -> dict[str, Place]:
        with self._engine.connect() as conn:
            return stream.places(conn)

    async def _begin_anew(self) -> None:
        """The city was set up anew under the open streams: everybody reads it again."""
        self.ring = await asyncio.to_thread(self._filled_ring)
        for client in self.clients:
            client.lost = True
            client.wake()

    def _filled_ring(self) -> Ring:
        with self._engine.connect() as conn:
            told = stream.last_of(conn, entries=KEPT)
        ring = Ring(told[0].seq - 1 if told else 0)
        ring.add(told)
        return ring

    def _news(self) -> stream.News:
        with self._engine.connect() as conn:
            return stream.news(conn, self.ring.head, limit=READ_AT_ONCE)

    def page(self, seq: int, to: int, limit: int) -> Sequence[Told]:
        """Entries of the journal that are no longer in the ring; for a thread."""
        with self._engine.connect() as conn:
            return stream.page(conn, seq, to=to, limit=limit)

    def is_ahead(self, seq: int) -> bool:
        """Whether there is no such entry yet, in any process; for a thread."""
        with self._engine.connect() as conn:
            return stream.is_ahead(conn, seq)

    def _tell(self, told: Sequence[Told]) -> None:
        if not told:
            return
        self.ring.add(told)
        changed = {entry.subject for entry in told if entry.kind.startswith(ENDS_STREAMS)}
        if changed:
            self.account_changes += 1
        for client in self.clients:
            if client.account.login in changed:
                client.end()
            else:
                client.wake()

    async def tend(self) -> None:
        """For ever: signs of life, an end to those who do not read, and to those whose rights are others than they were."""
        checked = time.monotonic()
        while True:
            await asyncio.sleep(1)
            now = time.monotonic()
            for client in tuple(self.clients):
                if client.is_stuck(now, floor=self.ring.floor):
                    client.cut_off()
                elif now - client.spoken_at > BEAT_S:
                    client.wake()
            if now - checked > RIGHTS_AGAIN_S:
                checked = now
                await self._check_rights()

    async def _check_rights(self) -> None:
        for shown in {client.shown for client in self.clients}:
            try:
                account = await asyncio.to_thread(self._door.account, shown)
            except SQLAlchemyError:
                return  # nothing is told either while the database is away
            for client in tuple(self.clients):
                if client.shown == shown and client.account != account:
                    client.end()

    def end(self) -> None:
        """End every stream: the process stops."""
        for client in tuple(self.clients):
            client.end()
