"""Audits from the command line: run, listed, written, compared."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gis import upkeep
from server.cli import main
from server.cluster import Cluster
from tests.builders import create_database, found_city, publish
from tests.builders_of_coverage import a_facility, lay_streets, open_facilities


@pytest.fixture(scope="module")
def url(cluster: Cluster, empty_url: str) -> Iterator[str]:
    """A town of four cells with a park at its western end and a street."""
    made = create_database(cluster, "audit_commands", template="wangge")
    engine = upkeep.open_database(made)
    with engine.begin() as conn:
        found_city(conn, "AABB")
        publish(conn, "AABB")
        open_facilities(conn, a_facility("park", (0.5, 0.5)))
        lay_streets(conn, [(0.5, 0.5), (3.5, 0.5)])
    engine.dispose()
    return made


def test_audits_are_run_listed_written_and_compared(url: str, tmp_path: Path) -> None:
    def told(*words: str) -> Result:
        environment = {"WANGGE_DATABASE_URL": url, "WANGGE_VAR_DIR": str(tmp_path)}
        return CliRunner().invoke(main, ["audit", *words], env=environment)

    first = told("run", "Near", "--kind", "park", "--minutes", "15", "--rule", "everyone")
    assert first.exit_code == 0, first.output
    assert "0 of 1 communities" in first.output and "200 of 400 residents (50.00%)" in first.output
    assert "1 of 1 communities" in told("run", "Far", "--kind", "park", "--metres", "4000", "--rule", "everyone").output
    assert "Near: 0 of 1" in told("list").output
    compared = told("compare", "1", "2").output
    assert "gained: 1" in compared and "The limit in metres: 1200.0 → 4000.0" in compared
    for name, begins in (("audit.xlsx", b"PK"), ("audit.gpkg", b"SQLite format 3"), ("audit.pdf", b"%PDF-")):
        written = told("report", "2", str(tmp_path / name), "--language", "en")
        assert written.exit_code == 0, written.output
        assert (tmp_path / name).read_bytes().startswith(begins)
    assert told("report", "2", str(tmp_path / "audit.doc")).exit_code == 2
