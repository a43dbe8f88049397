"""Small cities from drawings: a letter is a grid, a place in the drawing a cell."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from psycopg2 import connect
from sqlalchemy import Connection, text

from gis import areas, catalogue, city, plans
from gis.locating import Locator
from gis.plan_records import DraftGrid, Patch
from gis.records import AreaRow, City, Division, MatterRow, Name, PlanInForce, Reach
from gis.rules.atlas import Atlas
from gis.rules.working_time import WorkCalendar
from gis.rules.zones import project
from server.cluster import Cluster

WEST, NORTH, SIDE = 113.75, 23.05, 0.01
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
COMMUNITY = "441900003001"
WHOLE_CITY = Reach("441900")
CALENDAR = WorkCalendar(ZoneInfo("Asia/Shanghai"))
MATTER = MatterRow("0101", Name("消防", "Fire"), Name("通道堵塞", "Blocked exit"), "xiaofang", 8, 40, 30, 1)


def create_database(cluster: Cluster, name: str, *, template: str) -> str:
    """A new database in a cluster, copied from another one; returns its URL."""
    base = cluster.url.replace("/wangge?", "/{}?", 1)
    link = connect(base.format("postgres"))
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    link.close()
    return base.format(name)


def square(column: float, row: float, width: float = 1, height: float = 1) -> Any:
    """A box of the drawing, in degrees on the lattice of 1e-8."""
    corners = [WEST + column * SIDE, NORTH - (row + height) * SIDE, WEST + (column + width) * SIDE, NORTH - row * SIDE]
    return shapely.box(*np.round(corners, 8))


def a_division(drawing: str, *, people: int = 100, keeps: dict[str, str] | None = None) -> Division:
    """A division whose grids are the letters of a drawing such as "AAB\\nABB", inside one community."""
    rows = [line.strip() for line in drawing.strip().splitlines()]
    letters = sorted(set("".join(rows)))
    cells = [(letter, square(x, y)) for y, line in enumerate(rows) for x, letter in enumerate(line)]
    shapes = np.array([shape for _, shape in cells], dtype=object)
    cell_grid = np.array([letters.index(letter) for letter, _ in cells])
    count = np.full(len(cells), people, dtype=np.int64)
    return Division(
        grid_shape=np.array([shapely.coverage_union_all(shapes[cell_grid == i]) for i in range(len(letters))], dtype=object),
        grid_community=np.full(len(letters), COMMUNITY, dtype=object),
        grid_unit_type=np.full(len(letters), "estate", dtype=object),
        keeps_code=np.array([(keeps or {}).get(letter, "") for letter in letters], dtype=object),
        cell_grid=cell_grid,
        cell_shape=shapes,
        cell_population=count,
        cell_households=count // 2,
        cell_unit_type=np.full(len(cells), "estate", dtype=object),
        synthetic=True,
    )


def a_patch(drawing: str, *, people: int = 101) -> Patch:
    """The cells of a drawing such as "AAB\\nABB" in one community; letters are the grids 1, 2, … in the order of the alphabet."""
    division = a_division(drawing, people=people)
    count = len(division.cell_grid)
    ones = np.ones(count)
    grids = {i + 1: DraftGrid(i + 1, f"{COMMUNITY}{i + 1:02}", 7, "basic", "estate") for i in range(len(division.grid_shape))}
    return Patch(
        cell=np.arange(1, count + 1), shape=division.cell_shape, community=np.full(count, 7), grid=division.cell_grid + 1,
        area_m2=shapely.area(project(division.cell_shape, to=4547)), population=division.cell_population,
        households=division.cell_households, unit_type=division.cell_unit_type, inspections_h=ones, incidents_h=ones,
        people_h=ones, walking_h=ones, incidents=ones, root=np.arange(1, count + 1), fraction=ones, grids=grids,
    )  # fmt: skip


def drawn(patch: Patch, columns: int) -> str:
    """A patch of whole cells as a drawing again; grids that are new in the draft are z, y, …"""
    letters = [chr(ord("A") + key - 1) if key > 0 else chr(ord("z") + 1 + key) for key in patch.grid.tolist()]
    return "\n".join("".join(letters[at : at + columns]) for at in range(0, len(letters), columns))


def found_city(conn: Connection, drawing: str) -> None:
    """A city of one town and one community over the ground of a drawing, with one matter."""
    whole = shapely.coverage_union_all(a_division(drawing).cell_shape)
    city.found(conn, City("441900", Name("东莞市", "Dongguan"), 4547, synthetic=True), by="test")
    rows = [
        AreaRow("441900", None, "city", Name("东莞市", "Dongguan"), whole, synthetic=True),
        AreaRow("441900003", "441900", "town", Name("东城街道", "Dongcheng"), whole, synthetic=True),
        AreaRow(COMMUNITY, "441900003", "community", Name("岗贝社区", "Gangbei"), whole, synthetic=True),
    ]
    areas.found(conn, rows, by="test")
    catalogue.admit(conn, departments={"xiaofang": Name("消防", "Fire")}, matters=[MATTER], on=date(2024, 1, 1), by="test")


def publish(
    conn: Connection, drawing: str, *, since: datetime = SINCE, keeps: dict[str, str] | None = None
) -> tuple[PlanInForce, list[str]]:
    """Publish the plan of a drawing; returns it and the codes of its letters in alphabetical order."""
    return plans.publish_division(
        conn, a_division(drawing, keeps=keeps), name=Name("方案", "Plan"), since=since, decision="test", by="test"
    )


def atlas_of(conn: Connection, folder: Path, moment: datetime = SINCE) -> Atlas:
    """The atlas of the plan in force at a moment."""
    return Locator(folder).atlas(conn, moment)


def a_draft(conn: Connection, drawing: str, *, names: dict[str, str], by: str = "test") -> int:
    """A draft that gives the cells to the letters of a drawing, in their order; returns its id.

    `names` holds the code of the grid that a letter continues; a letter without one is a new grid.
    """
    parent = plans.list_plans(conn)[0].id
    ids = {row.code: row.id for row in conn.execute(text("SELECT code, id FROM grid"))}
    letters = "".join(line.strip() for line in drawing.strip().splitlines())
    fresh = [letter for letter in sorted(set(letters)) if letter not in names]
    keys = {letter: ids[code] for letter, code in names.items()} | {letter: -i for i, letter in enumerate(fresh, start=1)}
    draft: int = conn.execute(
        text("""
            INSERT INTO plan (parent_id, scope_area_id, name_zh, name_en, state, author)
            VALUES (:parent, (SELECT id FROM area WHERE parent_id IS NULL), '草案', 'Draft', 'draft', :by) RETURNING id
        """),
        {"parent": parent, "by": by},
    ).scalar_one()
    held = conn.execute(
        text("""
            SELECT a.cell_id, a.grid_id, c.community_id FROM cell_assignment a JOIN cell c ON c.id = a.cell_id
            WHERE a.plan_id = :parent ORDER BY a.cell_id
        """),
        {"parent": parent},
    ).all()
    for row, letter in zip(held, letters, strict=True):
        if keys[letter] != row.grid_id:
            values = {"plan": draft, "cell": row.cell_id, "key": keys[letter]}
            conn.execute(text("INSERT INTO draft_assignment (plan_id, cell_id, grid_key) VALUES (:plan, :cell, :key)"), values)
    gone = {row.grid_id for row in held} - set(keys.values())
    for key in [*(keys[letter] for letter in fresh), *gone]:
        conn.execute(
            text("""
                INSERT INTO draft_grid (plan_id, grid_key, community_id, kind, unit_type, alive)
                VALUES (:plan, :key, :community, 'basic', 'estate', :alive)
            """),
            {"plan": draft, "key": key, "community": held[0].community_id, "alive": key not in gone},
        )
    return draft


def cut_cell(conn: Connection, draft: int, cell: int, *, keys: tuple[int, int], part_ids: tuple[int, int]) -> None:
    """Cut a cell of a draft in a western third and the rest, and give the parts to grids by key."""
    conn.execute(
        text("""
            INSERT INTO draft_assignment (plan_id, cell_id, grid_key) VALUES (:plan, :cell, 0)
            ON CONFLICT (plan_id, cell_id) DO UPDATE SET grid_key = 0
        """),
        {"plan": draft, "cell": cell},
    )
    for part, key, west, east in zip(part_ids, keys, (0, 1 / 3), (1 / 3, 1), strict=True):
        conn.execute(
            text("""
                INSERT INTO draft_cell (plan_id, id, root_id, parent_id, community_id, geom, area_m2, population, households,
                                        unit_type, fraction)
                SELECT :plan, :id, c.id, c.id, c.community_id,
                       ST_MakeEnvelope(round((ST_XMin(c.geom) + :west * width)::numeric, 8)::float, ST_YMin(c.geom),
                                       round((ST_XMin(c.geom) + :east * width)::numeric, 8)::float, ST_YMax(c.geom), 4326),
                       c.area_m2 * share, round(c.population * share), round(c.households * share), c.unit_type, share
                FROM (SELECT *, ST_XMax(geom) - ST_XMin(geom) AS width, CAST(:east - :west AS float) AS share FROM cell) c
                WHERE c.id = :cell
            """),
            {"plan": draft, "id": part, "cell": cell, "west": west, "east": east},
        )
        values = {"plan": draft, "cell": part, "key": key}
        conn.execute(text("INSERT INTO draft_assignment (plan_id, cell_id, grid_key) VALUES (:plan, :cell, :key)"), values)
