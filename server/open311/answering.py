"""Answers and errors of Open311, in the format that the address ends with."""

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from xml.etree import ElementTree

import orjson
from flask import Response, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from gis import errors
from server.problems import STATUS

log = logging.getLogger(__name__)

FORMATS: Final = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
# What one of a list is called; a list stands in an element of its own name.
ONE_OF: Final = {
    "services": "service", "service_requests": "request", "attributes": "attribute", "values": "value", "errors": "error",
    "service_request_updates": "request_update", "endpoints": "endpoint", "formats": "format",
}  # fmt: skip
SAID_AS: Final = {422: 400}  # GeoReport knows 400, 403 and 404
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class Forbidden(errors.WanggeError):
    """An api_key that is missing or opens nothing; only ever answered here."""


def answer(root: str, content: Sequence[Mapping[str, Any]] | Mapping[str, Any], *, status: int = 200) -> Response:
    """The content as XML under its root, or as the JSON that GeoReport makes of the same."""
    asked = (request.view_args or {}).get("fmt", "json")
    if asked == "xml":
        body = ElementTree.tostring(_element(root, content), encoding="utf-8", xml_declaration=True)
    else:
        body = orjson.dumps(content, option=orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS)
    return Response(body, status, content_type=FORMATS[asked])


def _element(name: str, value: Any) -> ElementTree.Element:
    made = ElementTree.Element(name)
    if isinstance(value, Mapping):
        made.extend(_element(key, inner) for key, inner in value.items())
    elif isinstance(value, list | tuple):
        made.extend(_element(ONE_OF[name], inner) for inner in value)
    elif value is not None:
        made.text = _NO_XML.sub("", _text(value))
    return made


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)


def _errors(status: int, detail: str) -> Response:
    return answer("errors", [{"code": status, "description": detail}], status=status)


def refused(error: errors.WanggeError) -> Response:
    """An error of the services as Open311 says it."""
    status = 403 if isinstance(error, Forbidden) else STATUS[type(error)]
    said = _errors(SAID_AS.get(status, status), error.detail)
    if "retry_after_s" in error.facts:
        said.headers["Retry-After"] = str(error.facts["retry_after_s"])
    return said


def unfit(error: HTTPException) -> Response:
    """An error of the framework as Open311 says it."""
    return _errors(error.code or 500, error.description or error.name)


def away(error: OperationalError) -> Response:
    """The database does not answer."""
    log.error("the database did not answer: %s", error)
    return _errors(503, "The database does not answer at the moment; try again shortly.")
