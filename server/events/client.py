"""One who listens: an audience, a cursor, and a way to be woken."""

import asyncio
import time
from collections.abc import Callable

from gis.records import Account
from server.events.hearing import Audience
from server.events.visitors import Pass

STUCK_S = 20


class Client:
    """A stream that is open. What is not yet sent is not kept here: it lies in the ring, once for all."""

    def __init__(
        self, account: Account, shown: Pass, audience: Audience, *, cursor: int, cut_off: Callable[[], None]
    ) -> None:
        """`cut_off` ends the connection without waiting for what the other side did not take."""
        self.account, self.shown, self.audience, self.cursor = account, shown, audience, cursor
        self.ended = False
        self.lost = False  # what it has come to is nothing to go on from
        self.sending_since: float | None = None
        self.spoken_at = time.monotonic()
        self.catching_up = False  # reads pages of the journal, not the ring
        self.move = 0  # of officers, that it was told
        self._cut_off = cut_off
        self._waiter: asyncio.Future[None] | None = None

    async def wait(self) -> None:
        """Until somebody wakes it."""
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def wake(self) -> None:
        """There may be something to send."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def is_stuck(self, now: float, *, floor: int) -> bool:
        """Whether the other side does not read: for long, or while all that it missed fell out of the ring."""
        if self.sending_since is None:
            return False
        return now - self.sending_since > STUCK_S or (self.cursor < floor and not self.catching_up)

    def end(self) -> None:
        """End the stream after what is being sent."""
        self.ended = True
        self.wake()

    def cut_off(self) -> None:
        """End the stream at once: the other side does not read."""
        self.ended = True
        self._cut_off()
        self.wake()
