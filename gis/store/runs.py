"""Runs that are waited for: how far each is, whether somebody stopped it, how it ended, and who runs it at the moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Runs:
    """The runs of one table. Each holds its own number under `locks`, which is arbitrary, only ours."""

    table: str
    locks: int

    def advance(self, conn: Connection, run_id: int, *, done: int, total: int | None = None) -> bool:
        """Write that a run is under way, and how far; returns whether somebody asked it to stop."""
        asked: bool = conn.execute(
            text(f"""
                UPDATE {self.table} SET state = 'running', done = :done, total = coalesce(:total, total)
                WHERE id = :id RETURNING stop_asked
            """),
            {"id": run_id, "done": done, "total": total},
        ).scalar_one()
        return asked

    def ask_stop(self, conn: Connection, run_id: int) -> None:
        """Ask a run to stop; one that nobody has begun stops at once. What has ended stays as it is."""
        conn.execute(
            text(f"UPDATE {self.table} SET stop_asked = true WHERE id = :id AND state IN ('waiting', 'running')"), {"id": run_id}
        )
        if self.is_open(conn, run_id) and self.try_lock(conn, run_id):
            self.end(conn, run_id, "stopped")

    def is_open(self, conn: Connection, run_id: int) -> bool:
        """Whether a run waits or is under way."""
        held = conn.execute(
            text(f"SELECT 1 FROM {self.table} WHERE id = :id AND state IN ('waiting', 'running')"), {"id": run_id}
        )
        return held.one_or_none() is not None

    def end(
        self, conn: Connection, run_id: int, state: str, *, outcome: Mapping[str, Any] | None = None, problem: str | None = None
    ) -> None:
        """Write how a run ended."""
        conn.execute(
            text(f"""
                UPDATE {self.table} SET state = :state, outcome = CAST(:outcome AS jsonb), problem = :problem, ended_at = now(),
                                        done = CASE WHEN :state = 'done' THEN total ELSE done END
                WHERE id = :id
            """),
            {
                "id": run_id, "state": state, "problem": problem,
                "outcome": None if outcome is None else orjson.dumps(outcome, option=orjson.OPT_SERIALIZE_NUMPY).decode(),
            },
        )  # fmt: skip

    def hold(self, conn: Connection, run_id: int) -> bool:
        """Be the one who runs it until the transaction ends; False if somebody else does, or it has ended."""
        return self.try_lock(conn, run_id) and self.is_open(conn, run_id)

    def is_held(self, conn: Connection, run_id: int) -> bool:
        """Whether some process runs it at the moment; one that died holds nothing."""
        return not self.try_lock(conn, run_id)

    def give_up_orphans(self, conn: Connection, *, problem: str) -> None:
        """Runs whose process died fail; those that nobody has begun go on waiting."""
        for run_id in conn.execute(text(f"SELECT id FROM {self.table} WHERE state = 'running' ORDER BY id")).scalars().all():
            if self.try_lock(conn, run_id):
                self.end(conn, run_id, "failed", problem=problem)

    def try_lock(self, conn: Connection, run_id: int) -> bool:
        """Take a run's lock until this transaction ends; False while another session has it."""
        taken: bool = conn.execute(
            text("SELECT pg_try_advisory_xact_lock(:key, :run)"), {"key": self.locks, "run": run_id % 2**31}
        ).scalar_one()
        return taken
