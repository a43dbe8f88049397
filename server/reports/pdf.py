"""A comparison to print: what it comes to, a map of the city, and for each town a map sheet with its changed grids."""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import jinja2
import numpy as np
import shapely
from sqlalchemy import Connection

from gis.comparing import Compared, Ground, grids_drawn, moved_ground, outlines
from gis.errors import ReportUnavailable
from gis.records import Shapes
from gis.rules.comparison import GridChange
from gis.rules.zones import project
from server.reports.maps import MapSheet, draw
from server.reports.tables import grids, ordered, said, sheets, town_of

TEMPLATES: Final = Path(__file__).resolve().parents[1] / "templates" / "reports"
Tell = Callable[[int, int], None]


def write_report(path: Path, conn: Connection, compared: Compared, *, language: str, made_at: datetime, tell: Tell) -> None:
    """Write the report; `tell` hears the map sheets done and all of them. Raises ReportUnavailable."""
    weasyprint = renderer()
    towns = [area for area in compared.found.towns if area.moved.cells]
    tell(0, len(towns) + 1)
    ground = moved_ground(conn, compared)
    pages, rows = [], list(zip(ordered(compared), grids(compared, language=language).rows, strict=True))
    for done, town in enumerate(towns, start=1):
        pages.append(_town(conn, compared, town.area_id, ground, rows, language=language))
        tell(done, len(towns) + 1)
    html = _template().render(
        language=language, compared=compared, names=[said(name, language) for name in compared.names],
        sentences=[said(sentence, language) for sentence in compared.sentences], made_at=made_at, pages=pages, said=said,
        city_map=_picture(draw(_city_sheet(conn, compared, ground), language=language)), towns=_fairness(compared, language),
        period=compared.period, model=compared.model,
    )  # fmt: skip
    nothing_else = weasyprint.urls.URLFetcher(allowed_protocols={"data"})  # the maps are in the page; nothing is fetched
    weasyprint.HTML(string=html, url_fetcher=nothing_else).write_pdf(path)
    tell(len(towns) + 1, len(towns) + 1)


def renderer() -> Any:
    """What sets pages. Raises ReportUnavailable where it is not installed."""
    try:
        import weasyprint
    except OSError as error:
        raise ReportUnavailable(f"What sets pages is not installed on this machine (Pango): {error}") from error
    return weasyprint


def _template() -> jinja2.Template:
    return jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True).get_template("comparison.html")


def _fairness(compared: Compared, language: str) -> Any:
    return next(sheet for sheet in sheets(compared, language=language) if sheet.name == "towns").rows


def _city_sheet(conn: Connection, compared: Compared, ground: Ground) -> MapSheet:
    towns = sorted({town_of(units).code for area, units in compared.place.items() if area in _communities(compared)})
    frame = _metric(compared, outlines(conn, towns))
    nothing: Shapes = np.array([], dtype=object)
    return MapSheet(frame, nothing, nothing, _metric(compared, ground.shape))


def _communities(compared: Compared) -> set[int]:
    return {area.area_id for area in compared.found.communities}


def _town(
    conn: Connection, compared: Compared, town_id: int, ground: Ground, rows: Sequence[tuple[GridChange, Mapping[str, Any]]], *,
    language: str,
) -> dict[str, Any]:
    """One town's page: its map, and the table of its changed grids."""
    unit = compared.place[town_id][0]
    members = {area for area in _communities(compared) if town_of(compared.place[area]).code == unit.code}
    touched = [area for area in compared.touched() if area in members]
    before, after = (grids_drawn(conn, compared, which=which, communities=touched) for which in (0, 1))
    moved = np.isin(ground.community, touched)
    after_m = _metric(compared, after.shape)
    points = shapely.point_on_surface(after_m)
    labels = [(point, compared.label(key)) for point, key in zip(points, after.key.tolist(), strict=True)]
    frame = _metric(compared, outlines(conn, [compared.place[area][0].code for area in touched]))
    sheet = MapSheet(frame, _metric(compared, before.shape), after_m, _metric(compared, ground.shape[moved]), labels)
    name = said(unit.name, language)
    own = [row for change, row in rows if change.community_id in members]
    return {"name": name, "map": _picture(draw(sheet, language=language)), "rows": own}


def _metric(compared: Compared, shapes: Shapes) -> Shapes:
    return project(shapes, to=compared.heads[1].metric_srid)


def _picture(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
