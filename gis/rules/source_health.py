"""How a department's source is: a light, and the words that say why."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

GREEN, AMBER, RED, GREY = "green", "amber", "red", "grey"
QUIET_AFTER: Final = timedelta(days=7)
CALLS_WAIT_AT_MOST: Final = timedelta(hours=1)
REFUSED_TOO_OFTEN_FRACTION: Final = 0.5
PULLS_FAILED: Final = 3
_RED: Final = frozenset({"last_delivery_failed", "mostly_rejected", "pull_fails", "calls_parked"})


@dataclass(frozen=True)
class SourceSigns:
    """What is seen of a source from outside. Counts of rows are those of today."""

    active: bool
    last_at: datetime | None = None
    last_fault: bool = False
    rows_today: int = 0
    rejected_today: int = 0
    open_rejects: int = 0
    pull_tries: int = 0
    calls_parked: int = 0
    calls_waiting_since: datetime | None = None


def health(signs: SourceSigns, *, now: datetime) -> tuple[str, list[str]]:
    """The light and every word that applies, the gravest first; a source that is closed or never delivered has none."""
    if not signs.active:
        return GREY, ["closed"]
    words = [word for word, applies in _signs(signs, now).items() if applies]
    if any(word in _RED for word in words):
        return RED, words
    if words:
        return AMBER, words
    return (GREEN, []) if signs.last_at else (GREY, ["never_delivered"])


def _signs(signs: SourceSigns, now: datetime) -> dict[str, bool]:
    waiting = signs.calls_waiting_since
    return {
        "last_delivery_failed": signs.last_fault,
        "mostly_rejected": signs.rejected_today > REFUSED_TOO_OFTEN_FRACTION * signs.rows_today > 0,
        "pull_fails": signs.pull_tries >= PULLS_FAILED,
        "calls_parked": signs.calls_parked > 0,
        "open_rejects": signs.open_rejects > 0,
        "pull_failed": 0 < signs.pull_tries < PULLS_FAILED,
        "calls_waiting": waiting is not None and now - waiting > CALLS_WAIT_AT_MOST,
        "quiet": signs.last_at is not None and now - signs.last_at > QUIET_AFTER,
    }
