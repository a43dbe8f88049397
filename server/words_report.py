"""The words of the pages of citizens."""

from typing import Final


def _(text: str) -> str:
    """Mark a text for translation without translating it yet."""
    return text


WORDS: Final = (
    _("All matters"),
    _("Back"),
    _("Close"),
    _("Choose a place and what it is."),
    _("Choose a place."),
    _("Choose what it is."),
    _("Copied"),
    _("Expected by {time}"),
    _("In {community}, {town}."),
    _("Is it one of these already?"),
    _("It is handled together with report {number}."),
    _("It was not sent. Check the connection and press Send again: it arrives once, however often it is sent."),
    _("It was reported before; you will hear of that report."),
    _("Looking for your position …"),
    _("Me too"),
    _("No e-mail will be sent any more."),
    _("Often reported"),
    _("Other"),
    _("Remove the photo"),
    _("Send"),
    _("Sending …"),
    _("Take this link with you; it is the way back to your report."),
    _("Thank you for saying how it went."),
    _("The pin can be dragged."),
    _("The photo was not kept; the report can be sent without it."),
    _("There is no report with this number."),
    _("This browser tells no position. Tap the map instead."),
    _("This place lies outside of the city; the report goes to the city all the same."),
    _("Your position was not told. Tap the map instead."),
    _("about {n} m away"),
    _("change"),
    _("in this neighbourhood"),
    _("within {n} m"),
    _("{n} in view"),
    _("{n} people reported it"),
)
