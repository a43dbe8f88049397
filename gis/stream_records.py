"""What readers of the journal get."""

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True)
class Way:
    """How far the journal may be read: up to `whole_to` nothing will ever be added; `last` is the last number given.

    Between the two somebody is just writing: look again soon, because whoever thinks better of it rings no bell.
    """

    whole_to: int
    last: int

    @property
    def is_clear(self) -> bool:
        """Whether nobody is writing."""
        return self.whole_to >= self.last


@dataclass(frozen=True)
class Told:
    """An entry of the journal. `words` is all of it as JSON: seq, kind, subject, at, actor, and the payload.

    `paths` are the areas that it concerns, none where it names none; `department` and `parties` the departments. `was_path` and
    `was_department` say where a case stood before a step moved it: whoever saw it there is told that it left.
    """

    seq: int
    kind: str
    subject: str
    words: str
    paths: tuple[str, ...] = ()
    department: str | None = None
    parties: tuple[str, ...] = ()
    was_path: str | None = None
    was_department: str | None = None


@dataclass(frozen=True)
class Place:
    """Where an officer on shift was last; `path` is that of the area of the posting. `off` says that the shift is over."""

    path: str
    lon: float
    lat: float
    at: datetime
    off: bool = False

    def left(self) -> "Place":
        """The same when the shift is over."""
        return replace(self, off=True)
