"""Who hears what of the journal: what the table of rights is to requests, this is to the event stream.

A kind that is not listed is told to nobody. (The table of rights itself brings the whole server with it, which this process
does without.)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from gis.records import Account, Reach
from gis.stream_records import Told

CASES: Final = "case"


class Part(Enum):
    """Which part of the city an entry is told to."""

    ANY = "any"  # to all
    OWN = "own"  # to those in whose part of the city it lies
    CITY = "city"  # only to accounts that have the whole city


@dataclass(frozen=True)
class Hearing:
    """To whom a kind of entry is told: to these roles, or to all where none is named."""

    part: Part
    roles: frozenset[str] = frozenset()


_PLANNERS: Final = frozenset({"administrator", "planner"})
_ADMINISTRATORS: Final = frozenset({"administrator"})
# Where somebody is at work is shown to those who send or lead them, and to colleagues.
SEE_OFFICERS: Final = frozenset({"administrator", "dispatcher", "officer"})
POSITIONS: Final = "positions"

# By the whole kind, or by its first word.
HEARD: Final[dict[str, Hearing]] = {
    CASES: Hearing(Part.OWN),
    "plan": Hearing(Part.ANY),
    "plan.rebased": Hearing(Part.OWN),  # a draft
    "draft": Hearing(Part.OWN),
    "balancing": Hearing(Part.OWN),
    "consultation": Hearing(Part.ANY),
    "opinion": Hearing(Part.CITY, _PLANNERS),
    "import": Hearing(Part.CITY, _PLANNERS),
    "workload": Hearing(Part.CITY, _PLANNERS),
    "source": Hearing(Part.CITY, _PLANNERS),
    "matter": Hearing(Part.CITY, _PLANNERS),
    "account": Hearing(Part.CITY, _ADMINISTRATORS),
    "token": Hearing(Part.CITY, _ADMINISTRATORS),
}


class Heard(Enum):
    """What is told of an entry."""

    ALL = "all"
    LEFT = "left"  # only that the case is no longer among those that may be seen
    NOTHING = "nothing"


@dataclass(frozen=True)
class Audience:
    """All who hear the same: what is written for one of them serves the others."""

    role: str
    reach: Reach
    kinds: frozenset[str] = frozenset()

    @classmethod
    def of(cls, account: Account, *, kinds: Sequence[str] = ()) -> "Audience":
        """The audience of an account, who wants to hear only of some kinds: first words or whole kinds, all where none is named."""
        return cls(account.role, account.reach, frozenset(kinds))

    def wants(self, kind: str) -> bool:
        """Whether it asked for this kind."""
        return not self.kinds or kind in self.kinds or kind.partition(".")[0] in self.kinds

    def hears(self, told: Told) -> Heard:
        """What it is told of an entry."""
        family = told.kind.partition(".")[0]
        hearing = HEARD.get(told.kind) or HEARD.get(family)
        if hearing is None or not self.wants(told.kind) or (hearing.roles and self.role not in hearing.roles):
            return Heard.NOTHING
        if family == CASES:
            return self._hears_of_case(told)
        return Heard.ALL if self._reaches(hearing.part, told.paths) else Heard.NOTHING

    def _reaches(self, part: Part, paths: Sequence[str]) -> bool:
        """A draft is seen by all whose part of the city it touches, from above and from below."""
        if part is Part.ANY or self.reach.is_whole_city:
            return True
        own = self.reach.area_path
        return part is Part.OWN and any(_lies_in(path, own) or _lies_in(own, path) for path in paths)

    def _hears_of_case(self, told: Told) -> Heard:
        if self.sees(told.paths, [told.department, *told.parties]):
            return Heard.ALL
        moved = told.was_path is not None or told.was_department is not None
        paths = [told.was_path] if told.was_path else told.paths
        if moved and self.sees(paths, [told.was_department or told.department, *told.parties]):
            return Heard.LEFT
        return Heard.NOTHING

    def sees(self, paths: Sequence[str], departments: Sequence[str | None]) -> bool:
        """Whether something at these places, of these departments, is in its part of the city and its business."""
        if self.reach.department is not None and self.reach.department not in departments:
            return False
        return self.reach.is_whole_city or any(_lies_in(path, self.reach.area_path) for path in paths)

    def sees_officers_at(self, path: str) -> bool:
        """Whether it is told where officers are whose posting is there."""
        return self.role in SEE_OFFICERS and (not self.kinds or bool(self.kinds & {CASES, POSITIONS})) and self.sees([path], [])


def _lies_in(path: str, area_path: str) -> bool:
    return f"{path}.".startswith(f"{area_path}.")
