"""Who hears what: nothing that a role, an area or a department may not see is ever written to it."""

from datetime import UTC, datetime

import pytest

from gis.records import Account
from gis.stream_records import Place, Told
from server.auth.rights import OFFICERS_OWN_PART, PLANNERS, ROLES
from server.events.board import SHOWN_AGAIN, Board
from server.events.hearing import _PLANNERS, HEARD, SEE_OFFICERS, Audience, Heard
from server.events.ring import PIECE_BYTES, Ring

CITY, TOWN, COMMUNITY, ELSEWHERE = "4419", "4419.441901", "4419.441901.441901001", "4419.441902.441902001"


def audience(role: str = "dispatcher", area: str = TOWN, department: str | None = None, *kinds: str) -> Audience:
    return Audience.of(Account(1, "x", "X", role, area.rpartition(".")[2], area, department=department), kinds=kinds)


def case(seq: int = 1, path: str = COMMUNITY, department: str = "fire", **more: object) -> Told:
    return Told(seq, "case.accept", "260101-AAAAAA", '{"number": "260101-AAAAAA"}', paths=(path,), department=department, **more)


@pytest.mark.parametrize(
    ("who", "told", "expected"),
    [
        (audience(area=CITY), case(), Heard.ALL),
        (audience(area=TOWN), case(), Heard.ALL),
        (audience(area=COMMUNITY), case(), Heard.ALL),
        (audience(area=TOWN), case(path=ELSEWHERE), Heard.NOTHING),
        (audience(area=TOWN), case(path=f"{TOWN}9.1"), Heard.NOTHING),
        (audience(area=TOWN), case(path=CITY), Heard.NOTHING),
        (audience("department", CITY, "fire"), case(), Heard.ALL),
        (audience("department", CITY, "water"), case(), Heard.NOTHING),
        (audience("department", CITY, "water"), case(parties=("water",)), Heard.ALL),
        (audience("department", TOWN, "fire"), case(path=ELSEWHERE), Heard.NOTHING),
        (audience("department", CITY, None), case(), Heard.NOTHING),
        (audience(area=TOWN), case(path=ELSEWHERE, was_path=COMMUNITY), Heard.LEFT),
        (audience(area=CITY), case(path=ELSEWHERE, was_path=COMMUNITY), Heard.ALL),
        (audience("department", CITY, "water"), case(was_department="water"), Heard.LEFT),
        (audience("department", TOWN, "fire"), case(path=ELSEWHERE, was_department="water"), Heard.NOTHING),
    ],
)
def test_cases_are_heard_where_they_are_seen(who: Audience, told: Told, expected: Heard) -> None:
    assert who.hears(told) is expected


@pytest.mark.parametrize(
    ("who", "kind", "paths", "expected"),
    [
        (audience("viewer", COMMUNITY), "plan.published", (), Heard.ALL),
        (audience("viewer", COMMUNITY), "plan.rebased", (), Heard.NOTHING),
        (audience("planner", TOWN), "draft.edited", (COMMUNITY,), Heard.ALL),
        (audience("planner", COMMUNITY), "draft.edited", (TOWN,), Heard.ALL),
        (audience("planner", TOWN), "draft.edited", (ELSEWHERE,), Heard.NOTHING),
        (audience("planner", TOWN), "draft.edited", (), Heard.NOTHING),
        (audience("planner", CITY), "import.applied", (), Heard.ALL),
        (audience("planner", TOWN), "import.applied", (), Heard.NOTHING),
        (audience("dispatcher", CITY), "import.applied", (), Heard.NOTHING),
        (audience("planner", CITY), "account.opened", (), Heard.NOTHING),
        (audience("administrator", CITY), "account.opened", (), Heard.ALL),
        (audience("administrator", CITY), "unheard.of", (), Heard.NOTHING),
        (audience("administrator", CITY, None, "case"), "plan.published", (), Heard.NOTHING),
        (audience("administrator", CITY, None, "plan.published"), "plan.published", (), Heard.ALL),
        (audience("administrator", CITY, None, "plan.published"), "plan.cancelled", (), Heard.NOTHING),
    ],
)
def test_other_entries_are_heard_by_role_and_place(who: Audience, kind: str, paths: tuple[str, ...], expected: Heard) -> None:
    assert who.hears(Told(1, kind, "s", "{}", paths=paths)) is expected


