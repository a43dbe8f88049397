"""Texts that PostgreSQL can keep."""

from typing import Annotated, Any

from pydantic import BeforeValidator


def _without_nul(text: Any) -> Any:
    return text.replace("\0", "") if isinstance(text, str) else text


Text = Annotated[str, BeforeValidator(_without_nul)]
"""PostgreSQL keeps no NUL; a report is not lost for one."""
