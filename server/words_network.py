"""The words of the scripts that bring streets in."""

from typing import Final


def _(text: str) -> str:
    """Mark a text for translation without translating it yet."""
    return text


WORDS: Final = (
    _("Access"),
    _("Barrier"),
    _("Bridge"),
    _("Class of street"),
    _("Holding the streets against the city"),
    _("Laying the streets"),
    _("Leave the network that is in force in force"),
    _("Name of the street"),
    _("Measure walks on it"),
    _("Name of the network"),
    _("On foot"),
    _("Railway"),
    _("Sidewalk"),
    _("Streets"),
    _("The city has no streets yet: walking times cannot be measured."),
    _("Tunnel"),
    _("Waterway"),
    _("known once checked"),
    _("{n} barriers"),
    _("{n} stretches of street"),
)
