"""The city, its counts and its plans."""

from typing import Any

from flask_babel import force_locale, gettext
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag

from gis import city, plans
from server.database import now, reading

bp = APIBlueprint("city", __name__, abp_tags=[Tag(name="city", description="The city this server holds")])


@bp.get("/city")
def describe() -> dict[str, Any]:
    """The city with its extent, its counts and the plan in force."""
    with reading() as conn:
        return facts(city.describe(conn, now=now()))


@bp.get("/plans", endpoint="plans")
def list_plans() -> dict[str, Any]:
    """Every plan that is or was in force, newest first."""
    with reading() as conn:
        found = plans.list_plans(conn)
    return {
        "plans": [
            {"id": plan.id, "version": plan.version, "name": plan.name.as_dict(), "since": plan.since, "until": plan.until}
            for plan in found
        ]
    }


def facts(described: dict[str, Any]) -> dict[str, Any]:
    """The city as answered, with the sentence that labels synthetic data in both languages."""
    return described | {"synthetic_note": {locale: _note(locale) for locale in ("zh", "en")}}


def _note(locale: str) -> str:
    with force_locale(locale):
        return gettext("Borders inside the city, staff, facilities and incidents are synthetic: not survey data.")
