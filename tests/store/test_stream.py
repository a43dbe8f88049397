"""The journal followed while others write: nothing lost, nothing twice, in order, and nobody waits for a stranger."""

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from gis import stream
from gis.field_records import Fix
from gis.store import journal, positions, shifts
from gis.store import stream as store
from gis.upkeep import open_database
from server.cluster import Cluster
from tests.builders import create_database

WRITERS, TRANSACTIONS = 8, 100


@pytest.fixture(scope="module")
def engine(cluster: Cluster, empty_url: str) -> Iterator[Engine]:
    opened = open_database(create_database(cluster, "stream", template="wangge"), pool_size=WRITERS + 4)
    yield opened
    opened.dispose()


def tell(conn: Connection, subject: str = "s", **payload: object) -> int:
    return journal.append(conn, "a.b", subject=subject, actor="t", **payload)


def write(engine: Engine, committed: set[int], number: int) -> None:
    """A hundred transactions: some slow between their rows and their commit, some rolled back, some only in part."""
    chance = random.Random(number)
    with engine.connect() as conn:
        for _ in range(TRANSACTIONS):
            kept = {tell(conn) for _ in range(chance.randint(1, 3))}
            with conn.begin_nested() as savepoint:
                tell(conn)
                savepoint.rollback()
            kept.add(tell(conn))
            conn.execute(text("SELECT pg_sleep(:pause)"), {"pause": chance.choice([0, 0.001, 0.01])})
            if chance.random() < 0.3:
                conn.rollback()
            else:
                conn.commit()
                committed |= kept


def test_eight_writers_and_a_stranger_lose_nothing_and_hold_nobody_up(engine: Engine) -> None:
    committed: set[int] = set()
    writers = [threading.Thread(target=write, args=(engine, committed, number)) for number in range(WRITERS)]
    read: list[int] = []
    with engine.connect() as stranger, engine.connect() as reader:
        before = stream.position(reader)
        stranger.execute(text("CREATE TABLE elsewhere (x int); INSERT INTO elsewhere VALUES (1)"))  # and never ends
        for writer in writers:
            writer.start()
        seq, more, looks = before, True, 0
        while more or any(writer.is_alive() for writer in writers):
            news = stream.news(reader, seq, limit=50)
            reader.commit()
            read += [told.seq for told in news.told]
            seq, more = (read[-1] if read else before), news.more
            looks += bool(news.told)
    assert read == sorted(set(read))
    assert set(read) == committed
    assert looks > 20  # it came bit by bit, not at the end


def test_the_very_first_entry_is_waited_for(cluster: Cluster, empty_url: str) -> None:
    engine = open_database(create_database(cluster, "stream_first", template="wangge"))
    with engine.connect() as writer, engine.connect() as reader:
        assert store.whole_to(reader) == 0
        tell(writer)
        assert stream.news(reader, 0, limit=9) == stream.News([], more=True)
        writer.commit()
        assert [told.seq for told in stream.news(reader, 0, limit=9).told] == [1]
    engine.dispose()


def test_whoever_writes_holds_up_only_what_comes_after(engine: Engine) -> None:
    with engine.connect() as slow, engine.connect() as quick, engine.connect() as reader:
        start = stream.position(reader)
        first = tell(quick)
        quick.commit()
        held = tell(slow)
        later = tell(quick)
        quick.commit()
        assert [told.seq for told in stream.news(reader, start, limit=9).told] == [first]
        assert stream.news(reader, start, limit=9).more
        slow.commit()
        news = stream.news(reader, start, limit=9)
        assert ([told.seq for told in news.told], news.more) == ([first, held, later], False)


def test_an_entry_rolled_back_lets_the_others_through_without_a_bell(engine: Engine) -> None:
    with engine.connect() as slow, engine.connect() as quick, engine.connect() as reader:
        start = stream.position(reader)
        tell(slow)
        seen = tell(quick)
        quick.commit()
        assert not stream.news(reader, start, limit=9).told
        slow.rollback()
        assert [told.seq for told in stream.news(reader, start, limit=9).told] == [seen]


