"""The words of what is decided about plans that are no drafts any more."""

from typing import Final


def _(text: str) -> str:
    """Mark a text for translation without translating it yet."""
    return text


WORDS: Final = (
    _("Cancel this plan"),
    _("Cancel this plan?"),
    _("Decision: number and grounds"),
    _("Do not let it come into force"),
    _("Put in force again"),
    _("Reason"),
    _("Somebody else changed the draft meanwhile; it is on your map now. Save again."),
    _("The draft was changed meanwhile. It was checked anew: read that, then publish."),
    _("from {from} on"),
    _("version {n}"),
    _("{plan} does not come into force; it is a draft again."),
    _("{plan}: its grids come into force again as a plan of their own, with the codes that they had."),
)
