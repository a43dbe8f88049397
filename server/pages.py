"""The pages and the frame they stand in."""

import logging
from typing import Any
from urllib.parse import urlsplit

import flask_login
import orjson
from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, url_for
from flask_babel import Babel, get_locale, gettext
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from gis import accounts, areas, city, logins
from gis import imports as import_jobs
from gis.errors import NoCity
from gis.features import LAYERS
from gis.layer_files.records import Limits
from gis.records import Account
from seed.people import DEMO_PASSWORD
from server.api.city import facts
from server.auth import Visitor, current_account
from server.auth.rights import PUBLIC, RIGHTS, Over, Right
from server.config import Settings
from server.database import now, reading, writing
from server.roles import role_name
from server.words import words

bp = Blueprint("pages", __name__)
log = logging.getLogger(__name__)

LANGUAGES = ("zh", "en")
LANGUAGE_COOKIE = "language"
FORMAT_NAMES = {"geojson": "GeoJSON", "gpkg": "GeoPackage", "csv": "CSV", "xlsx": "Excel"}
SHELVES = {  # one thing → the list it stands in
    "source_pages.one": "source_pages.board",
    "matter_pages.matters": "source_pages.board",
    "pages.import_": "pages.imports",
    "planning.studio": "planning.plans",
    "consulting.compare": "planning.plans",
    "consulting.one": "consulting.listed",
    "reporting.follow": "reporting.report",
    "workload_pages.workload": "planning.plans",
    "workload_pages.staffing_of_plan": "planning.plans",
}
A_YEAR_S = 365 * 24 * 3600


@bp.get("/")
def overview() -> str:
    """The city on a map."""
    held = _city()
    if held is None:
        return render_template("overview.html", map=None)
    # Folium takes a second to import: the server answers before that, and its workers import it meanwhile.
    from layers.overview import overview_map

    basemap = basemap_of(current_app.config["SETTINGS"])
    parts = overview_map(bbox=held["bbox"], tiles_url="/tiles", basemap=basemap, language=_language())
    return render_template("overview.html", map=parts)


@bp.get("/plans/history")
def history() -> Response | str:
    """The plans of the city through the years, on a map."""
    held = _city()
    if held is None:
        return redirect(url_for("pages.overview"))  # type: ignore[return-value]
    from layers.history import history_map

    parts = history_map(bbox=held["bbox"], tiles_url="/tiles", basemap=basemap_of(current_app.config["SETTINGS"]))
    return render_template("history.html", map=parts)


@bp.route("/login", methods=["GET", "POST"])
def login() -> Response | str | tuple[str, int]:
    """The log-in form; in a seeded demo with its accounts beside it."""
    if request.method == "GET":
        return _login_page()
    given, password, address = request.form.get("login", ""), request.form.get("password", ""), request.remote_addr or ""
    if not given or not password:
        return _login_page(error=gettext("Login or password is wrong."), login=given), 401
    with writing() as conn:
        wait_s = logins.count_attempt(conn, given, address=address)
    if wait_s:
        return _ask_to_wait(given, wait_s)
    with writing() as conn:
        account = logins.log_in(conn, given, password, address=address)
    if account is None:
        return _login_page(error=gettext("Login or password is wrong."), login=given), 401
    flask_login.login_user(Visitor(account))
    return redirect(_safe(request.args.get("next")))  # type: ignore[return-value]