def test_a_writer_who_comes_between_two_questions_is_not_taken_for_one_of_long_ago(engine: Engine) -> None:
    with engine.connect() as quick, engine.connect() as late, engine.connect() as reader:
        last = reader.execute(text("SELECT journal_last()")).scalar_one()
        tell(quick)
        quick.commit()
        tell(late)  # announces itself with a number above the one that was asked for
        assert reader.execute(text("SELECT journal_whole_to(:last)"), {"last": last}).scalar_one() == last


def test_the_names_of_locks_go_round_the_circle(engine: Engine) -> None:
    with engine.connect() as writer, engine.connect() as reader:
        writer.execute(text("SELECT setval('journal_seq_seq', 2147483647)"))
        writer.commit()
        held = tell(writer)
        assert held == 2147483648
        reader.execute(text("SELECT nextval('journal_seq_seq') FROM generate_series(1, 5)"))
        assert store.way(reader).whole_to == held - 1
        writer.commit()
        assert store.whole_to(reader) == held


def test_an_entry_brings_all_that_a_reader_needs(engine: Engine) -> None:
    with engine.connect() as conn:
        start = stream.position(conn)
        tell(conn, "S-1", path="1.2", department="fire", parties=["health"], was={"path": "1.3", "department": "water"}, x=[1])
        conn.commit()
        (told,) = stream.page(conn, start, to=stream.position(conn), limit=5)
    assert (told.kind, told.subject, told.paths, told.department, told.parties) == ("a.b", "S-1", ("1.2",), "fire", ("health",))
    assert (told.was_path, told.was_department) == ("1.3", "water")
    assert '"x": [1]' in told.words
    assert f'"seq": {told.seq}' in told.words


def test_the_bell_rings_once_for_a_transaction(engine: Engine) -> None:
    with engine.connect() as listener, engine.connect() as writer:
        raw = listener.connection.driver_connection
        raw.autocommit = True
        raw.cursor().execute("LISTEN journal")
        for _ in range(3):
            tell(writer)
        writer.commit()
        raw.cursor().execute("SELECT 1")
        assert [note.channel for note in raw.notifies] == ["journal"]
        raw.cursor().execute("UNLISTEN *")
        raw.autocommit = False


def test_officers_on_shift_are_where_they_were_last(demo: Connection) -> None:
    before = stream.places(demo)
    row = demo.execute(
        text("""
            SELECT s.id, s.number, a.path::text AS path FROM staff s
            JOIN posting p ON p.staff_id = s.id AND p.valid @> now() AND p.grid_id IS NOT NULL
            JOIN grid_version v ON v.grid_id = p.grid_id AND v.valid @> now() JOIN area a ON a.id = v.community_id
            WHERE s.number <> ALL(:known) AND NOT EXISTS (SELECT FROM shift h WHERE h.staff_id = s.id AND upper_inf(h.during))
            LIMIT 1
        """),
        {"known": list(before)},
    ).one()
    now = datetime.now(UTC)
    shifts.begin(demo, row.id, at=now - timedelta(hours=1))
    positions.save(demo, row.id, [Fix(113.75, 23.0, now - timedelta(minutes=1), 5.0)])
    assert set(stream.places(demo)) - set(before) == {row.number}
    place = stream.places(demo)[row.number]
    assert (place.path, place.lon, place.lat) == (row.path, 113.75, 23.0)


def test_a_draft_concerns_the_areas_of_its_scope(demo: Connection) -> None:
    draft, path = demo.execute(
        text("""
            WITH made AS (
                INSERT INTO plan (parent_id, scope_area_id, name_zh, name_en, state, author)
                SELECT p.id, (SELECT id FROM area WHERE parent_id IS NULL), '草案', 'Draft', 'draft', 't'
                FROM plan p WHERE p.state = 'published' LIMIT 1 RETURNING id
            ), town AS (SELECT id, path FROM area WHERE level = 'town' ORDER BY code LIMIT 1)
            , scope AS (INSERT INTO plan_scope (plan_id, area_id) SELECT made.id, town.id FROM made, town)
            SELECT made.id, town.path::text FROM made, town
        """)
    ).one()
    start = demo.execute(text("SELECT max(seq) FROM journal")).scalar_one()
    seq = journal.append(demo, "draft.edited", subject=str(draft), actor="t", version=2)
    (told,) = store.since(demo, start, seq, 5)
    assert told.paths == (path,)
