"""What was refused and why. No status codes here: `server/problems.py` knows those."""

from collections.abc import Sequence
from typing import Any


class WanggeError(Exception):
    """Something was refused. `detail` is for the person; `facts` ride along for the machine."""

    def __init__(self, detail: str, **facts: Any) -> None:
        """`detail` names the field, row or feature and what to do."""
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class NotFound(WanggeError):
    """Nothing with that code, number or id exists."""


class NoCity(WanggeError):
    """The database holds no city yet."""


class NoPlanInForce(WanggeError):
    """No plan was in force at the moment asked about."""


class BadCoordinates(WanggeError):
    """Coordinates that name no place: missing, swapped, not a number, outside China."""


class BadFile(WanggeError):
    """A file that cannot be read as what it says it is; the row or byte is named."""


class BadReport(WanggeError):
    """A report that cannot be taken: an unknown or retired matter, a moment in the future."""


class BadQuery(WanggeError):
    """A question that cannot be answered as it was put: an unknown field, filter, value or cursor; what exists is listed."""


class DivisionInvalid(WanggeError):
    """A division of the city breaks a rule; the findings ride along."""

    def __init__(self, detail: str, *, findings: Sequence[str]) -> None:
        """`findings` holds one sentence per fault, each naming the rule, the unit and the place."""
        super().__init__(detail, findings=list(findings))


class ImportRefused(WanggeError):
    """A file cannot be brought in as it is; the findings ride along."""


class ImportNotReady(WanggeError):
    """An import cannot take this step now: it is running, done, or has findings that block."""


class ImportCancelled(WanggeError):
    """A run was stopped because somebody asked for it."""


class AlreadyThere(WanggeError):
    """What was to be made exists already."""
