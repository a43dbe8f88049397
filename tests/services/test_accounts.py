"""Accounts: who is given what by whom, and what ends when it is taken."""

import re
import threading
from collections.abc import Callable
from contextlib import suppress
from statistics import median
from time import perf_counter

import pytest
from sqlalchemy import Connection, Engine, text

from gis import accounts, logins, tokens, upkeep
from gis.errors import (
    AlreadyThere,
    BadAccount,
    BadPassword,
    BeyondOwnPart,
    LastAdministrator,
    NoCity,
    NotFound,
    OwnAccount,
    WanggeError,
)
from gis.records import Account, Reach
from gis.rules.actors import RESERVED
from gis.rules.passwords import PasswordFault, password_fault, temporary_password
from server.cluster import Cluster
from tests.builders import COMMUNITY, WHOLE_CITY, create_database, found_city

TOWN = "441900003"
IN_TOWN = Reach(f"441900.{TOWN}")
GOOD = "marsh tern over reeds"
HERE = "192.0.2.7"


@pytest.fixture
def city(conn: Connection) -> Connection:
    """A small city with its first administrator, whom the command line made."""
    found_city(conn, "AB")
    _open(conn, "chief", role="administrator", within=None, by="command line")
    return conn


def _open(
    conn: Connection, login: str, *, role: str = "viewer", area: str = "441900", within: Reach | None = WHOLE_CITY,
    by: str = "chief", department: str | None = None, password: str | None = GOOD,
) -> str:
    return accounts.open_account(
        conn, login=login, name=f"Name of {login}", role=role, area_code=area, within=within, by=by, department=department,
        password=password,
    )


def _logged_in(conn: Connection, login: str, password: str = GOOD) -> Account:
    account = logins.log_in(conn, login, password, address=HERE)
    assert account is not None
    return account


def _session_lives(conn: Connection, session: Account) -> bool:
    return logins.by_session(conn, session.id, stamp=session.stamp) is not None


def _journal(conn: Connection, kind: str) -> list[tuple[str, str]]:
    rows = conn.execute(text("SELECT subject, actor FROM journal WHERE kind = :kind ORDER BY seq"), {"kind": kind})
    return [(row.subject, row.actor) for row in rows]


def test_an_account_opens_with_a_generated_password_that_must_be_changed(city: Connection) -> None:
    password = _open(city, "chen.w", role="dispatcher", area=TOWN, password=None)
    assert re.fullmatch(r"(?:[a-z2-9]{4}-){3}[a-z2-9]{4}", password)
    opened = _logged_in(city, "chen.w", password)
    assert (opened.role, opened.area_code, opened.must_change) == ("dispatcher", TOWN, True)
    assert ("chen.w", "chief") in _journal(city, "account.opened")


def test_a_login_is_understood_as_a_phone_writes_it(city: Connection) -> None:
    assert _logged_in(city, "Chief ").login == "chief"


def test_without_a_city_no_account_can_be_opened(conn: Connection) -> None:
    with pytest.raises(NoCity, match="no city yet"):
        accounts.whole_city(conn)


@pytest.mark.parametrize("login", ["", "a", "Chen", "-chen", "chen wei", "陈", "chen\0", "x" * 41])
def test_a_login_that_breaks_the_rules_is_refused(city: Connection, login: str) -> None:
    with pytest.raises(BadAccount, match="A login has"):
        _open(city, login)


@pytest.mark.parametrize("login", sorted(RESERVED))
def test_nobody_logs_in_as_those_who_have_no_account(city: Connection, login: str) -> None:
    with pytest.raises(BadAccount, match="stands for those who have no account"):
        _open(city, login)


@pytest.mark.parametrize("name", ["", "  ", "a\0b", "x" * 81])
def test_a_name_that_cannot_be_shown_is_refused(city: Connection, name: str) -> None:
    with pytest.raises(BadAccount, match="A name has"):
        accounts.change(city, "chief", wanted={"name": name}, within=WHOLE_CITY, by="chief")


def test_a_login_is_never_given_twice_not_even_after_its_account_was_closed(city: Connection) -> None:
    _open(city, "chen")
    accounts.close(city, "chen", within=WHOLE_CITY, by="chief")
    with pytest.raises(AlreadyThere):
        _open(city, "chen")


