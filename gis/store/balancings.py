"""Runs of the machine that balances, and what they propose."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy import Connection, text

from gis.balance_records import BalancedCommunity, BalanceWish, Balancing
from gis.records import Name

RUN_LOCKS = 41_900_353
"""Each run holds its own number under this one, which is arbitrary, only ours."""
FIELDS = """
    id, plan_id, plan_version, state, wish, done, total, stop_asked, outcome, problem, author, opened_at, ended_at
"""
FIGURES = (
    "grids_before", "grids_after", "cells_moved", "deviation_before", "deviation_after", "variation_before", "variation_after",
    "bound", "bound_cell_id",
)  # fmt: skip


def save(conn: Connection, *, plan_id: int, plan_version: int, wish: BalanceWish, total: int, by: str) -> Balancing:
    """Write a run that waits for its turn."""
    row = conn.execute(
        text(f"""
            INSERT INTO balancing (plan_id, plan_version, wish, total, author)
            VALUES (:plan, :version, CAST(:wish AS jsonb), :total, :by) RETURNING {FIELDS}
        """),
        {"plan": plan_id, "version": plan_version, "wish": orjson.dumps(asdict(wish)).decode(), "total": total, "by": by},
    ).one()
    return Balancing(**row._mapping)


def by_id(conn: Connection, balancing_id: int) -> Balancing | None:
    """One run, or None."""
    row = conn.execute(text(f"SELECT {FIELDS} FROM balancing WHERE id = :id"), {"id": balancing_id}).one_or_none()
    return None if row is None else Balancing(**row._mapping)


def of_plan(conn: Connection, plan_id: int) -> list[Balancing]:
    """The runs for a plan, newest first."""
    rows = conn.execute(text(f"SELECT {FIELDS} FROM balancing WHERE plan_id = :id ORDER BY id DESC"), {"id": plan_id})
    return [Balancing(**row._mapping) for row in rows]


def running(conn: Connection) -> list[Balancing]:
    """Runs that somebody has begun, oldest first."""
    rows = conn.execute(text(f"SELECT {FIELDS} FROM balancing WHERE state = 'running' ORDER BY id"))
    return [Balancing(**row._mapping) for row in rows]


def advance(conn: Connection, balancing_id: int, *, done: int) -> bool:
    """Write that a run is under way, and how far; returns whether somebody asked it to stop."""
    asked: bool = conn.execute(
        text("UPDATE balancing SET state = 'running', done = :done WHERE id = :id RETURNING stop_asked"),
        {"id": balancing_id, "done": done},
    ).scalar_one()
    return asked


def ask_stop(conn: Connection, balancing_id: int) -> None:
    """Ask a run to stop."""
    conn.execute(text("UPDATE balancing SET stop_asked = true WHERE id = :id"), {"id": balancing_id})


def end(
    conn: Connection, balancing_id: int, state: str, *, outcome: dict[str, Any] | None = None, problem: str | None = None
) -> None:
    """Write how a run ended."""
    conn.execute(
        text("""
            UPDATE balancing SET state = :state, outcome = CAST(:outcome AS jsonb), problem = :problem, ended_at = now(),
                                 done = CASE WHEN :state = 'done' THEN total ELSE done END
            WHERE id = :id
        """),
        {"id": balancing_id, "state": state, "problem": problem, "outcome": outcome and orjson.dumps(outcome).decode()},
    )


def try_run_lock(conn: Connection, balancing_id: int) -> bool:
    """Be the one who runs it, until this transaction ends; False while it is running elsewhere."""
    taken: bool = conn.execute(
        text("SELECT pg_try_advisory_xact_lock(:key, :run)"), {"key": RUN_LOCKS, "run": balancing_id % 2**31}
    ).scalar_one()
    return taken


def save_communities(conn: Connection, balancing_id: int, rows: Sequence[BalancedCommunity]) -> None:
    """Write what a run proposes."""
    columns = ("community_id", *FIGURES)
    conn.execute(
        text(f"""
            INSERT INTO balancing_community (balancing_id, {", ".join(columns)}, moves)
            VALUES (:run, {", ".join(f":{name}" for name in columns)}, CAST(:moves AS jsonb))
        """),
        [
            {name: getattr(row, name) for name in columns} | {"run": balancing_id, "moves": orjson.dumps(row.moves).decode()}
            for row in rows
        ],
    )


def communities(conn: Connection, balancing_id: int) -> list[BalancedCommunity]:
    """What a run proposes for each community, in figures, by code; one that was taken and undone is not taken."""
    rows = conn.execute(
        text(f"""
            SELECT b.community_id, {", ".join(f"b.{name}" for name in FIGURES)}, e.seq AS taken_at_seq, a.code, a.name_zh, a.name_en
            FROM balancing r JOIN balancing_community b ON b.balancing_id = r.id JOIN area a ON a.id = b.community_id
            LEFT JOIN plan_edit e ON e.plan_id = r.plan_id AND e.seq = b.taken_at_seq AND e.state = 'done'
            WHERE r.id = :id ORDER BY a.code
        """),
        {"id": balancing_id},
    )
    return [_community(dict(row._mapping)) for row in rows]


def moves(conn: Connection, balancing_id: int, *, codes: Collection[str] | None = None) -> dict[int, list[tuple[int, int, int]]]:
    """What changes hands by id of community, of all of them or of those with these codes: (cell, key before, key after)."""
    rows = conn.execute(
        text("""
            SELECT b.community_id, b.moves FROM balancing_community b JOIN area a ON a.id = b.community_id
            WHERE b.balancing_id = :id AND (CAST(:codes AS text[]) IS NULL OR a.code = ANY (CAST(:codes AS text[])))
            ORDER BY a.code
        """),
        {"id": balancing_id, "codes": None if codes is None else list(codes)},
    )
    return {row.community_id: [(cell, before, after) for cell, before, after in row.moves] for row in rows}


def mark_taken(conn: Connection, balancing_id: int, *, communities: Collection[int], seq: int) -> None:
    """Write by which edit of the draft some communities were taken."""
    conn.execute(
        text("UPDATE balancing_community SET taken_at_seq = :seq WHERE balancing_id = :id AND community_id = ANY (:communities)"),
        {"id": balancing_id, "seq": seq, "communities": list(communities)},
    )


def codes_of(conn: Connection, communities: Collection[int]) -> dict[int, tuple[str, Name]]:
    """Code and name of communities by id."""
    rows = conn.execute(text("SELECT id, code, name_zh, name_en FROM area WHERE id = ANY (:ids)"), {"ids": list(communities)})
    return {row.id: (row.code, Name(row.name_zh, row.name_en)) for row in rows}


def _community(row: dict[str, Any]) -> BalancedCommunity:
    return BalancedCommunity(name=Name(row.pop("name_zh"), row.pop("name_en")), **row)
