"""What is worked out from an object once and kept as long as the object lives."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
_notes: dict[int, dict[str, Any]] = {}


def remembered(owner: Any, name: str, build: Callable[[], T]) -> T:
    """The note of that name about `owner`, made if there is none yet. Two threads may both make it; both are right."""
    notes = _notes.get(id(owner))
    if notes is None:
        notes = _notes.setdefault(id(owner), {})
        weakref.finalize(owner, _notes.pop, id(owner), None)
    if name not in notes:
        notes[name] = build()
    kept: T = notes[name]
    return kept
