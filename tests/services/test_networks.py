"""Walking networks: brought in, put in force, read as arrays that are the same from the database and from disk."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, text

from gis import networks, street_files
from gis.coverage_records import StreetLines, StreetNetwork
from gis.errors import BadFile, NetworkInForce, NoCity, NotFound
from tests.builders import found_city

WEST, SOUTH, ZONE = 113.755, 23.045, 4547


def _lines(*places: list[tuple[float, float]]) -> np.ndarray:
    """Lines in degrees, given in thousandths of one from a corner of the town."""
    return np.array([shapely.LineString(np.array(line) / 1000 + (WEST, SOUTH)) for line in places], dtype=object)


def _crossing() -> StreetLines:
    return StreetLines(
        lines=_lines([(0, 0), (1, 0), (2, 0)], [(1, -1), (1, 0), (1, 1)], [(5, 5), (5, 5.5)]),
        street_class=np.array(["residential", "footway", "path"], dtype=object),
        barriers=_lines([(0, 2), (2, 2.5)]),
        kind=np.array(["river"], dtype=object),
    )


def _bring_in(conn: Connection, *, name: str = "Streets", force: bool = True) -> StreetNetwork:
    return networks.bring_in(conn, _crossing(), name=name, source="streets.gpkg", synthetic=False, by="test", force=force)


def test_streets_are_kept_as_the_edges_between_junctions(conn: Connection) -> None:
    found_city(conn, "AB")
    network = _bring_in(conn)

    assert (network.edges, network.in_force, network.synthetic) == (5, True, False)
    rows = conn.execute(text("SELECT class, ST_Length(geom::geography) AS metres FROM network_edge ORDER BY seq")).all()
    assert [row[0] for row in rows] == ["residential"] * 2 + ["footway"] * 2 + ["path"]
    assert network.length_m == pytest.approx(sum(row[1] for row in rows), rel=1e-3)
    told = networks.describe(conn, network.id)
    assert {row["class"]: row["edges"] for row in told["classes"]} == {"residential": 2, "footway": 2, "path": 1}
    assert told["barriers"] == {"river": 1}


def test_the_arrays_are_the_same_laid_from_the_database_and_mapped_from_disk(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, "AB")
    network = _bring_in(conn)
    network_id, laid = street_files.in_force(conn, folder=tmp_path) or (0, None)
    assert laid is not None
    again = street_files.load(conn, network_id, folder=tmp_path)
    mapped = street_files.mapped(next(path for path in tmp_path.iterdir() if path.is_dir()))

    assert network_id == network.id
    assert again is laid, "a process keeps a network at hand"
    assert networks.digest(mapped) == network.digest
    assert sorted(mapped.island.tolist()) == [0, 0, 0, 0, 0, 1, 1]
    assert type(mapped.arc_dm) is np.ndarray and mapped.arc_dm.flags.writeable
    for name in street_files.ARRAYS:
        assert (getattr(laid, name) == getattr(mapped, name)).all(), name
    assert shapely.equals(laid.barriers_m, mapped.barriers_m).all()


def test_arrays_that_were_cut_short_are_laid_anew(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, "AB")
    network = _bring_in(conn)
    street_files.load(conn, network.id, folder=tmp_path)
    next(tmp_path.glob("*/arc_dm.npy")).write_bytes(b"")
    street_files.forget()

    assert networks.digest(street_files.load(conn, network.id, folder=tmp_path)) == network.digest


def test_the_newest_network_is_in_force_and_an_older_one_can_be_again(conn: Connection, tmp_path: Path) -> None:
    found_city(conn, "AB")
    first, second = _bring_in(conn, name="first"), _bring_in(conn, name="second")
    third = _bring_in(conn, name="third", force=False)

    assert [(n.id, n.in_force) for n in networks.every(conn)] == [(third.id, False), (second.id, True), (first.id, False)]
    with pytest.raises(NetworkInForce, match="put another one in force first"):
        networks.remove(conn, second.id, by="test")
    assert networks.put_in_force(conn, first.id, by="test").in_force
    networks.remove(conn, second.id, by="test")
    assert (street_files.in_force(conn, folder=tmp_path) or (0,))[0] == first.id
    assert conn.execute(text("SELECT count(*) FROM network_edge WHERE network_id = :id"), {"id": second.id}).scalar_one() == 0
    with pytest.raises(NotFound):
        networks.get(conn, second.id)


def test_without_a_network_there_is_none_and_without_a_city_or_street_nothing_comes_in(conn: Connection, tmp_path: Path) -> None:
    with pytest.raises(NoCity):
        _bring_in(conn)
    found_city(conn, "AB")
    assert street_files.in_force(conn, folder=tmp_path) is None
    with pytest.raises(NotFound):
        street_files.load(conn, 1, folder=tmp_path)
    nothing = np.empty(0, dtype=object)
    for lines in (nothing, _lines([(1, 1), (1, 1)])):
        streets = StreetLines(lines, np.full(len(lines), "road", dtype=object), nothing, nothing)
        with pytest.raises(BadFile, match="no line with a length"):
            networks.bring_in(conn, streets, name="none", source="none", synthetic=False, by="test")
