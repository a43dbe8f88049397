"""The application factory."""

import secrets

import orjson
from flask import Flask, Response, g, request
from flask.json.provider import JSONProvider
from flask_compress import Compress
from flask_openapi3.models import Info
from flask_openapi3.openapi import OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix

from gis.locating import Locator
from gis.upkeep import open_database
from server import (
    api,
    auditing,
    auth,
    consulting,
    coverage_pages,
    database,
    health,
    listening,
    live,
    matter_pages,
    officer_page,
    officers,
    ogc,
    open311,
    pages,
    people,
    planning,
    problems,
    reporting,
    source_pages,
    workload_pages,
)
from server.config import Settings
from server.secret import kept_secret

BODY_LIMIT_BYTES = 16 << 20  # of any request but an uploaded file
COMPRESSED_TYPES = [
    "application/json",
    "application/geo+json",
    "application/problem+json",
    "application/schema+json",
    "application/vnd.oai.openapi+json",
    "application/vnd.mapbox-vector-tile",
    "text/html",
    "text/css",
    "text/javascript",
    "image/svg+xml",
]


class _Json(JSONProvider):
    """JSON by orjson: fast, UTF-8, dates in ISO 8601, NaN written as null."""

    def dumps(self, obj: object, **_: object) -> str:
        return orjson.dumps(obj, option=orjson.OPT_UTC_Z | orjson.OPT_SERIALIZE_NUMPY).decode()

    def loads(self, s: str | bytes, **_: object) -> object:
        return orjson.loads(s)


def create_app(settings: Settings | None = None) -> Flask:
    """The whole application for these settings; by default those of the environment."""
    settings = settings or Settings()
    if settings.database_url is None:
        raise SystemExit("WANGGE_DATABASE_URL is not set; `wangge run` starts the private database and the server together.")
    app = OpenAPI(
        __name__,
        info=Info(title="Wangge", version="1.0.0", description="The grid management server's API."),
        doc_ui=False,
        validation_error_callback=problems.invalid_input,
        validation_error_model=problems.Problem,
        security_schemes={"token": {"type": "http", "scheme": "bearer"}},
    )
    app.json = _Json(app)
    app.config.update(
        SECRET_KEY=settings.secret_key or kept_secret(settings.var_dir),
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        MAX_CONTENT_LENGTH=BODY_LIMIT_BYTES,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        SETTINGS=settings,
        COMPRESS_MIMETYPES=COMPRESSED_TYPES,
        COMPRESS_ALGORITHM=["gzip"],
        COMPRESS_LEVEL=5,
    )
    Compress(app)
    database.init_app(app, engine=open_database(settings.database_url), locator=Locator(settings.var_dir / "index"))
    problems.init_app(app)
    auth.init_app(app)
    pages.init_app(app)
    people.init_app(app)
    planning.init_app(app)
    consulting.init_app(app)
    reporting.init_app(app)
    auditing.init_app(app)
    live.init_app(app)
    officer_page.init_app(app)
    officers.init_app(app)
    workload_pages.init_app(app)
    source_pages.init_app(app)
    matter_pages.init_app(app)
    coverage_pages.init_app(app)
    api.init_app(app)
    ogc.init_app(app)
    listening.init_app(app)
    open311.init_app(app)
    app.register_blueprint(health.bp)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies)  # type: ignore[method-assign]
    app.before_request(_name_request)
    app.after_request(_finish)
    return app


def _name_request() -> None:
    g.request_id = secrets.token_hex(8)


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "-")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if request.endpoint != "static":
        # What one account is told is nobody else's: no proxy keeps it, and a browser asks again.
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.vary.add("Authorization")
    if request.method in ("GET", "HEAD") and response.status_code == 200 and not response.is_streamed:
        response.add_etag()
        response.make_conditional(request)
    return response
