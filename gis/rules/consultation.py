"""Putting things to residents: the six stages of deliberation, and what support decides.

The stages are those of Beijing's Dongcheng district; that what finds less than half is generally not carried out is the rule of
Chongchuan.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Final

from gis.publication_records import Voices
from gis.records import Name

STAGES: Final = ("collect", "topic", "deliberate", "form", "carry_out", "evaluate")
HEARING: Final = ("collect", "topic", "deliberate")
"""The stages in which opinions are taken. A plan that is put to residents may not be edited meanwhile; then it is formed."""
UNPUBLISHED: Final = ("draft", "consultation")
KINDS: Final = ("plan", "facility", "other")


@dataclass(frozen=True)
class Override:
    """Why something is carried out without the support it needs."""

    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Consultation:
    """Something put to residents. Opinions are taken from the day `since` to the day `until`, both included.

    `area_path` are the codes from the root of the tree down to the area that is asked. `base_id` is the plan that the plan put to
    residents changes.
    """

    id: int
    kind: str
    plan_id: int | None
    base_id: int | None
    plan_state: str | None
    area_id: int
    area_path: str
    title: Name
    summary: Name = field(repr=False)
    stage: str
    since: date
    until: date
    needed_fraction: float
    outcome: str | None
    override: Override | None
    author: str
    created_at: datetime
    voices: Voices


@dataclass(frozen=True)
class Step:
    """A stage that something put to residents went into."""

    stage: str
    note: str | None
    author: str
    at: datetime


@dataclass(frozen=True)
class Opinion:
    """What a resident said; coordinates in WGS 84."""

    id: int
    support: bool
    words: str | None
    lon: float | None
    lat: float | None
    community_id: int | None
    hidden: bool
    at: datetime


def takes_opinions(consultation: Consultation, *, today: date) -> bool:
    """Whether residents may speak today; about a plan only until it is published."""
    is_open = consultation.plan_state in (None, *UNPUBLISHED)
    return is_open and consultation.stage in HEARING and consultation.since <= today <= consultation.until


def is_public(consultation: Consultation, *, today: date) -> bool:
    """Whether everybody may read it: from its first day on."""
    return consultation.since <= today


def is_supported(voices: Voices, *, needed_fraction: float) -> bool:
    """Whether enough residents are for it, to the last voice. Where nobody spoke, nobody is."""
    said = voices.support + voices.against
    return said > 0 and voices.support >= Fraction(str(needed_fraction)) * said


def may_be_carried_out(consultation: Consultation) -> bool:
    """Whether support suffices, or was set aside with a reason on record."""
    return consultation.override is not None or is_supported(consultation.voices, needed_fraction=consultation.needed_fraction)


def can_follow(stage: str, wanted: str) -> bool:
    """Stages follow each other one by one; to take up an earlier one again is always possible."""
    return STAGES.index(wanted) != STAGES.index(stage) and STAGES.index(wanted) <= STAGES.index(stage) + 1


def plan_state_at(stage: str) -> str:
    """The state of an unpublished plan that is put to residents: frozen while they are heard, then a draft to be formed."""
    return "consultation" if stage in HEARING else "draft"
