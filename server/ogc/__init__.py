"""The city's layers as OGC API - Features (ISO 19168-1): what QGIS, GDAL and every other map program connects to."""

from flask import Blueprint, Flask, Response

from gis.errors import BadQuery
from server import problems
from server.ogc import collections, items, landing

PREFIX = "/ogc"


def init_app(app: Flask) -> None:
    """Serve it at /ogc."""
    bp = Blueprint("ogc", __name__)
    bp.register_error_handler(BadQuery, _bad_request)
    for views in (landing, collections, items):
        views.register(bp)
    app.register_blueprint(bp, url_prefix=PREFIX)


def _bad_request(error: BadQuery) -> Response:
    """The standard asks for 400 where the rest of the API says 422."""
    return problems.answer(400, error.detail, kind="urn:wangge:BadQuery", **error.facts)
