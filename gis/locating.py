"""Placing points: the grid in force at a moment, its community, town and city.

The index of a plan (`gis.rules.placing`) is built once per plan version, kept as a file, and memory-mapped by every
process of the machine.
"""

import fcntl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock

import numpy as np
from sqlalchemy import Connection

from gis.errors import NoCity, NoPlanInForce
from gis.records import GridUnit, PlanInForce
from gis.rules.atlas import Atlas
from gis.rules.placing import PlacingIndex
from gis.store import city, plans

PLANS_KEPT = 4  # plans whose grids one process keeps at hand


@dataclass
class Locator:
    """Keeps the atlas of each plan that is asked for; one per process, safe to share between threads."""

    folder: Path
    _atlases: dict[tuple[int, int], Atlas] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def atlas(self, conn: Connection, moment: datetime) -> Atlas:
        """The atlas of the plan in force at a moment. Raises NoCity, NoPlanInForce."""
        plan = plans.in_force(conn, moment)
        if plan is None:
            raise NoPlanInForce(f"No plan was in force on {moment:%Y-%m-%d}; ask for a later date.")
        with self._lock:
            atlas = self._atlases.get((plan.id, plan.version))
            if atlas is None:
                atlas = self._open(conn, plan)
                self._atlases[plan.id, plan.version] = atlas
                while len(self._atlases) > PLANS_KEPT:
                    self._atlases.pop(next(iter(self._atlases)))
            return atlas

    def _open(self, conn: Connection, plan: PlanInForce) -> Atlas:
        held = city.get(conn)
        if held is None:
            raise NoCity("The database holds no city yet.")
        grids = plans.grids_of(conn, plan)
        path = self.folder / f"placing-{held.code}-{held.founded_at:%Y%m%d%H%M%S%f}-{plan.id}-{plan.version}.index"
        return Atlas(plan, _load_or_build(path, grids), grids, held.metric_srid)


def _load_or_build(path: Path, grids: Sequence[GridUnit]) -> PlacingIndex:
    path.parent.mkdir(parents=True, exist_ok=True)
    # One process builds, the others wait and map the same file.
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            try:
                return PlacingIndex.load(path)
            except ValueError:  # another format or cut short: built anew below
                path.unlink()
        index = PlacingIndex.build(np.array([grid.shape for grid in grids], dtype=object))
        index.save(path)
    return PlacingIndex.load(path)
