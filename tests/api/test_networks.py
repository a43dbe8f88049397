"""Walking networks over the API: listed, described, drawn, put in force, taken away."""

from collections.abc import Iterator

import numpy as np
import pytest
import shapely
from flask.testing import FlaskClient
from sqlalchemy import Engine

from gis import networks
from gis.coverage_records import StreetLines
from tests.api.conftest import Login

NETWORKS = "/api/v1/networks"


@pytest.fixture
def second(demo_engine: Engine) -> Iterator[int]:
    """A network beside that of the demo city."""
    lines = np.array([shapely.LineString([(113.75, 23.04), (113.76, 23.04), (113.76, 23.05)])], dtype=object)
    wall = np.array([shapely.LineString([(113.75, 23.05), (113.755, 23.06)])], dtype=object)
    streets = StreetLines(lines, np.array(["path"], dtype=object), wall, np.array(["wall"], dtype=object))
    with demo_engine.begin() as conn:
        made = networks.bring_in(conn, streets, name="paths", source="paths.gpkg", synthetic=False, by="test", force=False)
    yield made.id
    with demo_engine.begin() as conn:
        if any(network.id == made.id for network in networks.every(conn)):
            networks.remove(conn, made.id, by="test")


def test_the_demo_city_has_streets_in_force_with_rivers_and_expressways(client: FlaskClient) -> None:
    demo = next(network for network in client.get(NETWORKS).get_json()["networks"] if network["in_force"])
    told = client.get(f"{NETWORKS}/{demo['id']}").get_json()
    drawn = client.get(f"{NETWORKS}/{demo['id']}/barriers").get_json()

    assert demo["synthetic"] and demo["edges"] > 90_000 and 15_000 < demo["length_km"] < 30_000
    assert demo["edges"] == sum(row["edges"] for row in told["classes"])
    assert {"residential", "primary", "bridge", "underpass"} <= {row["class"] for row in told["classes"]}
    assert set(told["barriers"]) == {"river", "expressway"}
    assert len(drawn["features"]) == sum(told["barriers"].values())
    assert drawn["features"][0]["geometry"]["type"] == "LineString"


def test_a_network_is_put_in_force_and_only_one_that_is_not_is_taken_away(client: FlaskClient, second: int) -> None:
    before = next(network["id"] for network in client.get(NETWORKS).get_json()["networks"] if network["in_force"])
    try:
        assert client.post(f"{NETWORKS}/{second}/force").get_json()["in_force"] is True
        refused = client.delete(f"{NETWORKS}/{second}")
        assert (refused.status_code, refused.get_json()["type"]) == (409, "urn:wangge:NetworkInForce")
    finally:
        assert client.post(f"{NETWORKS}/{before}/force").status_code == 200
    assert client.delete(f"{NETWORKS}/{second}").get_json() == {"removed": second}
    assert client.get(f"{NETWORKS}/{second}").status_code == 404
    assert client.get(f"{NETWORKS}/{second}/barriers").status_code == 404


def test_an_auditor_reads_networks_and_changes_none(login: Login, second: int) -> None:
    auditor = login("auditor")

    assert auditor.get(f"{NETWORKS}/{second}").get_json()["barriers"] == {"wall": 1}
    assert auditor.post(f"{NETWORKS}/{second}/force").status_code == 403
    assert auditor.delete(f"{NETWORKS}/{second}").status_code == 403
