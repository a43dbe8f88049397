"""What an error looks like outside: RFC 9457 problem+json for programs, a page for people. One table says which status."""

import logging
from typing import Any

import orjson
from flask import Flask, Response, g, render_template, request
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.http import HTTP_STATUS_CODES

from gis import errors

log = logging.getLogger(__name__)

STATUS: dict[type[errors.WanggeError], int] = {
    errors.NotFound: 404,
    errors.NoCity: 503,
    errors.NoPlanInForce: 404,
    errors.BadCoordinates: 422,
    errors.BadFile: 422,
    errors.BadReport: 422,
    errors.BadQuery: 422,
    errors.BadWeights: 422,
    errors.DivisionInvalid: 422,
    errors.ImportRefused: 422,
    errors.ImportNotReady: 409,
    errors.ImportCancelled: 409,
    errors.AlreadyThere: 409,
    errors.BadAccount: 422,
    errors.BadPassword: 422,
    errors.BeyondOwnPart: 403,
    errors.OwnAccount: 403,
    errors.LastAdministrator: 409,
    errors.TooManyAttempts: 429,
    errors.StaleEdit: 409,
    errors.EditRefused: 422,
    errors.DraftClosed: 409,
    errors.PublicationRefused: 422,
    errors.ReportUnavailable: 503,
    errors.BadConsultation: 422,
    errors.ConsultationClosed: 409,
    errors.StageRefused: 409,
    errors.SupportMissing: 409,
    errors.BadMapping: 422,
    errors.BadSource: 422,
    errors.SourceClosed: 409,
    errors.RejectSettled: 409,
    errors.BadAdmission: 422,
    errors.AdmissionRefused: 409,
    errors.BadPhoto: 422,
    errors.PhotoNotKept: 507,
    errors.RatingRefused: 409,
    errors.StepRefused: 409,
    errors.StaleCase: 409,
    errors.OfficerTaken: 409,
    errors.BadStep: 422,
    errors.NobodyFree: 409,
    errors.NotInTheField: 409,
    errors.NetworkInForce: 409,
    errors.BadQuestion: 422,
    errors.NoNetwork: 409,
    errors.NothingToReach: 422,
    errors.AuditNotReady: 409,
}
CONTENT_TYPE = "application/problem+json"


class Problem(BaseModel):
    """A problem as RFC 9457 describes it; `errors` names each field at fault."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]] | None = None


def answer(status: int, detail: str, *, kind: str = "about:blank", **facts: Any) -> Response:
    """A problem answered as JSON to programs, as a page to people."""
    title = HTTP_STATUS_CODES.get(status, "Error")
    if _is_page():
        page = render_template("error.html", status=status, title=title, detail=detail, reference=g.get("request_id"))
        return Response(page, status)
    body = {"type": kind, "title": title, "status": status, "detail": detail, **facts}
    return Response(orjson.dumps(body, default=str), status, content_type=CONTENT_TYPE)


def _is_page() -> bool:
    if request.path.startswith(("/healthz", "/readyz", "/static/")) or not is_for_people():
        return False
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "text/html"


def is_for_people() -> bool:
    """Whether an address is one of pages. A map service is that for browsers, which ask for a page before anything else."""
    if request.path.startswith("/ogc"):
        return request.accept_mimetypes.best_match(["application/json", "application/geo+json", "text/html"]) == "text/html"
    return not request.path.startswith(("/api/", "/tiles/", "/open311/"))


def _refused(error: errors.WanggeError) -> Response:
    refused = answer(STATUS[type(error)], error.detail, kind="urn:wangge:" + type(error).__name__, **error.facts)
    if "retry_after_s" in error.facts:
        refused.headers["Retry-After"] = str(error.facts["retry_after_s"])
    return refused


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    refused = answer(error.code or 500, error.description or error.name)
    if isinstance(error, MethodNotAllowed):
        refused.allow.update(error.valid_methods or ())
    return refused


def _database_away(error: OperationalError) -> Response:
    log.error("the database did not answer: %s", error)
    return answer(503, "The database does not answer at the moment; try again shortly.", kind="urn:wangge:DatabaseAway")


def _unknown(error: Exception) -> Response:
    log.exception("unhandled error on %s %s (request %s)", request.method, request.path, g.get("request_id", "-"), exc_info=error)
    return answer(500, "Something went wrong on our side; it is in the server's log.", request_id=g.get("request_id"))


def invalid_input(error: ValidationError) -> Response:
    """Input that does not fit its description, with every field at fault."""
    if request.is_json and request.get_data() and request.get_json(silent=True) is None:
        return answer(400, "The body is not valid JSON. NaN and Infinity are not JSON; texts stand in double quotes.")
    faults = [{"field": ".".join(map(str, fault["loc"])) or "body", "message": fault["msg"]} for fault in error.errors()]
    named = "; ".join(f"{fault['field']}: {fault['message']}" for fault in faults[:3])
    return answer(422, f"{len(faults)} fields are at fault: {named}.", kind="urn:wangge:InvalidInput", errors=faults)


def init_app(app: Flask) -> None:
    """Answer every error of the services, the framework and the unknown."""
    for kind in STATUS:
        app.register_error_handler(kind, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(Exception, _unknown)
