"""The least that the event stream needs: a schema, a city, and accounts of several roles that hear all of it."""

from __future__ import annotations

from gis import accounts, city, tokens, upkeep
from gis.records import AreaRow, City, Name

ROLES = ("administrator", "planner", "dispatcher", "auditor", "officer", "viewer")
CODE, NAME = "441900", Name("东莞市", "Dongguan")


def furnished(url: str) -> list[str]:
    """Furnish an empty database; returns a token for each role."""
    import shapely

    from gis import areas

    engine = upkeep.open_database(url)
    with engine.connect() as conn:
        upkeep.migrate(conn)
    with engine.begin() as conn:
        city.found(conn, City(CODE, NAME, 4547, synthetic=True), by="bench")
        areas.found(conn, [AreaRow(CODE, None, "city", NAME, shapely.box(113.5, 22.6, 114.3, 23.2), synthetic=True)], by="bench")
        told = []
        for role in ROLES:
            accounts.open_account(conn, login=role, name=role, role=role, area_code=CODE, within=None, by="bench")
            told.append(tokens.issue(conn, role, label="bench", days=None, by="bench"))
    engine.dispose()
    return told