def test_the_roles_are_those_of_the_table_of_rights() -> None:
    assert PLANNERS.roles == _PLANNERS
    assert OFFICERS_OWN_PART.roles == SEE_OFFICERS
    assert {role for hearing in HEARD.values() for role in hearing.roles} <= ROLES


def test_a_case_that_left_says_no_more_than_that() -> None:
    ring = Ring()
    ring.add([case(path=ELSEWHERE, was_path=COMMUNITY)])
    piece, _ = ring.piece(0, audience())
    words = b'{"seq":1,"kind":"case.left","subject":"260101-AAAAAA","number":"260101-AAAAAA"}'
    assert piece == b"id: 1\nevent: case.left\ndata: " + words + b"\n\n"


def test_those_who_may_see_the_same_share_the_same_bytes() -> None:
    ring = Ring()
    ring.add([case(2), case(5, path=ELSEWHERE), case(7)])
    first, second = ring.piece(0, audience()), ring.piece(0, audience())
    assert first[0] is second[0]
    assert first[0].count(b"event: case.accept") == 2
    assert first[1] == 7
    assert ring.piece(2, audience(area=CITY))[0].startswith(b"id: 5\n")
    assert ring.piece(7, audience()) == (b"", 7)


def test_a_cursor_goes_past_what_is_not_heard() -> None:
    ring = Ring(floor=3)
    ring.add([case(4, path=ELSEWHERE)])
    assert ring.piece(3, audience()) == (b"", 4)


def test_the_oldest_fall_out_and_the_floor_says_so() -> None:
    ring = Ring(kept=10)
    for start in range(1, 101, 5):
        ring.add([case(seq) for seq in range(start, start + 5)])
    assert ring.head == 100
    assert 10 <= ring.head - ring.floor <= 20
    piece, cursor = ring.piece(ring.floor, audience())
    assert (piece.count(b"\n\n"), cursor) == (100 - ring.floor, 100)


def test_much_is_sent_in_pieces() -> None:
    ring = Ring()
    ring.add([Told(seq, "plan.published", "1", "x" * 1000) for seq in range(1, 1001)])
    cursor, seen = 0, b""
    while cursor < 1000:
        piece, cursor = ring.piece(cursor, audience())
        assert len(piece) < PIECE_BYTES + 2000
        seen += piece
    assert seen.count(b"event: ") == 1000


def there(lon: float, path: str = COMMUNITY) -> Place:
    return Place(path, lon, 23.0, datetime(2026, 5, 1, tzinfo=UTC))


def test_officers_who_moved_are_told_once_and_only_where_they_are_led() -> None:
    board = Board()
    assert board.put({"1": there(113.0), "2": there(113.1, ELSEWHERE)})
    assert not board.put({"1": there(113.0), "2": there(113.1, ELSEWHERE)})
    assert board.piece(0, audience()).count(b"number") == 1
    assert board.piece(0, audience(area=CITY)).count(b"number") == 2
    assert board.piece(0, audience("planner", CITY)) == b""
    assert board.piece(0, audience("dispatcher", CITY, None, "plan")) == b""
    assert board.put({"1": there(113.2), "2": there(113.1, ELSEWHERE)})
    assert b'"lon":113.2' in board.piece(1, audience(area=CITY))
    assert board.piece(1, audience(area=CITY)).count(b"number") == 1
    assert board.piece(2, audience(area=CITY)) == b""


def test_who_goes_off_shift_leaves_the_map() -> None:
    board = Board()
    board.put({"1": there(113.0)})
    assert board.put({})
    assert board.piece(1, audience()) == b'event: positions\ndata: {"officers":[{"number":"1","off":true}]}\n\n'
    assert not board.put({})
    assert board.put({"1": there(113.0)})


def test_who_comes_anew_is_told_the_moves_of_the_last_minutes() -> None:
    board = Board()
    for step in range(2 * SHOWN_AGAIN):
        board.put({"1": there(113.0 + step / 1000), "2": there(113.0)})
    assert board.earlier == SHOWN_AGAIN
    assert board.piece(board.earlier, audience()).count(b"number") == 1
