"""Where officers on shift are: only the newest counts, so that here a cursor goes over moves and not over a history."""

from collections.abc import Mapping
from typing import Any

from gis.stream_records import Place
from server.events import frames
from server.events.hearing import Audience

SHOWN_AGAIN = 120  # moves that somebody who comes anew is told, since she may have been away for a moment


class Board:
    """The last place of each officer, and at which move it came up."""

    def __init__(self) -> None:
        """An empty board."""
        self.move = 0
        self._places: dict[str, tuple[int, Place]] = {}
        self._pieces: dict[tuple[int, Audience], bytes] = {}

    def put(self, places: Mapping[str, Place]) -> bool:
        """Take the places of all who are on shift; returns whether anybody moved, came or went."""
        gone = {number: place.left() for number, (_, place) in self._places.items() if number not in places and not place.off}
        moved = {number: place for number, place in places.items() if self._known(number) != place} | gone
        if not moved:
            return False
        self.move += 1
        self._pieces.clear()
        self._places |= {number: (self.move, place) for number, place in moved.items()}
        return True

    def _known(self, number: str) -> Place | None:
        found = self._places.get(number)
        return found[1] if found else None

    @property
    def earlier(self) -> int:
        """The move from which somebody who comes anew is told."""
        return max(0, self.move - SHOWN_AGAIN)

    def piece(self, after: int, audience: Audience) -> bytes:
        """The officers in an audience's part of the city who moved after a move; empty when none did."""
        if after >= self.move:
            return b""
        key = (after, audience)
        made = self._pieces.get(key)
        if made is None:
            officers = [
                _told(number, place)
                for number, (move, place) in self._places.items()
                if move > after and audience.sees_officers_at(place.path)
            ]
            made = self._pieces[key] = frames.positions(officers) if officers else b""
        return made


def _told(number: str, place: Place) -> dict[str, Any]:
    if place.off:
        return {"number": number, "off": True}
    return {"number": number, "lon": place.lon, "lat": place.lat, "at": place.at}

