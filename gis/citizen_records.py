"""What citizens and the services about them speak in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gis.records import Name


@dataclass(frozen=True)
class Contact:
    """How somebody may be reached, all of it optional. `language` is zh or en."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    wants_mail: bool = False
    language: str = "zh"


@dataclass(frozen=True)
class Reporter:
    """Somebody who reported a case, and who may follow it with the key. `joined`: others had reported it before."""

    id: int
    incident_id: int
    key: str
    contact: Contact
    joined: bool
    rating: int | None = None
    words: str | None = None
    rated_at: datetime | None = None


@dataclass(frozen=True)
class PublicCase:
    """A case as whoever reported it may know it; `lon`, `lat` in WGS 84. `reporters` counts those of cases merged into it too."""

    id: int
    number: str
    state: str
    version: int
    matter: str
    matter_name: Name
    category: Name
    icon: str | None
    visibility: str
    kind: str
    lon: float
    lat: float
    address: str | None
    description: str | None
    community: Name | None
    reported_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    merged_into: str | None
    reporters: int


@dataclass(frozen=True)
class PublicStep:
    """A step that is told; `note` and `photos` only where they answer the report."""

    action: str
    at: datetime
    note: str | None
    photos: tuple[str, ...]


@dataclass(frozen=True)
class Notice:
    """A mail that is due."""

    id: int
    kind: str
    number: str
    key: str
    email: str
    name: str | None
    language: str
    tries: int
    facts: Mapping[str, Any]
