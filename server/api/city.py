"""The city and its counts."""

from typing import Any

from flask_babel import force_locale, gettext
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag

from gis import city
from server.api.moments import AsOf
from server.database import now, reading

bp = APIBlueprint("city", __name__, abp_tags=[Tag(name="city", description="The city this server holds")])


@bp.get("/city")
def describe(query: AsOf) -> dict[str, Any]:
    """The city with its extent, its counts and the plan in force, now or at a moment."""
    with reading() as conn:
        return facts(city.describe(conn, now=query.moment(conn) or now()))


def facts(described: dict[str, Any]) -> dict[str, Any]:
    """The city as answered, with the sentence that labels synthetic data in both languages."""
    return described | {"synthetic_note": {locale: _note(locale) for locale in ("zh", "en")}}


def _note(locale: str) -> str:
    with force_locale(locale):
        return gettext("Borders inside the city, staff, facilities and incidents are synthetic: not survey data.")
