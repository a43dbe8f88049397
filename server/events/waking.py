"""When to look for news: often while there are some, and then nobody need ring; seldom, or when rung, while there are none."""

import asyncio
import time
from contextlib import suppress
from typing import Final

import psycopg

from gis import stream

AWAKE_S: Final = 2.0  # after the last news


class Waking:
    """One follower's sleep. `line` is a session that says, by a lock, whether she is awake.

    She looks every `every_s` while awake and every `asleep_s` otherwise: whoever did not ring because she was just falling asleep
    is heard after that.
    """

    def __init__(self, line: psycopg.AsyncConnection, bell: str, *, every_s: float, asleep_s: float) -> None:
        """Asleep at first."""
        self.rung = asyncio.Event()
        self._line, self._bell, self._every_s, self._asleep_s = line, bell, every_s, asleep_s
        self._until = 0.0
        self._told = False

    async def next_look(self) -> None:
        """Return when it is time to look."""
        awake = time.monotonic() < self._until
        with suppress(TimeoutError):
            await asyncio.wait_for(self.rung.wait(), self._every_s if awake else self._asleep_s)
        self.rung.clear()

    async def found(self, news: bool) -> None:
        """Say whether there were news: stay awake, or fall asleep after a while without."""
        if news:
            self._until = time.monotonic() + max(AWAKE_S, 3 * self._every_s)
        awake = time.monotonic() < self._until
        if awake and not self._told:
            answer = await (await self._line.execute(stream.stay_awake(self._bell))).fetchone()
            self._told = bool(answer and answer[0])
        elif self._told and not awake:
            await self._line.execute(stream.fall_asleep(self._bell))
            self._told = False
            self.rung.set()
