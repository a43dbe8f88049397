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
from gis.records import City, GridUnit, PlanInForce
from gis.rules.atlas import Atlas
from gis.rules.placing import PlacingIndex
from gis.store import city, plans

PLANS_KEPT = 4  # plans whose grids one process keeps at hand


@dataclass
class Locator:
    """Keeps the atlas of each plan that is asked for; one per process, safe to share between threads."""

    folder: Path
    _atlases: dict[str, Atlas] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def atlas(self, conn: Connection, moment: datetime) -> Atlas:
        """The atlas of the plan in force at a moment. Raises NoCity, NoPlanInForce."""
        atlas = self.atlas_if_any(conn, moment)
        if atlas is None:
            raise NoPlanInForce(f"No plan was in force on {moment:%Y-%m-%d}; ask for a later date.")
        return atlas

    def atlas_if_any(self, conn: Connection, moment: datetime) -> Atlas | None:
        """The atlas of the plan in force at a moment, or None where none was. Raises NoCity."""
        held = city.get(conn)
        if held is None:
            raise NoCity("The database holds no city yet.")
        plan = plans.in_force(conn, moment)
        return None if plan is None else self.atlas_of(conn, held, plan)

    def atlas_of(self, conn: Connection, held: City, plan: PlanInForce) -> Atlas:
        """The atlas of a plan of the city that the database holds."""
        # The city's founding is part of the name: a database that was emptied and seeded again counts its plans anew.
        key = f"{held.code}-{held.founded_at:%Y%m%d%H%M%S%f}-{plan.id}-{plan.version}"
        with self._lock:
            if key not in self._atlases:
                grids = plans.grids_of(conn, plan)
                index = _load_or_build(self.folder / f"placing-{key}.index", grids)
                self._atlases[key] = Atlas(plan, index, grids, held.metric_srid)
                while len(self._atlases) > PLANS_KEPT:
                    self._atlases.pop(next(iter(self._atlases)))
            return self._atlases[key]


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
