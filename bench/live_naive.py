"""Intake as a quick program does it: a view that asks PostGIS for the grid, and writes one row."""

from __future__ import annotations

import os
import threading
from typing import Any

import psycopg2
from flask import Flask, request

app = Flask(__name__)
held = threading.local()
# The same rows in one table, with the indexes that a list and a map need.
TABLE = """
    CREATE TABLE naive_report AS
        SELECT id, number, reported_at, matter_id, urgency, channel, geom, grid_id, description FROM incident;
    ALTER TABLE naive_report ADD PRIMARY KEY (id);
    CREATE SEQUENCE naive_report_id OWNED BY naive_report.id START 1000000000;
    ALTER TABLE naive_report ALTER COLUMN id SET DEFAULT nextval('naive_report_id');
    CREATE INDEX ON naive_report USING gist (geom);
    CREATE INDEX ON naive_report (number);
    CREATE INDEX ON naive_report (reported_at);
    CREATE INDEX ON naive_report (grid_id, reported_at);
    CREATE INDEX ON naive_report (matter_id, reported_at);
    CREATE INDEX ON grid_version USING gist (geom);
"""
POINT = "ST_SetSRID(ST_MakePoint(%s, %s), 4326)"


def report(cursor: Any, sent: dict[str, Any]) -> str:
    """Look the account, the matter and the grid up, write the row; returns its number."""
    cursor.execute("SELECT id, urgency FROM matter WHERE code = %s AND retired_on IS NULL", (sent["matter"],))
    matter, urgency = cursor.fetchone()
    place = (sent["lon"], sent["lat"])
    cursor.execute(f"SELECT grid_id FROM grid_version WHERE valid @> now() AND ST_Covers(geom, {POINT}) LIMIT 1", place)
    grid = cursor.fetchone()
    cursor.execute(
        f"""
        INSERT INTO naive_report (reported_at, matter_id, urgency, channel, geom, grid_id, description)
        VALUES (now(), %s, %s, %s, {POINT}, %s, %s) RETURNING id
        """,
        (matter, urgency, sent["channel"], *place, grid[0] if grid else None, sent.get("description")),
    )
    number = f"R{cursor.fetchone()[0]}"
    cursor.execute("UPDATE naive_report SET number = %s WHERE id = %s", (number, int(number[1:])))
    return number


@app.post("/api/v1/incidents")
def take_in() -> tuple[dict[str, str], int]:
    """Take one report in, over the connection of this thread; whoever sends it is not asked who it is."""
    if not hasattr(held, "link"):
        held.link = psycopg2.connect(os.environ["WANGGE_DATABASE_URL"])
    with held.link, held.link.cursor() as cursor:
        return {"number": report(cursor, request.get_json())}, 201


@app.get("/readyz")
def ready() -> dict[str, str]:
    """It answers."""
    return {"status": "ready"}
