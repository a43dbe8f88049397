"""Open311 GeoReport v2, with the updates that FixMyStreet follows: what other programs file reports through."""

from flask import Blueprint, Flask
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from gis.errors import WanggeError
from server.open311 import requests, services, updates
from server.open311.answering import away, refused, unfit

PREFIX = "/open311/v2"


def init_app(app: Flask) -> None:
    """Serve it at /open311/v2."""
    bp = Blueprint("open311", __name__)
    bp.register_error_handler(WanggeError, refused)
    bp.register_error_handler(HTTPException, unfit)
    bp.register_error_handler(OperationalError, away)
    for views in (services, requests, updates):
        views.register(bp)
    app.register_blueprint(bp, url_prefix=PREFIX)
