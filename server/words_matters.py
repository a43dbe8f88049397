"""The words of the page of admitted matters."""

from typing import Final


def _(text: str) -> str:
    """Mark a text for translation without translating it yet."""
    return text


MATTERS_WORDS: Final = (
    _("Admission"),
    _("Decide"),
    _("Decided"),
    _("From a coming day"),
    _("No decision is on record yet."),
    _("No matter fits these filters."),
    _("Propose a matter"),
    _("Propose a revision"),
    _("Propose to retire it"),
    _("Proposed"),
    _("Refused"),
    _("Retired"),
    _("Retirement"),
    _("Revision"),
    _("Version {n}"),
    _("from {day}"),
    _("takes effect on {day}"),
    _("until {day}"),
    _("urgency {n}"),
    _("{h} h, {min} min"),
    _("{n} matters"),
)
