"""Texts that PostgreSQL can keep."""

import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator


def _without_nul(text: Any) -> Any:
    return text.replace("\0", "") if isinstance(text, str) else text


def _on_one_line(text: str) -> str:
    if any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in text):
        raise ValueError("A name has no line breaks and no other control characters.")
    return text


Text = Annotated[str, BeforeValidator(_without_nul)]
"""PostgreSQL keeps no NUL; a report is not lost for one."""
OneLine = Annotated[Text, AfterValidator(_on_one_line)]
"""What something is called."""
