"""The private cluster: started, killed, found again; never repaired by hand."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from server.cluster import Cluster


@pytest.fixture
def own(folder: Path) -> Iterator[Cluster]:
    made = Cluster(folder / "own", throwaway=True)
    yield made
    made.destroy()


def _answers(url: str) -> bool:
    link = psycopg2.connect(url)
    with link.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_extension WHERE extname IN ('postgis', 'ltree', 'btree_gist')")
        found = cursor.fetchone() == (3,)
    link.close()
    return found


def _postmaster(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().splitlines()[0])


def test_it_starts_from_nothing_and_stops(own: Cluster) -> None:
    assert _answers(own.start())
    own.stop()
    assert not own.is_running()


def test_a_killed_postmaster_is_no_hindrance_at_the_next_start(own: Cluster) -> None:
    own.start()
    os.kill(_postmaster(own), signal.SIGKILL)
    assert _answers(own.start())


def test_a_start_that_was_cut_short_is_made_good(own: Cluster) -> None:
    own.home.mkdir(parents=True, exist_ok=True)
    (own.home / "data.new").mkdir()
    (own.home / "data.new" / "half").write_text("made")
    assert _answers(own.start())


def test_a_port_that_somebody_else_took_is_replaced(own: Cluster) -> None:
    own.start()
    own.stop()
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(own._known()["port"])))
        other.listen()
        assert _answers(own.start())


def test_the_role_is_no_superuser(own: Cluster) -> None:
    link = psycopg2.connect(own.start())
    with link.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
    link.close()


def test_a_stranger_on_the_loopback_needs_the_password(own: Cluster) -> None:
    own.start()
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(host="127.0.0.1", port=own._known()["port"], user="wangge", dbname="wangge")
    password = (own.home / "password").read_text()
    psycopg2.connect(host="127.0.0.1", port=own._known()["port"], user="wangge", dbname="wangge", password=password).close()
