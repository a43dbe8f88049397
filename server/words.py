"""The words of the pages' scripts: the scripts themselves hold keys only."""

from collections.abc import Callable
from typing import Final


def _(text: str) -> str:
    """Mark a text for translation without translating it yet."""
    return text


WORDS: Final = (
    _("/km²"),
    _("2020 census"),
    _("30 days"),
    _("365 days"),
    _("Area"),
    _("As of {time}"),
    _("Basic units"),
    _("Belongs to"),
    _("By community"),
    _("By grid"),
    _("By residents"),
    _("By town"),
    _("Capacity"),
    _("Check the connection and try again."),
    _("City"),
    _("Click to look closer"),
    _("Communities"),
    _("Community"),
    _("Coordinates"),
    _("Density"),
    _("Facility"),
    _("Floor area"),
    _("Grid"),
    _("Grids"),
    _("Households"),
    _("If the coordinates come from a phone map, try GCJ-02 or BD-09."),
    _("In force since {from}"),
    _("Incidents"),
    _("Level"),
    _("Log in again"),
    _("Map. Arrow keys move, plus and minus zoom, Enter opens the unit in the middle."),
    _("No data"),
    _("No facilities yet."),
    _("No incidents in this period."),
    _("No. {rank} of {of}"),
    _("Nobody is posted here."),
    _("Not found."),
    _("Nothing found. Try a name, a grid code or coordinates."),
    _("Officers"),
    _("Officers and incidents are shown to the people of this area."),
    _("Open"),
    _("Opening hours"),
    _("Parts"),
    _("Point"),
    _("Recent incidents"),
    _("Residents"),
    _("Residents per staff"),
    _("Show all {n}"),
    _("Show the nearest grid"),
    _("Show this class only"),
    _("Staff"),
    _("Synthetic data. Not a record of real people or places."),
    _("Taken from AMap or Tencent"),
    _("Taken from Baidu"),
    _("The nearest grid is {code}, {distance} away."),
    _("The server cannot be reached."),
    _("The server could not answer."),
    _("These coordinates cannot be placed."),
    _("This point lies in no grid of the city."),
    _("Town"),
    _("Towns"),
    _("Try again"),
    _("Urgent"),
    _("Valid {from} to {to}"),
    _("Which grid is this point in? Surveyed or GPS coordinates"),
    _("You are no longer logged in."),
    _("Your role does not allow this."),
    _("km"),
    _("km²"),
    _("m"),
    _("m²"),
    _("{community} grid {number}"),
    _("{n} incidents"),
    _("{n} results"),
)


def words(gettext: Callable[[str], str]) -> dict[str, str]:
    """English text → text in the reader's language, for every text that a script shows."""
    return {word: gettext(word) for word in WORDS}