def test_a_departments_account_needs_a_department_and_loses_it_with_the_role(city: Connection) -> None:
    for department in (None, "nowhere"):
        with pytest.raises(BadAccount, match="needs a department"):
            _open(city, "fire", role="department", department=department)
    _open(city, "fire", role="department", department="xiaofang")
    changed = accounts.change(city, "fire", wanted={"role": "viewer"}, within=WHOLE_CITY, by="chief")
    assert (changed["role"], changed["department"]) == ("viewer", None)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short-pass", PasswordFault.LENGTH),
        ("x" * 257, PasswordFault.LENGTH),
        ("chen.wei goes home", PasswordFault.LOGIN),
        ("password12345", PasswordFault.KNOWN),
        ("woaini1314520", PasswordFault.KNOWN),
        ("aaaaaaaaaaaaaaa", PasswordFault.KNOWN),
        ("Qwertyuiop123456", PasswordFault.KNOWN),
        ("wangge-demo-123", PasswordFault.KNOWN),
        ("marsh tern over reeds", None),
        ("东莞的春天荔枝红了满山坡", None),
    ],
)
def test_a_password_that_is_soon_guessed_is_refused(password: str, fault: PasswordFault | None) -> None:
    assert password_fault(password, login="chen.wei") is fault


def test_generated_passwords_are_good_and_differ() -> None:
    made = {temporary_password() for _ in range(200)}
    assert len(made) == 200
    assert {password_fault(password, login="chen") for password in made} == {None}


def test_an_administrator_of_a_town_sees_and_changes_only_accounts_inside_it(city: Connection) -> None:
    _open(city, "town", role="administrator", area=TOWN)
    _open(city, "officer", role="officer", area=COMMUNITY)
    _open(city, "elsewhere")
    seen, total = accounts.list_accounts(city, within=IN_TOWN)
    assert ([row["login"] for row in seen], total) == (["officer", "town"], 2)
    changes: list[Callable[[str], object]] = [
        lambda login: accounts.get(city, login, within=IN_TOWN),
        lambda login: accounts.change(city, login, wanted={"name": "x"}, within=IN_TOWN, by="town"),
        lambda login: accounts.close(city, login, within=IN_TOWN, by="town"),
        lambda login: accounts.reopen(city, login, within=IN_TOWN, by="town"),
        lambda login: accounts.reset_password(city, login, within=IN_TOWN, by="town"),
    ]
    for change in changes:
        change("officer")
        with pytest.raises(NotFound, match="in your part of the city"):
            change("elsewhere")


def test_nobody_gives_more_than_her_own_part(city: Connection) -> None:
    _open(city, "officer", role="officer", area=COMMUNITY)
    for wanted in ("441900",):
        with pytest.raises(BeyondOwnPart):
            _open(city, "friend", area=wanted, within=IN_TOWN)
        with pytest.raises(BeyondOwnPart):
            accounts.change(city, "officer", wanted={"area_code": wanted}, within=IN_TOWN, by="town")
    _open(city, "helper", role="administrator", area=TOWN, within=IN_TOWN, by="town")


@pytest.mark.parametrize("wanted", [{"role": "viewer"}, {"area_code": "441900"}, {"area_code": COMMUNITY}])
def test_nobody_changes_the_rights_of_her_own_account(city: Connection, wanted: dict) -> None:
    _open(city, "town", role="administrator", area=TOWN)
    with pytest.raises(OwnAccount):
        accounts.change(city, "town", wanted=wanted, within=WHOLE_CITY, by="town")
    with pytest.raises(OwnAccount):
        accounts.close(city, "town", within=IN_TOWN, by="town")
    with pytest.raises(OwnAccount):
        accounts.reset_password(city, "town", within=IN_TOWN, by="town")
    assert accounts.change(city, "town", wanted={"name": "New"}, within=IN_TOWN, by="town")["name"] == "New"


def test_the_last_administrator_of_the_whole_city_stays(city: Connection) -> None:
    _open(city, "town", role="administrator", area=TOWN)
    for wanted in ({"role": "viewer"}, {"area_code": TOWN}):
        with pytest.raises(LastAdministrator):
            accounts.change(city, "chief", wanted=wanted, within=None, by="command line")
    with pytest.raises(LastAdministrator):
        accounts.close(city, "chief", within=None, by="command line")
    _open(city, "second", role="administrator")
    assert not accounts.close(city, "chief", within=None, by="second")["active"]


