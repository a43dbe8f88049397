"""Text that goes into a page of Folium. Folium writes strings into scripts, and Leaflet some of them into HTML."""

import json
from html import escape
from typing import Any

from markupsafe import Markup


def for_html(text: str) -> str:
    """Text for an option that Leaflet hands to ``innerHTML`` (attribution, tooltip, pop-up)."""
    return escape(text, quote=True)


def for_script(value: Any) -> Markup:
    """A JSON value inside ``<script>``: no ``</script>``, no comment and no line separator can come out of it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&'\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)
