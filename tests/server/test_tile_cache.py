"""Tiles that were drawn before: shared between workers, gone with their version, never more than fit."""

import logging
import time
from pathlib import Path

import pytest

from gis.records import DrawnLayers, Reach
from server.tiles import cache as module
from server.tiles.cache import Lately, TileCache
from server.tiles.packed import PackedTile, accepts_gzip, is_known

OLD = DrawnLayers(1, {"grids": "aa", "facilities": "bb"})
NEW = DrawnLayers(2, {"grids": "aa", "facilities": "cc"})
TILE = PackedTile.of(b"drawn")
GRID_KEY = ("grids", 1, "aa", 12, 5, 7)
FACILITY_KEY = ("facilities", None, "bb", 13, 5, 7)


def _cache(folder: Path, layers: DrawnLayers = OLD) -> TileCache:
    made = TileCache(folder)
    made.learn(layers, looked_at=time.monotonic())
    return made


def test_what_one_worker_drew_another_finds(tmp_path: Path) -> None:
    _cache(tmp_path).keep(GRID_KEY, TILE)
    assert _cache(tmp_path).find(GRID_KEY) == TILE
    assert [path for path in tmp_path.rglob("*") if path.name.startswith(".")] == []


def test_a_new_version_and_a_new_plan_begin_with_nothing_and_the_old_files_go(tmp_path: Path) -> None:
    cache = _cache(tmp_path)
    cache.keep(GRID_KEY, TILE)
    cache.keep(FACILITY_KEY, TILE)
    cache.learn(NEW, looked_at=time.monotonic())
    assert cache.find(("grids", 2, "aa", 12, 5, 7)) is None
    assert cache.find(("facilities", None, "cc", 13, 5, 7)) is None
    files, until = [cache._path(key) for key in (GRID_KEY, FACILITY_KEY)], time.monotonic() + 5
    while (left := [path for path in files if path.exists()]) and time.monotonic() < until:
        pass
    assert left == []


def test_tiles_of_past_plans_and_near_ones_stay_off_the_disk(tmp_path: Path) -> None:
    cache = _cache(tmp_path, NEW)
    for key in (GRID_KEY, ("grids", 2, "aa", module.DISK_ZOOM + 1, 5, 7)):
        cache.keep(key, TILE)
        assert cache.find(key) == TILE
    assert list(tmp_path.rglob("*.gz")) == []


def test_an_empty_tile_is_remembered_without_a_file(tmp_path: Path) -> None:
    cache = _cache(tmp_path)
    cache.keep(GRID_KEY, PackedTile.of(b""))
    assert cache.find(GRID_KEY) == PackedTile.of(b"")
    assert list(tmp_path.rglob("*.gz")) == []


def test_a_look_that_comes_late_does_not_bring_the_old_version_back(tmp_path: Path) -> None:
    cache = TileCache(tmp_path)
    now = time.monotonic()
    cache.learn(NEW, looked_at=now)
    cache.learn(OLD, looked_at=now - 0.1)
    assert cache.layers() == NEW


def test_a_look_holds_half_a_second(tmp_path: Path) -> None:
    cache = TileCache(tmp_path)
    assert cache.layers() is None
    cache.learn(NEW, looked_at=time.monotonic() - module.LOOK_EVERY_S)
    assert cache.layers() is None


def test_tiles_of_incidents_stay_off_the_disk_and_with_their_reach(tmp_path: Path) -> None:
    cache = _cache(tmp_path)
    cache.keep(("incidents", (Reach("441900"), 30), "dd", 12, 5, 7), TILE)
    assert cache.find(("incidents", (Reach("441900"), 30), "dd", 12, 5, 7)) == TILE
    assert cache.find(("incidents", (Reach("441900.441900003"), 30), "dd", 12, 5, 7)) is None
    assert list(tmp_path.rglob("*.gz")) == []


def test_a_disk_that_takes_nothing_makes_tiles_slower_not_absent(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    cache = _cache(tmp_path / "file")
    with caplog.at_level(logging.WARNING):
        cache.keep(GRID_KEY, TILE)
    assert cache.find(GRID_KEY) == TILE
    assert "cannot be kept" in caplog.text


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    lately = Lately(3 * (len(TILE.packed) + 400))
    for x in range(3):
        lately.put(("grids", 1, "aa", 12, x, 0), TILE)
    lately.get(("grids", 1, "aa", 12, 0, 0))
    lately.put(("grids", 1, "aa", 12, 3, 0), TILE)
    assert [lately.get(("grids", 1, "aa", 12, x, 0)) is not None for x in range(4)] == [True, False, True, True]


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        (None, False), ("", False), ("gzip", True), ("GZIP", True), ("deflate, gzip;q=0.1", True), ("gzip;q=0", False),
        ("gzip; q=0.000", False), ("*", True), ("*;q=0", False), ("gzip;q=0, *", False), ("identity", False),
        (";;,=", False), ("gzip;q=1.2.3", False),
    ],
)
def test_accept_encoding_is_read_as_it_is_meant(accepted: str | None, packed: bool) -> None:
    assert accepts_gzip(accepted) is packed


@pytest.mark.parametrize(
    ("known", "same"), [(None, False), ('W/"a"', True), ('"a"', True), ('"b", W/"a"', True), ("*", True), ('"b"', False)]
)
def test_marks_are_compared_weakly(known: str | None, same: bool) -> None:
    assert is_known('W/"a"', known) is same
