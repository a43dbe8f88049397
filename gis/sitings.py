"""Where to build next: a wish is asked for, searched with a bound on how much better any answer could be, and kept."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection

from gis import siting_search
from gis.coverage_ground import ground
from gis.coverage_measuring import facilities
from gis.coverage_records import ReachQuestion, Siting, SitingWish
from gis.errors import BadQuestion, NoNetwork, NotFound, NothingToReach
from gis.rules.reach_questions import question_of
from gis.rules.siting_wishes import faults, wish_of
from gis.store import journal, networks
from gis.store import sitings as store

LISTED_AT_MOST = 200
PERCENT = 100
LOST = "The search was interrupted. Ask again."
Glimpsed = Callable[[dict[str, Any]], None]
Progress = Callable[[int, int], None]
Stop = Callable[[], bool]


def ask(conn: Connection, *, question: ReachQuestion, wish: SitingWish, by: str) -> Siting:
    """Note a search that waits for its turn. Raises BadQuestion, naming each field at fault, and NoNetwork."""
    question = replace(question, by_ground=False)
    _check(conn, question, wish)
    siting = store.save(conn, question=question, wish=wish, total=PERCENT, by=by)
    journal.append(conn, "siting.asked", subject=str(siting.id), actor=by, aim=wish.aim)
    return siting


def _check(conn: Connection, question: ReachQuestion, wish: SitingWish) -> None:
    with suppress(NothingToReach):  # the first of a kind are built too
        facilities(conn, question)
    wrong = faults(wish, k=question.k)
    if not wrong and wish.candidates != "cells":
        outside = ground(conn).cell_at(np.asarray(wish.candidates, np.float64)) < 0
        wrong = [
            {"field": f"candidates.{i}", "message": "{:g}, {:g} lies outside the city.".format(*wish.candidates[i])}
            for i in np.flatnonzero(outside).tolist()
        ]
    if wrong:
        raise BadQuestion(" ".join(f"{each['field']}: {each['message']}" for each in wrong), errors=wrong)
    if question.method == "walk" and networks.in_force(conn) is None:
        raise NoNetwork("No walking network is in force: bring one in, or ask by radius.")


def find(conn: Connection) -> list[Siting]:
    """The newest searches, newest first."""
    return store.find(conn, limit=LISTED_AT_MOST)


def get(conn: Connection, siting_id: int) -> Siting:
    """One search. Raises NotFound."""
    siting = store.by_id(conn, siting_id)
    if siting is None:
        raise NotFound(f"There is no search for sites {siting_id}.")
    return siting


def ask_stop(conn: Connection, siting_id: int, *, by: str) -> Siting:
    """Ask a search to stop and give its best so far; one that nobody has begun stops at once. Raises NotFound."""
    if get(conn, siting_id).state in ("waiting", "running"):
        store.RUNS.ask_stop(conn, siting_id)
        journal.append(conn, "siting.stop_asked", subject=str(siting_id), actor=by)
    return get(conn, siting_id)


def hold_run(conn: Connection, siting_id: int) -> Siting | None:
    """Be the one who searches until the transaction ends; None if somebody else does, or it has ended."""
    return store.by_id(conn, siting_id) if store.RUNS.hold(conn, siting_id) else None


def is_held(conn: Connection, siting_id: int) -> bool:
    """Whether some process searches at the moment; one that died holds nothing."""
    return store.RUNS.is_held(conn, siting_id)


def advance(conn: Connection, siting_id: int, *, done: int) -> bool:
    """Say how much of its time a search has used, in percent; returns whether it should stop."""
    return store.RUNS.advance(conn, siting_id, done=done)


def give_up_orphans(conn: Connection) -> None:
    """Searches whose process died fail."""
    store.RUNS.give_up_orphans(conn, problem=LOST)


def note(conn: Connection, siting_id: int, outcome: dict[str, Any]) -> None:
    """Write what a search has found so far, for those who wait."""
    store.note_outcome(conn, siting_id, outcome)


def finish(conn: Connection, siting: Siting, outcome: dict[str, Any], *, stopped: bool) -> None:
    """Write what a search found."""
    store.RUNS.end(conn, siting.id, "stopped" if stopped else "done", outcome=outcome)


def end_stopped(conn: Connection, siting: Siting) -> None:
    """Write that a search was stopped before there was any answer."""
    store.RUNS.end(conn, siting.id, "stopped")


def fail(conn: Connection, siting: Siting, problem: str) -> None:
    """Write that a search ended without an answer, and why."""
    store.RUNS.end(conn, siting.id, "failed", problem=problem)


def search(
    conn: Connection, siting: Siting, *, folder: Path, glimpsed: Glimpsed | None = None, progress: Progress | None = None,
    stop: Stop | None = None,
) -> tuple[dict[str, Any], bool]:  # fmt: skip
    """Search for the sites that are wished for; returns the outcome and whether it was stopped. Nothing is written.

    `glimpsed` hears the greedy answer as soon as there is one, `progress` the percent of its time that is used. Raises BadQuestion,
    NoNetwork, SearchStopped.
    """
    return siting_search.search(
        conn, question_of(siting.question), wish_of(siting.wish), folder=folder, glimpsed=glimpsed,
        tell=None if progress is None else lambda fraction: progress(int(PERCENT * fraction), PERCENT), stop=stop,
    )  # fmt: skip
