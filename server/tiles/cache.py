"""Tiles that were drawn before: in this process the ones asked for lately, on disk those of the versions of today."""

import logging
import secrets
import shutil
import threading
import time
from collections import OrderedDict
from pathlib import Path

from gis.records import DrawnLayers, Reach
from gis.tiles import LAYERS_OF_PLANS, STEADY_LAYERS
from server.tiles.packed import PackedTile

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5  # how long a look at the versions may be used
MEMORY_BYTES = 64 << 20
DISK_BYTES = 512 << 20  # that one process writes of one version of a layer
DISK_ZOOM = 16  # nearer tiles are drawn in a millisecond, and there are millions
_OVERHEAD_BYTES = 400  # of an entry, beside its bytes

# Which of a layer's pictures: a plan of the grids, a reach and a period of the incidents.
Of = int | tuple[Reach, int] | None
Key = tuple[str, Of, str, int, int, int]  # layer, which, version, z, x, y


class Lately:
    """The tiles asked for last, as many as fit; safe between threads."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._held: OrderedDict[Key, PackedTile] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: Key) -> PackedTile | None:
        """The tile, which counts as asked for now, or None."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
            return None

    def put(self, key: Key, tile: PackedTile) -> None:
        """Hold a tile, and let go of those that were not asked for longest."""
        with self._lock:
            before = self._held.pop(key, None)
            self._bytes += _weight(tile) - (_weight(before) if before else 0)
            self._held[key] = tile
            while self._bytes > self._limit and self._held:
                self._bytes -= _weight(self._held.popitem(last=False)[1])


def _weight(tile: PackedTile) -> int:
    return len(tile.packed) + _OVERHEAD_BYTES


class TileCache:
    """What this process knows of drawn tiles and of the versions they belong to."""

    def __init__(self, folder: Path) -> None:
        """Keep files below `folder`, which the web workers of a machine share."""
        self._folder = folder
        self._lately = Lately(MEMORY_BYTES)
        self._layers: DrawnLayers | None = None
        self._looked_at = -1e9
        self._written: dict[str, int] = {}

    def layers(self) -> DrawnLayers | None:
        """Plan in force and versions, if somebody looked within the last half second."""
        return self._layers if time.monotonic() - self._looked_at <= LOOK_EVERY_S else None

    def learn(self, layers: DrawnLayers, *, looked_at: float) -> None:
        """Take note of what was seen at a moment of the monotonic clock; files of versions that are over are removed."""
        if looked_at < self._looked_at:
            return
        before, self._layers, self._looked_at = self._layers, layers, looked_at
        if before is None or _steady(before) != _steady(layers):
            self._written.clear()
            threading.Thread(target=self._clear, args=(layers,), daemon=True).start()

    def find(self, key: Key) -> PackedTile | None:
        """A tile as it was kept, or None."""
        found = self._lately.get(key)
        if found is None and self._is_for_disk(key):
            try:
                found = PackedTile.kept(self._path(key).read_bytes())
            except FileNotFoundError:
                return None
            self._lately.put(key, found)
        return found

    def keep(self, key: Key, tile: PackedTile) -> None:
        """Keep a tile under the version that it shows."""
        self._lately.put(key, tile)
        if tile.packed and self._is_for_disk(key) and self._written.get(key[0], 0) < DISK_BYTES:
            self._written[key[0]] = self._written.get(key[0], 0) + len(tile.packed)
            _write(self._path(key), tile.packed)

    def _is_for_disk(self, key: Key) -> bool:
        layers = self._layers
        layer, which, version, z, *_ = key
        if layer not in STEADY_LAYERS or z > DISK_ZOOM or layers is None:
            return False
        return which in (None, layers.plan_id) and layers.versions.get(layer) == version

    def _path(self, key: Key) -> Path:
        layer, which, version, z, x, y = key
        return self._folder / layer / _edition(which, version) / str(z) / f"{x}-{y}.mvt.gz"

    def _clear(self, layers: DrawnLayers) -> None:
        for layer in STEADY_LAYERS:
            plan_id = layers.plan_id if layer in LAYERS_OF_PLANS else None
            current = _edition(plan_id, layers.versions.get(layer, ""))
            for edition in (self._folder / layer).glob("*"):
                if edition.name != current:
                    shutil.rmtree(edition, ignore_errors=True)  # another worker may be clearing it too


def _steady(layers: DrawnLayers) -> list[str | int | None]:
    return [layers.plan_id, *(layers.versions.get(layer) for layer in STEADY_LAYERS)]


def _edition(which: Of, version: str) -> str:
    return version if which is None else f"{version}-{which}"


def _write(path: Path, packed: bytes) -> None:
    """Write whole or not at all: another worker may read it at any moment."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(packed)
        fresh.replace(path)
    except FileNotFoundError:
        return  # its version ended meanwhile, and its folder was removed
    except OSError as error:  # a full disk makes tiles slower, not absent
        log.warning("%s cannot be kept: %s", path, error)
