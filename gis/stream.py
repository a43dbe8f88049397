"""The journal as it is followed: what is new since somebody last looked, whole and in order."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from gis.store import stream as store
from gis.store.bells import JOURNAL, POSITIONS, fall_asleep, stay_awake
from gis.stream_records import Place, Told

__all__ = [
    "JOURNAL", "POSITIONS", "News", "fall_asleep", "is_ahead", "last_of", "news", "page", "places", "position", "stay_awake",
]  # fmt: skip


@dataclass(frozen=True)
class News:
    """Entries in the order of their numbers, and whether to look again without waiting for the bell.

    `rewound` says that the journal ends before the entry that one had come to: it is another one, of a city that was set up anew.
    """

    told: Sequence[Told]
    more: bool
    rewound: bool = False


def news(conn: Connection, seq: int, *, limit: int) -> News:
    """What the journal says after the entry `seq`.

    Read on from the last entry that came, not from where the journal was whole: numbers that were given back may be given again
    after a crash of the database.
    """
    way = store.way(conn)
    told = store.since(conn, seq, way.whole_to, limit)
    return News(told, more=len(told) == limit or not way.is_clear, rewound=way.last < seq)


def position(conn: Connection) -> int:
    """The entry from which to follow, so that nothing is missed of what is read after this."""
    return store.whole_to(conn)


def is_ahead(conn: Connection, seq: int) -> bool:
    """Whether a number lies beyond any that the journal has given."""
    return store.way(conn).last < seq


def last_of(conn: Connection, *, entries: int) -> Sequence[Told]:
    """The last so many entries."""
    return store.since(conn, store.behind(conn, entries), store.whole_to(conn), entries)


def page(conn: Connection, seq: int, *, to: int, limit: int) -> Sequence[Told]:
    """Entries between two that were already told to others."""
    return store.since(conn, seq, to, limit)


def places(conn: Connection) -> dict[str, Place]:
    """Where all officers on shift were last, by their numbers."""
    return store.places(conn)
