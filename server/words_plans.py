"""The words of what is decided about plans that are no drafts any more."""

from typing import Final


def _(text: str) -> str:
    """Mark a text for translation without translating it yet."""
    return text


WORDS: Final = (
    _("The draft was changed meanwhile. It was checked anew: read that, then publish."),
)
