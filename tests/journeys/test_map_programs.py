"""Map programs connect to the real server, as they are: GDAL's driver, which QGIS shares its habits with, and OWSLib."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from owslib.ogcapi.features import Features
from sqlalchemy import Engine

from gis import tokens
from tests.conftest import DEMO_INCIDENTS
from tests.serving import await_ready

TOWN = "441900003"
BOX = (113.74, 23.02, 113.78, 23.06)


@pytest.fixture(scope="module")
def address(demo_url: str, folder: Path) -> Iterator[str]:
    """A server of its own, with two web workers, on the demo city."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"WANGGE_DATABASE_URL": demo_url, "WANGGE_VAR_DIR": str(folder / "maps"), "WANGGE_PORT": str(port)}
    server = subprocess.Popen([Path(sys.executable).parent / "wangge", "serve"], env=environment)
    try:
        await_ready(f"http://127.0.0.1:{port}/readyz", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def token(demo_engine: Engine) -> str:
    with demo_engine.begin() as conn:
        return tokens.issue(conn, "planner", label="map programs", days=1, by="test")


@pytest.fixture
def source(address: str, token: str) -> Iterator[str]:
    """The data source as GDAL names it, with its options set."""
    pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": token})
    yield f"OAPIF:{address}/ogc"
    pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": None, "GDAL_HTTP_BEARER": None})


def _read(source: str, layer: str, **asked: object) -> tuple[dict[str, np.ndarray], np.ndarray]:
    meta, _, shapes, columns = pyogrio.raw.read(source, layer=layer, **asked)
    return dict(zip(meta["fields"], columns, strict=True)), shapely.from_wkb(shapes)


def test_gdal_lists_the_layers_with_their_kinds(source: str) -> None:
    assert dict(pyogrio.list_layers(source)) == {
        "city": "MultiPolygon", "towns": "MultiPolygon", "communities": "MultiPolygon", "grids": "MultiPolygon",
        "cells": "Polygon", "facilities": "Point", "incidents": "Point",
    }  # fmt: skip


def test_gdal_counts_without_reading(source: str) -> None:
    assert pyogrio.read_info(source, layer="grids", force_feature_count=True)["features"] == 2_958
    assert pyogrio.read_info(source, layer="incidents", force_feature_count=True)["features"] >= DEMO_INCIDENTS


def test_gdal_reads_every_grid_once_over_several_pages(source: str) -> None:
    columns, shapes = _read(source, "grids")
    assert len(shapes) == len(set(columns["code"])) == 2_958
    assert shapely.is_valid(shapes).all()


def test_gdal_reads_more_than_ten_thousand_incidents_once_each(source: str) -> None:
    columns, _ = _read(source, "incidents", columns=["number"], read_geometry=False)
    assert len(columns["number"]) == len(set(columns["number"])) >= DEMO_INCIDENTS


def test_gdal_lets_the_server_choose_by_box_and_property(source: str) -> None:
    _, shapes = _read(source, "grids", bbox=BOX)
    assert 20 < len(shapes) < 200
    assert shapely.intersects(shapes, shapely.box(*BOX)).all()
    columns, _ = _read(source, "grids", where=f"town = '{TOWN}'")
    assert set(columns["town"]) == {TOWN}


def test_gdal_asks_for_incidents_of_a_period(source: str) -> None:
    columns, _ = _read(source, "incidents", where="reported_at >= '2026-05-01T00:00:00Z' AND reported_at <= '2026-05-02T00:00:00Z'")
    moments = columns["reported_at"].astype("datetime64[s]")
    assert len(moments) > 0
    assert moments.min() >= np.datetime64("2026-05-01")
    assert moments.max() <= np.datetime64("2026-05-02")


def test_gdal_reads_metres_of_the_city_s_zone_in_the_right_order(source: str) -> None:
    _, shapes = _read(source, "grids", CRS="EPSG:4547", where=f"town = '{TOWN}'")
    columns, _ = _read(source, "grids", where=f"town = '{TOWN}'")
    west, south, *_ = shapely.total_bounds(shapes)
    assert (400_000 < west < 600_000, 2_500_000 < south < 2_600_000) == (True, True)
    assert np.allclose(shapely.area(shapes), columns["area_m2"], rtol=1e-3)


def test_gdal_logs_in_with_login_and_token(address: str, token: str) -> None:
    pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": f"planner:{token}"})
    try:
        assert len(pyogrio.list_layers(f"OAPIF:{address}/ogc")) == 7
    finally:
        pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": None})


def test_owslib_finds_its_way_through_the_service(address: str, token: str) -> None:
    service = Features(f"{address}/ogc/", headers={"Authorization": f"Bearer {token}"})
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in service.conformance()["conformsTo"]
    assert service.feature_collections() == ["city", "towns", "communities", "grids", "cells", "facilities", "incidents"]
    assert "properties" in service.collection_queryables("grids")
    page = service.collection_items("grids", bbox=list(BOX), limit=5)
    assert page["numberReturned"] == 5
    first = page["features"][0]["id"]
    assert service.collection_item("grids", first)["id"] == first
    assert service.api()["openapi"].startswith("3.0")
