"""The trade's words for coded values, as the API answers them."""

from collections.abc import Mapping
from typing import Any

from gis.rules.words import (
    CONSULTATION_KINDS,
    CONSULTATION_STAGES,
    DUTIES,
    FACILITY_LEVELS,
    OFFICER_ROLES,
    PLAN_STATES,
    ROLE_NAMES,
    STATES,
    UNIT_TYPES,
)

__all__ = [
    "CONSULTATION_KINDS", "CONSULTATION_STAGES", "DUTIES", "FACILITY_LEVELS", "OFFICER_ROLES", "PLAN_STATES", "ROLE_NAMES",
    "STATES", "UNIT_TYPES", "coded",
]  # fmt: skip


def coded(words: Mapping[str, tuple[str, str]], code: str) -> dict[str, Any]:
    """A code with its name in both languages."""
    zh, en = words[code]
    return {"code": code, "name": {"zh": zh, "en": en}}
