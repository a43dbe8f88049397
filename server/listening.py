"""The way from the pages to the event stream, which has a process and a port of its own."""

import json
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, current_app, redirect, request

from server import problems
from server.config import Settings

bp = Blueprint("listening", __name__)

ANSWERS_WITHIN_S = 0.5


@bp.get("/events")
def events() -> Response:
    """Lead whoever asks here to where the events are."""
    target = events_url()
    if target == request.base_url:  # the proxy sends here what should go to the stream: a browser would turn in a circle
        return problems.answer(503, "The proxy in front leads /events to the pages; it belongs to WANGGE_EVENTS_PORT.")
    words = request.query_string.decode()
    return redirect(f"{target}?{words}" if words else target, 307)  # type: ignore[return-value]


def events_url() -> str:
    """Where browsers reach the stream: as the settings say, or on the host that they asked, on the stream's port."""
    settings: Settings = current_app.config["SETTINGS"]
    if settings.events_url:
        return settings.events_url
    host = urlsplit(request.host_url).hostname or settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.events_port}/events"


def stream_follows(settings: Settings) -> bool:
    """Whether the stream answers and follows the journal."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    address = f"[{host}]" if ":" in host else host
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://{address}:{settings.events_port}/healthz", timeout=ANSWERS_WITHIN_S) as answer:
            return bool(json.load(answer)["following"])
    except (OSError, ValueError, KeyError):
        return False


def init_app(app: Flask) -> None:
    """Serve /events, and tell the pages where the stream is."""
    app.register_blueprint(bp)
    app.context_processor(lambda: {"events_url": events_url()})
