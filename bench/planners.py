"""Planners who draw edits at random, and the laws that hold after each of them: for tests, and for measuring."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, Engine

from gis import draft_access, drafts, editing
from gis.draft_records import NewDraft
from gis.errors import EditRefused, StaleEdit
from gis.layer_files.records import Layer, LayerInfo
from gis.plan_records import Patch, PlanHead
from gis.records import Name, Reach
from gis.rules.editing import transfer
from gis.store import patches

CITY = Reach("441900")
AREA_TOLERANCE_M2 = 1.0


@dataclass(frozen=True)
class Ground:
    """What no edit changes: ground and people of the scope, and its outline community by community."""

    area_m2: float
    population: int
    households: int


def open_draft(conn: Connection, *scope: str) -> int:
    """A draft of some areas."""
    return drafts.open_draft(conn, named(*scope), reach=CITY, by="test")


def head_of(conn: Connection, draft: int) -> PlanHead:
    """A draft as it is now."""
    return draft_access.seen(conn, draft, reach=CITY)


def patch_of(conn: Connection, draft: int) -> Patch:
    """The cells of a draft's scope as it has them."""
    head = head_of(conn, draft)
    return patches.patch(conn, head, communities=head.scope)


def ground_of(patch: Patch) -> Ground:
    """What the laws hold against what was there."""
    return Ground(float(patch.area_m2.sum()), int(patch.population.sum()), int(patch.households.sum()))


def assert_lawful(patch: Patch, before: Ground) -> None:
    """No gap, no overlap, corners shared to the bit; grids inside their community; ground and people as they were."""
    now = ground_of(patch)
    assert abs(now.area_m2 - before.area_m2) < AREA_TOLERANCE_M2
    assert (now.population, now.households) == (before.population, before.households)
    assert shapely.coverage_is_valid(patch.shape)
    home = np.array([patch.grids[key].community_id for key in patch.grid.tolist()])
    assert (home == patch.community).all()
    assert all(patch.grids[key].alive for key in np.unique(patch.grid).tolist())


def random_edit(patch: Patch, random: np.random.Generator) -> dict[str, Any]:
    """An edit as a planner might draw it somewhere in a patch, sensible or not."""
    key = int(random.choice(patch.grid))
    mine = patch.of_grid(key)
    whole = shapely.coverage_union_all(patch.shape[mine])
    kind = str(random.choice(["transfer", "transfer", "lasso", "merge", "split", "reshape", "carve", "attributes"]))
    snap = bool(random.random() < 0.5)
    if kind == "split":
        return {"kind": kind, "grid": key, "line": _stroke(whole, random), "snap": snap}
    if kind == "carve":
        return {"kind": kind, "polygon": _ring(whole, random), "snap": snap}
    if kind == "attributes":
        return {"kind": kind, "grid": key, "unit_type": str(random.choice(["estate", "rental", "factory"]))}
    return _between(patch, key, whole, kind, snap=snap, random=random)


def _between(
    patch: Patch, key: int, whole: shapely.Geometry, kind: str, *, snap: bool, random: np.random.Generator
) -> dict[str, Any]:
    """An edit between a grid and one of its neighbours."""
    beside = np.flatnonzero(shapely.dwithin(patch.shape, whole, 1e-9) & ~patch.of_grid(key))
    beside = beside[patch.community[beside] == patch.grids[key].community_id]
    if not len(beside):
        return {"kind": "attributes", "grid": key, "unit_type": "rural"}
    cell = int(random.choice(beside))
    other = int(patch.grid[cell])
    if kind == "merge":
        return {"kind": kind, "grids": [key, other]}
    if kind == "lasso":
        return {"kind": "transfer", "to": key, "lasso": _ring(patch.shape[cell], random), "repair": snap}
    if kind == "transfer":
        return {"kind": kind, "to": key, "cells": [int(patch.cell[cell])], "repair": snap}
    theirs = shapely.coverage_union_all(patch.shape[patch.of_grid(other)])
    border = shapely.get_coordinates(shapely.intersection(shapely.boundary(whole), shapely.boundary(theirs)))
    ends = border[random.choice(len(border), 2)] if len(border) > 1 else np.array([border[0], border[0] + 0.001])
    middle = ends.mean(axis=0) + random.normal(0, 0.001, 2)
    return {"kind": kind, "between": [key, other], "line": [ends[0].tolist(), middle.tolist(), ends[1].tolist()], "snap": snap}


def _stroke(whole: shapely.Geometry, random: np.random.Generator) -> list[list[float]]:
    """A bent line across a shape, from beyond it to beyond it."""
    west, south, east, north = shapely.bounds(whole)
    middle = np.array([random.uniform(west, east), random.uniform(south, north)])
    angle, reach = random.uniform(0, np.pi), 1.2 * max(east - west, north - south)
    away = reach * np.array([np.cos(angle), np.sin(angle)])
    return [(middle - away).tolist(), (middle + random.normal(0, reach / 10, 2)).tolist(), (middle + away).tolist()]


