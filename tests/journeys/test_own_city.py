"""An engineer loads her own city on Monday: from files, on the command line, into an empty database; and takes it out again."""

import csv
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pyogrio
import pytest
import shapely
from click.testing import CliRunner, Result
from pyogrio.raw import write

from gis import upkeep
from gis.store import areas, plans
from server.cli import main
from server.cluster import Cluster
from tests.builders import create_database, square

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def run(cluster: Cluster, empty_url: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A `wangge` on a database of its own."""
    url = create_database(cluster, "own_city", template="wangge")
    environment = {"WANGGE_DATABASE_URL": url, "WANGGE_VAR_DIR": str(tmp_path_factory.mktemp("var"))}

    def by(*words: object) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], env=environment, catch_exceptions=False)

    return by


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Towns as a zipped shapefile in the national encoding and the city's zone, with an overlap; the rest simple."""
    folder = tmp_path_factory.mktemp("files")
    towns = np.array([square(0, 0, 2.05, 2), square(2, 0, 2, 2)], dtype=object)
    names = [np.array(["东城街道", "石碣镇"], dtype=object)]
    write(folder / "towns.shp", shapely.to_wkb(towns), names, ["XZQMC"], geometry_type="Polygon", crs="EPSG:4326", encoding="GBK")
    with ZipFile(folder / "towns.zip", "w") as archive:
        for part in folder.glob("towns.*"):
            if part.suffix in (".shp", ".shx", ".dbf", ".prj"):
                archive.write(part, part.name)
    columns = [
        np.array([f"第{x + 1}社区" for x in range(4)], dtype=object),
        np.array(["东城街道"] * 2 + ["石碣镇"] * 2, dtype=object),
    ]
    communities = shapely.to_wkb(np.array([square(x, 0, 1, 2) for x in range(4)], dtype=object))
    write(folder / "c.gpkg", communities, columns, ["社区名称", "上级"], geometry_type="Polygon", crs="EPSG:4326", driver="GPKG")
    grids = shapely.to_wkb(np.array([square(x, y) for x in range(4) for y in range(2)], dtype=object))
    write(folder / "g.fgb", grids, [], [], geometry_type="Polygon", crs="EPSG:4326", driver="FlatGeobuf")
    (folder / "people.csv").write_text("社区名称,常住人口\n第1社区,1000\n第4社区,500\n", encoding="gb18030")
    (folder / "bad.csv").write_text(
        "kind,name,lon,lat\nmarket,一市场,113.755,23.045\nmarket,二市场,23.045,113.755\n", encoding="utf-8"
    )
    return folder


def test_from_files_to_a_city_and_out_again(run: Run, files: Path, tmp_path: Path) -> None:
    dry = run("import", "areas", "--level", "town", "--city", "441900", "--city-name", "东莞市", "--dry-run", files / "towns.zip")
    assert dry.exit_code == 0, dry.output
    assert "Overlap" in dry.output
    assert "nothing was written" in dry.output
    written = run("import", "areas", "--level", "town", "--city", "441900", "--city-name", "东莞市", files / "towns.zip")
    assert "Written: 2 town" in written.output
    assert "4 community" in run("import", "areas", "--level", "community", files / "c.gpkg").output
    assert "8 grids" in run("import", "grids", "--since", "2026-01-01", files / "g.fgb").output
    assert "1,500 residents" in run("import", "population", "--field", "code=社区名称", files / "people.csv").output
    out = tmp_path / "grids.gpkg"
    assert "8 rows" in run("export", "grids", out).output
    info = pyogrio.read_info(out)
    assert (info["features"], info["crs"]) == (8, "EPSG:4326")


def test_findings_that_block_are_named_and_end_with_status_one(run: Run, files: Path) -> None:
    refused = run("import", "facilities", files / "bad.csv")
    assert refused.exit_code == 1
    assert "Row 2" in refused.output
    assert "nothing was written" in refused.output
    report = files / "report.geojson"
    assert run("import", "facilities", "--leave-out", "--report", report, files / "bad.csv").exit_code == 0
    listed = files / "facilities.csv"
    run("export", "facilities", listed, "--where", "kind=market")
    with listed.open(encoding="utf-8-sig", newline="") as file:
        assert [row["name_zh"] for row in csv.DictReader(file)] == ["一市场"]


def test_a_second_city_is_not_founded_over_the_first(run: Run, files: Path) -> None:
    again = run("import", "areas", "--level", "town", "--city", "441900", "--city-name", "东莞市", files / "towns.zip")
    assert again.exit_code == 1
    assert "founds a level" in again.output


def test_what_came_in_is_a_city_like_any_other(run: Run, files: Path, cluster: Cluster) -> None:
    engine = upkeep.open_database(cluster.url.replace("/wangge?", "/own_city?"))
    with engine.connect() as conn:
        assert {node.level for node in areas.nodes(conn)} == {"city", "town", "community"}
        assert len(plans.published(conn)) == 1
    engine.dispose()
