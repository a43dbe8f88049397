"""`wangge account`: the first administrator of a city, and the way back in."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from gis import upkeep
from server.cli import main
from server.cluster import Cluster
from tests.builders import create_database, found_city

Wangge = Callable[..., Result]


@pytest.fixture(scope="module")
def url(cluster: Cluster, empty_url: str) -> str:
    return create_database(cluster, "accountcommands", template="wangge")


@pytest.fixture
def wangge(url: str) -> Wangge:
    """Runs a command on a database of its own."""

    def run(*words: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(main, ["account", *words], input=typed, env={"WANGGE_DATABASE_URL": url})

    return run


def test_accounts_are_opened_listed_and_closed_from_the_command_line(url: str, wangge: Wangge) -> None:
    refused = wangge("open", "chen", "--name", "陈伟", "--role", "administrator")
    assert (refused.exit_code, "no city yet" in refused.output) == (1, True)
    engine = upkeep.open_database(url)
    with engine.begin() as conn:
        found_city(conn, "AB")
    first = wangge("open", "chen", "--name", "陈伟", "--role", "administrator").output.strip()
    assert len(first) == 19
    assert wangge("open", "li", "--name", "李娜", "--area", "441900003", "--ask", typed="an otter swims\n" * 2).exit_code == 0
    assert [line.split("\t")[:3] for line in wangge("list").output.splitlines()] == [
        ["chen", "administrator", "441900 东莞市"], ["li", "viewer", "441900003 东城街道"],
    ]  # fmt: skip
    assert "last administrator" in wangge("close", "chen").output
    assert wangge("close", "li").output == "li is closed.\n"
    assert wangge("list", "--closed").output.startswith("li\t")
    assert wangge("reopen", "li").output == "li is open again.\n"
    assert wangge("password", "chen").output.strip() != first
    assert "no account" in wangge("password", "nobody").output
    with engine.connect() as conn:
        actors = conn.execute(text("SELECT DISTINCT actor FROM journal WHERE kind LIKE 'account.%'")).scalars().all()
    engine.dispose()
    assert actors == ["command line"]
