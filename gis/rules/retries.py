"""When to try again what did not get through: later and later, for a day."""

from datetime import datetime, timedelta
from typing import Final

FIRST_AGAIN: Final = timedelta(seconds=15)
TRIED_FOR: Final = timedelta(days=1)


def again_at(*, tries: int, begun: datetime, now: datetime) -> datetime | None:
    """The moment of the next try after so many failed ones, each pause twice the one before; None once a day has passed."""
    following = now + FIRST_AGAIN * float(2 ** (tries - 1))
    last = begun + TRIED_FOR
    if now >= last:
        return None
    return min(following, last)
