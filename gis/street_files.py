"""Walking networks as arrays on disk: laid once from the database, then memory-mapped by every process of the machine."""

import fcntl
import json
import shutil
import tempfile
from pathlib import Path
from threading import Lock

import numpy as np
import shapely
from sqlalchemy import Connection

from gis.coverage_records import StreetNetwork
from gis.errors import NoCity, NotFound
from gis.records import Shapes
from gis.rules.streets import lay
from gis.rules.walking_network import WalkingNetwork
from gis.rules.zones import project
from gis.store import city
from gis.store import networks as store

FORMAT = 1
KEPT = 2  # networks that one process keeps at hand
ARRAYS = (
    "xy_m", "start", "end", "length_dm", "first_vertex", "vertices_m", "first_arc", "arc_node", "arc_dm", "island",
)  # fmt: skip
_held: dict[Path, WalkingNetwork] = {}
_lock = Lock()


def in_force(conn: Connection, *, folder: Path) -> tuple[int, WalkingNetwork] | None:
    """The network that walks are measured on now, with its id, or None where there is none. `folder` is where arrays are kept."""
    found = store.in_force(conn)
    return None if found is None else (found.id, _network(conn, found, folder=folder))


def load(conn: Connection, network_id: int, *, folder: Path) -> WalkingNetwork:
    """A network by its id. Raises NotFound."""
    found = store.get(conn, network_id)
    if found is None:
        raise NotFound(f"There is no network {network_id}.")
    return _network(conn, found, folder=folder)


def forget() -> None:
    """Let go of what this process keeps at hand."""
    with _lock:
        _held.clear()


def save(network: WalkingNetwork, folder: Path) -> None:
    """Write the arrays into a folder of their own, whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f"{folder.name}-"))
    try:
        for name in ARRAYS:
            np.save(unfinished / f"{name}.npy", getattr(network, name))
        vertices, line = shapely.get_coordinates(network.barriers_m, return_index=True)
        np.save(unfinished / "barrier_vertices_m.npy", vertices)
        np.save(unfinished / "barrier.npy", line)
        (unfinished / "about.json").write_text(json.dumps({"format": FORMAT, "metric_srid": network.metric_srid}))
        unfinished.chmod(0o755)
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished)
        raise


def mapped(folder: Path) -> WalkingNetwork:
    """The network of a folder. Its arrays are views of the files: what is written into them stays in this process."""
    # "c", not "r": a compiled search takes arrays that may be written as another type than those that may not.
    arrays = {name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="c")) for name in ARRAYS}
    lines = shapely.linestrings(np.load(folder / "barrier_vertices_m.npy"), indices=np.load(folder / "barrier.npy"))
    about = json.loads((folder / "about.json").read_text())
    return WalkingNetwork(**arrays, barriers_m=np.asarray(lines, dtype=object), metric_srid=about["metric_srid"])


def laid_from(edges: Shapes, barriers: Shapes, *, metric_srid: int) -> WalkingNetwork:
    """The network of edges and barriers as the database keeps them, EPSG:4326."""
    metres = project(edges, to=metric_srid)
    barriers_m = project(barriers, to=metric_srid) if len(barriers) else barriers
    return lay(metres, barriers_m=barriers_m, metric_srid=metric_srid).network


def _network(conn: Connection, found: StreetNetwork, *, folder: Path) -> WalkingNetwork:
    held = city.get(conn)
    if held is None:
        raise NoCity("The database holds no city yet.")
    own = folder / f"streets-{found.digest[:32]}-{held.metric_srid}-{FORMAT}"
    with _lock:
        if own not in _held:
            _held[own] = _mapped_or_laid(conn, found, own, metric_srid=held.metric_srid)
            while len(_held) > KEPT:
                _held.pop(next(iter(_held)))
        return _held[own]


def _mapped_or_laid(conn: Connection, found: StreetNetwork, folder: Path, *, metric_srid: int) -> WalkingNetwork:
    folder.parent.mkdir(parents=True, exist_ok=True)
    # One process lays, the others wait and map the same files.
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            try:
                return mapped(folder)
            except (OSError, EOFError, ValueError):  # a file gone or cut short: laid anew below
                shutil.rmtree(folder)
        save(laid_from(store.edges(conn, found.id), store.barriers(conn, found.id), metric_srid=metric_srid), folder)
    return mapped(folder)