def _ring(whole: shapely.Geometry, random: np.random.Generator) -> list[list[float]]:
    """A ring around a place of a shape, about as large as half of it."""
    west, south, east, north = shapely.bounds(whole)
    centre = np.array([random.uniform(west, east), random.uniform(south, north)])
    angles = np.sort(random.uniform(0, 2 * np.pi, 12))
    radius = 0.35 * max(east - west, north - south) * random.uniform(0.7, 1.3, 12)
    return (centre + radius[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])).tolist()


def do(conn: Connection, draft: int, request: dict[str, Any], *, by: str = "test") -> bool:
    """Do an edit; False when it was refused, which leaves everything as it was."""
    version = head_of(conn, draft).version
    try:
        editing.edit(conn, draft, request, seen_version=version, reach=CITY, by=by)
    except EditRefused:
        return False
    return True


def undo(conn: Connection, draft: int) -> bool:
    """Undo; False when there is nothing."""
    return _turn(conn, draft, editing.undo)


def redo(conn: Connection, draft: int) -> bool:
    """Redo; False when there is nothing."""
    return _turn(conn, draft, editing.redo)


@dataclass(frozen=True)
class Attempt:
    """One random edit: its kind, whether it was done, and how long it took."""

    kind: str
    done: bool
    seconds: float


def edit_somewhere(conn: Connection, draft: int, random: np.random.Generator) -> Attempt:
    """Try one random edit in some community of a draft's scope, and hold the community against the laws."""
    head = head_of(conn, draft)
    community = int(random.choice(head.scope))
    patch = patches.patch(conn, head, communities=[community])
    request = random_edit(patch, random)
    begun = time.perf_counter()
    done = do(conn, draft, request)
    seconds = time.perf_counter() - begun
    if done:
        assert_lawful(patches.patch(conn, head_of(conn, draft), communities=[community]), ground_of(patch))
    cuts = request.get("snap") is False
    return Attempt(f"{request['kind']}, cells cut" if cuts else request["kind"], done, seconds)


def hammer(engine: Engine, draft: int, scope: Sequence[int], *, seed: int, tries: int) -> int:
    """One planner among others: edits as fast as may be, each in a transaction of its own; how many were done.

    Who is told that the draft has changed looks again, and tries again.
    """
    random, done = np.random.default_rng(seed), 0
    for _ in range(tries):
        with engine.connect() as conn:
            head = head_of(conn, draft)
            patch = patches.patch(conn, head, communities=[int(random.choice(scope[:4]))])
        try:
            with engine.begin() as conn:
                editing.edit(conn, draft, random_edit(patch, random), seen_version=head.version, reach=CITY, by=f"planner {seed}")
            done += 1
        except (EditRefused, StaleEdit):
            continue
    return done


def a_move(patch: Patch) -> tuple[int, int]:
    """A cell and another grid that it may go to."""
    for cell, key in zip(patch.cell.tolist(), patch.grid.tolist(), strict=True):
        for to in np.unique(patch.grid).tolist():
            if to != key and not transfer(patch, [cell], to=to).findings:
                return cell, to
    raise ValueError("no cell of the patch may move")


def patch_of_community(conn: Connection, draft: int, community: int) -> Patch:
    """The cells of one community as a draft has them."""
    return patches.patch(conn, head_of(conn, draft), communities=[community])


def named(*scope: str, copy_of: int | None = None) -> NewDraft:
    """A draft to be opened."""
    return NewDraft(Name("草案", "Draft"), scope, copy_of=copy_of)


def a_table(header: Sequence[Any], rows: Sequence[Sequence[Any]]) -> Layer:
    """A table as it is read from a file."""
    columns = {name: np.array([str(row[i]) for row in rows], dtype=object) for i, name in enumerate(header)}
    return _layer(columns, np.full(len(rows), None, dtype=object))


def halves(patch: Patch) -> Layer:
    """Two outlines that share the ground of a patch, west and east, as they are read from a file."""
    west, south, east, north = shapely.total_bounds(patch.shape)
    middle = (west + east) / 2
    shapes = [
        shapely.box(west - 0.01, south - 0.01, middle, north + 0.01),
        shapely.box(middle, south - 0.01, east + 0.01, north + 0.01),
    ]
    return _layer({"code": np.array(["west", "east"], dtype=object)}, np.array(shapes, dtype=object))


def _layer(columns: dict[str, Any], shapes: Any) -> Layer:
    info = LayerInfo("test", (), "test", (), None, len(shapes), "EPSG:4326", None, "utf-8", "told", None)
    return Layer(columns, shapes, np.arange(1, len(shapes) + 1), info)


def _turn(conn: Connection, draft: int, turn: Any) -> bool:
    try:
        turn(conn, draft, seen_version=head_of(conn, draft).version, reach=CITY, by="test")
    except EditRefused:
        return False
    return True
