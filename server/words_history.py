"""The words of the page of plans through the years."""

from typing import Final


def _(text: str) -> str:
    """Mark a text for translation without translating it yet."""
    return text


HISTORY_WORDS: Final = (
    _("Came from"),
    _("Changed"),
    _("Consultation"),
    _("Decision"),
    _("Drawn by"),
    _("Edits here"),
    _("Ended"),
    _("Every incident placed anew in today's grid."),
    _("In force"),
    _("Incidents in 24 months: {n}"),
    _("Map. Arrow keys move, plus and minus zoom, Enter tells the grids of the middle through time."),
    _("Loading"),
    _("New"),
    _("No grid was ever here."),
    _("Pause"),
    _("Plan"),
    _("Play"),
    _("Published by"),
    _("set aside: {reason}"),
    _("until further notice"),
    _("{n} of {all} in favour"),
)