def _ask_to_wait(login: str, wait_s: int) -> Response:
    words = gettext("Too many wrong passwords. Try again in %(minutes)s minutes.", minutes=-(-wait_s // 60))
    log.warning("too many wrong passwords for one login from %s", request.remote_addr)
    return Response(_login_page(error=words, login=login), 429, headers={"Retry-After": str(wait_s)})


def _login_page(**given: Any) -> str:
    settings: Settings = current_app.config["SETTINGS"]
    demo: list[dict[str, Any]] = []
    if settings.is_private:  # the passwords of a demo are for this machine only
        with reading() as conn:
            demo = accounts.demo_logins(conn)
    shown = [{"login": row["login"], "password": DEMO_PASSWORD, "role": role_name(row["role"])} for row in demo]
    return render_template("login.html", demo_logins=shown, **given)


@bp.post("/logout")
def log_out() -> Response:
    """End the session."""
    flask_login.logout_user()
    return redirect(url_for("pages.login"))  # type: ignore[return-value]


@bp.get("/language/<code>")
def language(code: str) -> Response:
    """Choose the language of the pages and return to where one was."""
    answered: Response = redirect(_safe(request.args.get("next")))  # type: ignore[assignment]
    if code in LANGUAGES:
        answered.set_cookie(LANGUAGE_COOKIE, code, max_age=A_YEAR_S, samesite="Lax")
    return answered


@bp.get("/imports")
def imports() -> str:
    """What was brought in, what is under way, and the place for a new file."""
    settings: Settings = current_app.config["SETTINGS"]
    return render_template("imports.html", upload_limit_mb=min(settings.upload_limit_mb, Limits().file_bytes >> 20))


@bp.get("/imports/<int:id>")
def import_(id: int) -> str:
    """One import: its file, its columns, what the check found, on a map, and its application."""
    with reading() as conn:
        job = import_jobs.get(conn, id)
    from layers.imports import import_map

    held = _city()
    bbox = held["bbox"] if held else None
    parts = import_map(
        bbox=bbox, tiles_url="/tiles", basemap=basemap_of(current_app.config["SETTINGS"]), language=_language(), import_id=id
    )
    return render_template("import.html", map=parts, job=job)


@bp.get("/data")
def data() -> str:
    """Every list of the city as a file, and the ways in for programs."""
    account = current_account()
    assert account is not None
    layers = [
        {
            "name": layer.name,
            "title": layer.title.as_dict(),
            "description": layer.description.as_dict(),
            "formats": [name for name in FORMAT_NAMES if layer.geometry or name not in ("geojson", "gpkg")],
        }
        for layer in LAYERS.values()
    ]
    with reading() as conn:
        part = areas.describe(conn, account.area_code)
    area = part["name_zh"] if _language() == "zh" else part["name_en"]
    return render_template("data.html", layers=layers, format_names=FORMAT_NAMES, area=area, url_root=request.url_root)


@bp.get("/docs/api")
def api_docs() -> str:
    """The API, to be read and tried."""
    return render_template("api_docs.html")


def _safe(target: str | None) -> str:
    """A path on this server; anything else leads to the overview."""
    if not (target or "").isprintable():
        return url_for("pages.overview")
    parts = urlsplit(target or "")
    inside = not parts.scheme and not parts.netloc and (target or "").startswith("/") and "\\" not in (target or "")
    return target if target and inside and not target.startswith("//") else url_for("pages.overview")


def _city() -> dict[str, Any] | None:
    with reading() as conn:
        try:
            return facts(city.describe(conn, now=now()))
        except NoCity:
            return None


def _city_if_any() -> dict[str, Any] | None:
    """The city for the frame; a page that says that the database is away must not need the database."""
    try:
        return _city()
    except SQLAlchemyError:
        return None


def _language() -> str:
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    settings: Settings = current_app.config["SETTINGS"]
    return chosen if chosen in LANGUAGES else settings.language


def _navigation(account: Account | None) -> list[tuple[str, str, bool, str]]:
    if account and account.must_change:
        return []
    visitors = (
        ("reporting.report", gettext("Report something"), "megaphone"),
        ("reporting.around", gettext("Around here"), "geo-alt"),
    )
    places = (
        ("pages.overview", gettext("Overview"), "map"),
        ("live.live", gettext("Live"), "broadcast"),
        ("officer_page.today", gettext("My day"), "phone"),
        ("planning.plans", gettext("Plans"), "bounding-box"),
        ("pages.history", gettext("Plans over time"), "clock-history"),
        *(() if account else visitors),
        ("coverage_pages.coverage", gettext("Coverage"), "bullseye"),
        ("consulting.listed", gettext("Consultations"), "chat-square-text"),
        ("source_pages.board", gettext("Departments"), "building"),
        ("pages.imports", gettext("Import"), "box-arrow-in-down"),
        ("pages.data", gettext("Data"), "database-down"),
        ("people.accounts", gettext("Accounts"), "people"),
        ("pages.api_docs", gettext("API"), "code-slash"),
    )
    at = url_for(SHELVES[request.endpoint]) if request.endpoint in SHELVES else request.path
    return [
        (label, url_for(endpoint), at == url_for(endpoint), icon)
        for endpoint, label, icon in places
        if _is_open(RIGHTS[endpoint], account)
    ]


def _is_open(right: Right, account: Account | None) -> bool:
    if right is PUBLIC or account is None:
        return right is PUBLIC
    return account.role in right.roles and (right.over is not Over.CITY or account.reach.is_whole_city)


def basemap_of(settings: Settings) -> Any:
    """What the settings want beneath the city's layers. Raises layers.basemap.BadBasemap."""
    from layers.basemap import Basemap

    return Basemap.from_setting(settings.basemap, key=settings.tianditu_key, attribution=settings.basemap_attribution)


def _account_if_any() -> Account | None:
    try:
        return current_account()
    except SQLAlchemyError:
        return None


def _frame() -> dict[str, Any]:
    """What every page's frame shows."""
    account = _account_if_any()
    return {
        "language": str(get_locale()),
        "account": account and _shown(account),
        "navigation": _navigation(account),
        "words_json": Markup(_for_script(orjson.dumps(words(gettext)).decode())),
        "city": _city_if_any(),
    }


def _shown(account: Account) -> dict[str, Any]:
    return {
        "login": account.login, "name": account.name, "role": role_name(account.role), "must_change": account.must_change,
    }


def _for_script(json: str) -> str:
    """JSON that cannot end the script element it stands in."""
    return json.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def init_app(app: Flask) -> None:
    """Serve the pages, in the visitor's language."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=_language, default_locale="en")
    app.context_processor(_frame)
    app.register_blueprint(bp)
