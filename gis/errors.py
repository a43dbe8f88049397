"""What was refused and why. No status codes here: `server/problems.py` knows those."""

from collections.abc import Sequence
from dataclasses import asdict
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


class BadWeights(WanggeError):
    """Weights or a period that a workload model cannot have; `errors` names every field."""


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


class BadAccount(WanggeError):
    """An account that cannot be as asked for: its login, name, area or department; the field is named."""


class BadPassword(WanggeError):
    """A password that is too easily guessed, or the old one given wrongly; the field is named."""


class BeyondOwnPart(WanggeError):
    """An administrator gives no more than her own part of the city."""


class OwnAccount(WanggeError):
    """Nobody changes the rights of her own account, or closes it: another administrator does."""


class LastAdministrator(WanggeError):
    """The city would be left without an administrator who has all of it."""


class TooManyAttempts(WanggeError):
    """Too many tries from one address: wrong passwords for a login, or voices; `retry_after_s` says how long to wait."""


class StaleEdit(WanggeError):
    """The draft changed since it was read, where the edit would change it too; what changed rides along."""


class EditRefused(WanggeError):
    """An edit that would break a rule of grids; the findings say which, where, and what would do instead."""


class DraftClosed(WanggeError):
    """A plan that cannot be edited any more, or not now: only drafts can."""


class PublicationRefused(WanggeError):
    """A plan cannot come into force as asked; the findings ride along."""

    def __init__(self, detail: str, *, findings: Sequence[Any]) -> None:
        """`findings` are records, each naming the rule, the grids and the place."""
        super().__init__(detail, findings=[asdict(finding) for finding in findings])


class ReportUnavailable(WanggeError):
    """A report cannot be drawn on this machine: a font or a part of the system is missing."""


class BadConsultation(WanggeError):
    """Something that cannot be put to residents as it is, or a voice that cannot be taken; the field is named."""


class ConsultationClosed(WanggeError):
    """Opinions are not taken any more, or not yet."""


class StageRefused(WanggeError):
    """Not what comes next: a stage that does not follow, or a plan that is no draft."""


class SupportMissing(WanggeError):
    """Residents do not support it enough for it to be carried out, and no reason is on record for doing so."""


class BadPhoto(WanggeError):
    """A photo that cannot be read, or is too large."""


class PhotoNotKept(WanggeError):
    """The photo could not be written, because the disk is full or away; what it belongs to can be sent without it."""


class RatingRefused(WanggeError):
    """A report that is not settled yet, or whose reporter said already how it went."""


class StepRefused(WanggeError):
    """A step that a case cannot take as it stands, or not by whoever asked; its state and what may be done ride along."""


class StaleCase(WanggeError):
    """Somebody took a step of the case since it was read; its version and the case as it stands ride along."""


class OfficerTaken(WanggeError):
    """An officer was given something else since the list of officers was read; how much is in hand now rides along."""


class BadStep(WanggeError):
    """A step without what it needs: a note, an officer, a photo, another area; the field is named."""


class NobodyFree(WanggeError):
    """Nobody who may be sent to a case is on shift."""


class NotInTheField(WanggeError):
    """The account belongs to no member of staff: it has no shift, no tasks and no patrol."""


class BadMapping(WanggeError):
    """A department's mapping that cannot be; `errors` name every field at fault."""


class BadSource(WanggeError):
    """A source that cannot be as asked for: its department, an address to pull from or to call; the field is named."""


class SourceClosed(WanggeError):
    """A source that takes no deliveries any more, or not this way."""


class RejectSettled(WanggeError):
    """A rejected record that was replayed or dropped already."""


class BadAdmission(WanggeError):
    """A proposal or decision on a matter that cannot be as asked for; the field is named."""


class AdmissionRefused(WanggeError):
    """A matter or proposal that does not stand as it was thought to: decided already, changed since, not in the catalogue."""


class NetworkInForce(WanggeError):
    """The walking network that walks are measured on cannot be taken away."""


class BadQuestion(WanggeError):
    """A question of coverage that cannot be answered as it was put; the field is named."""


class NoNetwork(WanggeError):
    """Walking was asked for, and no walking network is in force."""


class NothingToReach(WanggeError):
    """No facility is what the question asks for."""


class AuditNotReady(WanggeError):
    """An audit that cannot take this step now: it is not done, published already, or not published."""