def test_two_administrators_who_close_each_other_at_once_do_not_both_succeed(cluster: Cluster, empty_url: str) -> None:
    engine = upkeep.open_database(create_database(cluster, "eachother", template="wangge"))
    with engine.begin() as conn:
        found_city(conn, "AB")
        for login in ("one", "two"):
            _open(conn, login, role="administrator", within=None)
    both = threading.Barrier(2)
    pairs = (("one", "two"), ("two", "one"))
    threads = [threading.Thread(target=_close_together, args=(engine, both, login, by)) for login, by in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with engine.connect() as conn:
        assert conn.execute(text("SELECT count(*) FROM account WHERE active")).scalar_one() == 1
    engine.dispose()


def _close_together(engine: Engine, both: threading.Barrier, login: str, by: str) -> None:
    with engine.connect() as conn:
        both.wait(20)
        with suppress(WanggeError), conn.begin():
            accounts.close(conn, login, within=WHOLE_CITY, by=by)


@pytest.mark.parametrize(
    "end",
    [
        lambda conn: accounts.close(conn, "chen", within=WHOLE_CITY, by="chief"),
        lambda conn: accounts.change(conn, "chen", wanted={"role": "planner"}, within=WHOLE_CITY, by="chief"),
        lambda conn: accounts.change(conn, "chen", wanted={"area_code": TOWN}, within=WHOLE_CITY, by="chief"),
        lambda conn: accounts.reset_password(conn, "chen", within=WHOLE_CITY, by="chief"),
    ],
    ids=["closed", "role changed", "area changed", "password reset"],
)
def test_sessions_end_with_the_rights_they_were_opened_with(city: Connection, end: Callable[[Connection], object]) -> None:
    _open(city, "chen")
    session = _logged_in(city, "chen")
    accounts.change(city, "chen", wanted={"name": "Renamed"}, within=WHOLE_CITY, by="chief")
    assert _session_lives(city, session)
    end(city)
    assert not _session_lives(city, session)


def test_a_closed_account_opens_again_without_its_old_sessions_and_tokens(city: Connection) -> None:
    _open(city, "chen")
    session, token = _logged_in(city, "chen"), tokens.issue(city, "chen", label="feed", days=1, by="chen")
    accounts.close(city, "chen", within=WHOLE_CITY, by="chief")
    assert logins.log_in(city, "chen", GOOD, address=HERE) is None
    with pytest.raises(NotFound):
        tokens.issue(city, "chen", label="feed", days=1, by="chen")
    accounts.reopen(city, "chen", within=WHOLE_CITY, by="chief")
    assert _logged_in(city, "chen")
    assert not _session_lives(city, session)
    assert tokens.account_behind(city, token) is None
    assert _journal(city, "account.closed") == _journal(city, "account.reopened") == [("chen", "chief")]


def test_a_new_temporary_password_revokes_the_tokens_of_the_account_and_of_no_other(city: Connection) -> None:
    _open(city, "chen")
    token, other = (tokens.issue(city, login, label="feed", days=1, by=login) for login in ("chen", "chief"))
    accounts.reset_password(city, "chen", within=WHOLE_CITY, by="chief")
    assert tokens.account_behind(city, token) is None
    assert tokens.account_behind(city, other) is not None
    assert _journal(city, "account.password_reset") == [("chen", "chief")]
    said = city.execute(text("SELECT payload->'tokens_revoked' FROM journal WHERE kind = 'account.password_reset'")).scalar_one()
    assert said == 1


def test_changing_ones_password_asks_for_the_old_one_and_ends_other_sessions(city: Connection) -> None:
    _open(city, "chen")
    here, there = _logged_in(city, "chen"), _logged_in(city, "chen")
    for old, new, field in (("wrong", "a heron stands still", "old"), (GOOD, GOOD, "new"), (GOOD, "123456789012", "new")):
        with pytest.raises(BadPassword) as refused:
            logins.change_password(city, here, old=old, new=new, address=HERE)
        assert refused.value.facts["field"] == field
    renewed = logins.change_password(city, here, old=GOOD, new="a heron stands still", address=HERE)
    assert _session_lives(city, renewed)
    assert not _session_lives(city, there)
    assert not renewed.must_change
    assert _logged_in(city, "chen", "a heron stands still")


def test_a_demo_log_in_whose_password_was_changed_is_none_any_more(city: Connection) -> None:
    accounts.open_account(
        city, login="demo", name="Demo", password="demo", role="viewer", area_code="441900", within=None, by="seed", demo=True
    )
    assert [row["login"] for row in accounts.demo_logins(city)] == ["demo"]
    accounts.reset_password(city, "demo", within=None, by="command line")
    assert accounts.demo_logins(city) == []


def test_wrong_passwords_are_counted_per_login_and_address_until_the_window_ends(city: Connection) -> None:
    waits = [logins.count_attempt(city, "chief", address=HERE) for _ in range(logins.WRONG_AT_MOST + 1)]
    assert waits[:-1] == [0] * logins.WRONG_AT_MOST
    assert 0 < waits[-1] <= logins.WINDOW_S
    assert logins.count_attempt(city, " Chief", address=HERE) > 0
    assert logins.count_attempt(city, "chief", address="192.0.2.8") == 0
    assert logins.count_attempt(city, "other", address=HERE) == 0
    city.execute(text("UPDATE login_attempt SET until = now()"))
    assert logins.count_attempt(city, "chief", address=HERE) == 0


def test_a_right_password_forgets_the_wrong_ones(city: Connection) -> None:
    for _ in range(3):
        for _ in range(logins.WRONG_AT_MOST - 1):
            assert logins.count_attempt(city, "chief", address=HERE) == 0
        _logged_in(city, "chief")


def test_what_was_typed_as_a_login_is_not_kept(city: Connection) -> None:
    logins.count_attempt(city, "my-secret-password", address=HERE)
    (key,) = city.execute(text("SELECT key FROM login_attempt")).scalars()
    assert re.fullmatch(r"[0-9a-f]{64}", key)


def test_an_unknown_login_takes_as_long_as_a_wrong_password(city: Connection) -> None:
    def seconds(login: str) -> float:
        began = perf_counter()
        assert logins.log_in(city, login, "wrong", address=HERE) is None
        return perf_counter() - began

    pairs = [(seconds("chief"), seconds("nobody-known")) for _ in range(9)][1:]
    assert 0.5 < median(known / unknown for known, unknown in pairs) < 2


def test_the_use_of_a_token_is_noted_at_most_once_a_minute(city: Connection) -> None:
    token = tokens.issue(city, "chief", label="feed", days=1, by="chief")
    account, noted = tokens.account_behind(city, token) or pytest.fail("the token is unknown")
    assert (account.login, noted) == ("chief", False)
    tokens.note_use(city, token)
    assert tokens.account_behind(city, token)[1] is True  # type: ignore[index]
    city.execute(text("UPDATE token SET last_used_at = now() - interval '61 seconds'"))
    assert tokens.account_behind(city, token)[1] is False  # type: ignore[index]


def test_a_token_is_revoked_by_its_number_and_only_as_its_owners(city: Connection) -> None:
    _open(city, "chen")
    token = tokens.issue(city, "chen", label="feed", days=None, by="chen")
    (listed,) = tokens.list_tokens(city, _logged_in(city, "chen").id)
    with pytest.raises(NotFound):
        tokens.revoke(city, _logged_in(city, "chief").id, listed["id"], login="chief", by="chief")
    tokens.revoke(city, _logged_in(city, "chen").id, listed["id"], login="chen", by="chief")
    assert tokens.account_behind(city, token) is None
    assert _journal(city, "token.revoked") == [("chen", "chief")]


def test_accounts_are_found_by_words_role_area_and_state(city: Connection) -> None:
    _open(city, "chen", role="officer", area=COMMUNITY)
    _open(city, "chen_2", role="officer")
    _open(city, "li", role="planner")
    accounts.close(city, "li", within=WHOLE_CITY, by="chief")

    def found(**asked: object) -> list[str]:
        return [row["login"] for row in accounts.list_accounts(city, within=WHOLE_CITY, **asked)[0]]  # type: ignore[arg-type]

    assert found(words="CHEN") == ["chen", "chen_2"]
    assert found(words="n_2") == ["chen_2"]
    assert found(words="100%\0") == []
    assert found(words="name of li") == ["li"]
    assert found(role="officer", area_code=TOWN) == ["chen"]
    assert found(active=False) == ["li"]
    assert found(active=True) == ["chen", "chen_2", "chief"]
    assert accounts.list_accounts(city, within=WHOLE_CITY, limit=1, offset=1)[1] == 4
    assert found(limit=1, offset=1) == ["chen_2"]


def test_an_officer_logs_in_as_one_member_of_staff_and_nobody_else_does(city: Connection) -> None:
    for number in ("441900-00001", "441900-00002"):
        city.execute(
            text("INSERT INTO staff (number, name_zh, name_en, duty, synthetic) VALUES (:number, '陈伟', 'Chen', 'patrol', true)"),
            {"number": number},
        )
    officer = {"role": "officer", "area_code": "441900", "within": None, "by": "test", "password": "heron in the reeds"}
    accounts.open_account(city, login="first", name="First", staff="441900-00001", **officer)
    assert accounts.get(city, "first", within=None)["staff"] == "441900-00001"
    with pytest.raises(BadAccount, match="logs in as first"):
        accounts.open_account(city, login="second", name="Second", staff="441900-00001", **officer)
    with pytest.raises(BadAccount, match="441900-00009"):
        accounts.open_account(city, login="third", name="Third", staff="441900-00009", **officer)
    accounts.change(city, "first", wanted={"staff": "441900-00002"}, within=None, by="test")
    accounts.open_account(city, login="second", name="Second", staff="441900-00001", **officer)
