"""The demo city, whole: the figures it promises, and the laws of a division at full size."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, text

from gis.locating import Locator
from gis.store.shapes import from_wkb
from tests.conftest import DEMO_INCIDENTS

WANGGE = str(Path(sys.executable).parent / "wangge")


def _one(conn: Connection, query: str) -> object:
    return conn.execute(text(query)).scalar_one()


@pytest.mark.parametrize(
    ("count", "query"),
    [
        (35, "SELECT count(*) FROM area WHERE level = 'town'"),
        (593, "SELECT count(*) FROM area WHERE level = 'community'"),
        (593, "SELECT count(DISTINCT community_id) FROM facility WHERE kind = 'service_centre'"),
        (2_958, "SELECT count(*) FROM grid_version WHERE valid @> now()"),
        (3_106, "SELECT count(*) FROM grid_version WHERE valid @> timestamptz '2025-06-01'"),
        (44_000, "SELECT count(*) FROM cell"),
        (10_466_625, "SELECT sum(population) FROM cell"),
        (10_466_625, "SELECT sum(population) FROM grid_version WHERE valid @> now()"),
        (9_756, "SELECT count(*) FROM staff"),
        (9_756, "SELECT count(*) FROM posting WHERE valid @> now()"),
        (4, "SELECT count(DISTINCT duty) FROM staff"),
        (4, "SELECT count(DISTINCT role) FROM posting"),
        (2_958, "SELECT count(DISTINCT grid_id) FROM posting WHERE role = 'manager' AND valid @> now()"),
        (10, "SELECT count(*) FROM department"),
        (83, "SELECT count(*) FROM matter WHERE kind = 'matter' AND icon IS NOT NULL"),
        (20, "SELECT count(DISTINCT category_zh) FROM matter WHERE kind = 'matter' AND icon IS NOT NULL"),
        (20, "SELECT count(*) FROM matter WHERE kind = 'wish' AND icon IS NOT NULL"),
        (7, "SELECT count(DISTINCT unit_type) FROM grid_version"),
        (0, "SELECT count(*) FROM area WHERE NOT synthetic"),
        (DEMO_INCIDENTS, "SELECT count(*) FROM incident WHERE synthetic"),
    ],
)
def test_the_demo_city_keeps_its_promises(demo: Connection, count: int, query: str) -> None:
    assert _one(demo, query) == count


def test_there_are_at_least_ten_kinds_of_facility(demo: Connection) -> None:
    assert int(_one(demo, "SELECT count(DISTINCT kind) FROM facility")) >= 10


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ST_AsBinary(geom) FROM area WHERE level = 'town'",
        "SELECT ST_AsBinary(geom) FROM area WHERE level = 'community'",
        "SELECT ST_AsBinary(geom) FROM grid_version WHERE valid @> now()",
        "SELECT ST_AsBinary(geom) FROM grid_version WHERE valid @> timestamptz '2025-06-01'",
        "SELECT ST_AsBinary(geom) FROM cell",
    ],
)
def test_every_level_covers_the_city_without_gap_or_overlap(demo: Connection, query: str) -> None:
    shapes = from_wkb(demo.execute(text(query)).scalars())
    assert shapely.coverage_is_valid(shapes)
    whole = shapely.from_wkb(bytes(_one(demo, "SELECT ST_AsBinary(geom) FROM area WHERE parent_id IS NULL")))
    assert shapely.area(shapes).sum() == pytest.approx(shapely.area(whole), rel=1e-9)


def test_every_incident_is_in_the_grid_of_its_day(demo: Connection) -> None:
    wrong = _one(
        demo,
        """
        SELECT count(*) FROM (SELECT * FROM incident TABLESAMPLE BERNOULLI (5) REPEATABLE (1)) i
        WHERE i.grid_id IS DISTINCT FROM grid_at(i.geom, i.reported_at)
        """,
    )
    assert wrong == 0


def test_the_incidents_have_the_rhythm_of_a_city(demo: Connection) -> None:
    hours = dict(
        demo.execute(
            text("SELECT extract(hour FROM reported_at AT TIME ZONE 'Asia/Shanghai')::int, count(*) FROM incident GROUP BY 1")
        ).all()
    )
    assert hours[10] > 10 * hours[4]
    by_cell = np.sort(demo.execute(text("SELECT count(*) FROM incident GROUP BY grid_id")).scalars().all())[::-1]
    assert by_cell[: len(by_cell) // 10].sum() > 0.2 * by_cell.sum()


def test_the_command_line_places_a_file_by_the_plan_of_a_date(demo_url: str, demo: Connection, tmp_path: Path) -> None:
    row = demo.execute(
        text("""
            SELECT ST_X(v.label_point), ST_Y(v.label_point), old.code, new.code
            FROM lineage l JOIN grid old ON old.id = l.from_grid_id JOIN grid new ON new.id = l.to_grid_id
            JOIN grid_version v ON v.grid_id = old.id ORDER BY old.code LIMIT 1
        """)
    ).one()
    source = tmp_path / "points.csv"
    source.write_text(f"name,lon,lat\n一,{row[0]},{row[1]}\n二,{row[1]},{row[0]}\n", encoding="utf-8")
    environment = os.environ | {"WANGGE_DATABASE_URL": demo_url, "WANGGE_VAR_DIR": str(tmp_path)}
    for options, code in (((), row[3]), (("--at", "2025-06-01"), row[2])):
        done = subprocess.run(
            [WANGGE, "locate", str(source), *options], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 3, done.stderr
        assert json.loads(done.stdout)["faults"][0] == {
            "row": 2, "fault": "swapped", "message": json.loads(done.stdout)["faults"][0]["message"],
        }  # fmt: skip
        with (tmp_path / "points-placed.csv").open(encoding="utf-8", newline="") as file:
            assert next(csv.DictReader(file))["grid_code"] == code


def test_two_processes_share_one_index(demo: Connection, tmp_path: Path) -> None:
    first, second = (Locator(tmp_path).atlas(demo, demo.execute(text("SELECT now()")).scalar_one()) for _ in range(2))
    assert [path.suffix for path in tmp_path.iterdir() if path.suffix == ".index"] == [".index"]
    assert first.index.place(np.array([113.75]), np.array([23.04])) == second.index.place(np.array([113.75]), np.array([23.04]))
