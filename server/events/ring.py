"""The last entries of the journal in memory, and what each audience hears of them."""

from bisect import bisect_right
from collections.abc import Sequence

from gis.stream_records import Told
from server.events import frames
from server.events.hearing import Audience, Heard

KEPT = 10_000
PIECE_BYTES = 128 << 10


class Ring:
    """Entries after `floor`, in order, up to `head`. A reader is a cursor: the number of the last entry it went past."""

    def __init__(self, floor: int = 0, *, kept: int = KEPT) -> None:
        """An empty ring that goes on after the entry `floor`."""
        self.floor = self.head = floor
        self._kept = kept
        self._seqs: list[int] = []
        self._told: list[Told] = []
        self._frames: list[bytes] = []
        self._pieces: dict[tuple[int, Audience], tuple[bytes, int]] = {}

    def add(self, told: Sequence[Told]) -> None:
        """Take entries that follow the last one; the oldest fall out, many at a time."""
        if not told:
            return
        self._told += told
        self._seqs += [entry.seq for entry in told]
        self._frames += [frames.whole(entry) for entry in told]
        self.head = self._seqs[-1]
        self._pieces.clear()
        if len(self._seqs) > 2 * self._kept:
            gone = len(self._seqs) - self._kept
            self.floor = self._seqs[gone - 1]
            del self._seqs[:gone], self._told[:gone], self._frames[:gone]

    def piece(self, cursor: int, audience: Audience) -> tuple[bytes, int]:
        """What an audience hears after a cursor, and the cursor after that; made once for all who are at the same place.

        At most PIECE_BYTES or a little more: the rest comes with the next.
        """
        if cursor >= self.head:
            return b"", cursor
        key = (cursor, audience)
        made = self._pieces.get(key)
        if made is None:
            made = self._pieces[key] = self._cut(cursor, audience)
        return made

    def _cut(self, cursor: int, audience: Audience) -> tuple[bytes, int]:
        parts: list[bytes] = []
        size = 0
        for place in range(bisect_right(self._seqs, cursor), len(self._seqs)):
            part = frame(self._told[place], audience, whole=self._frames[place])
            parts.append(part)
            size += len(part)
            cursor = self._seqs[place]
            if size >= PIECE_BYTES:
                break
        return b"".join(parts), cursor


def frame(told: Told, audience: Audience, *, whole: bytes | None = None) -> bytes:
    """What an audience hears of one entry: all, that a case left, or nothing."""
    heard = audience.hears(told)
    if heard is Heard.NOTHING:
        return b""
    return frames.left(told) if heard is Heard.LEFT else whole or frames.whole(told)
