"""The officer's page for the phone: tasks, patrol, reports; it can be installed, and is readable in a dead spot."""

from typing import Any

import orjson
from flask import Blueprint, Flask, Response, current_app, render_template, url_for
from flask_babel import get_locale, gettext

from gis import areas, city
from server import officer_shell
from server.auth import current_account
from server.database import now, reading
from server.pages import basemap_of

bp = Blueprint("officer_page", __name__)

ICONS = (("app-192.png", 192, "any"), ("app-512.png", 512, "any"), ("app-maskable-512.png", 512, "maskable"))
COLOUR = "#14508c"


@bp.get("/officer")
def today() -> str:
    """What an officer has to do today."""
    account = current_account()
    assert account is not None, "the table of rights asks for a log-in"
    with reading() as conn:
        held = city.describe(conn, now=now())
        part = areas.describe(conn, account.area_code)
    from layers.officer import officer_map

    parts = officer_map(
        bbox=(part["w"], part["s"], part["e"], part["n"]) if part["w"] is not None else held["bbox"],
        tiles_url="/tiles", login=account.login, basemap=basemap_of(current_app.config["SETTINGS"]),
    )  # fmt: skip
    return render_template("officer.html", map=parts, login=account.login)


@bp.get("/officer/manifest.webmanifest")
def manifest() -> Response:
    """What a phone asks before it puts the page among its programs."""
    said: dict[str, Any] = {
        "id": "/officer",
        "name": gettext("Wangge · My day"),
        "short_name": gettext("Wangge"),
        "lang": "zh-CN" if str(get_locale()) == "zh" else "en",
        "start_url": url_for("officer_page.today"),
        "scope": url_for("officer_page.today"),
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": COLOUR,
        "icons": [
            {"src": url_for("static", filename=f"icons/{name}"), "sizes": f"{px}x{px}", "type": "image/png", "purpose": purpose}
            for name, px, purpose in ICONS
        ],
    }
    return Response(orjson.dumps(said), content_type="application/manifest+json")


@bp.get("/officer/sw.js")
def worker() -> Response:
    """The script that keeps the page for dead spots. It reaches the page itself, which lies above its own address."""
    return Response(
        officer_shell.worker(),
        content_type="text/javascript; charset=utf-8",
        headers={"Service-Worker-Allowed": "/officer", "Cache-Control": "no-cache"},
    )


def init_app(app: Flask) -> None:
    """Serve the officer's page."""
    app.register_blueprint(bp)
