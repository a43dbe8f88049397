"""Officers in the field: on shift, where they are, and what of that is kept."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from gis import field
from gis.errors import NotInTheField
from gis.field_records import Fix
from gis.records import Account, Reach
from tests.builders import COMMUNITY, WHOLE_CITY, found_city, publish
from tests.builders_of_staff import NOW, an_officer

ELSEWHERE = Reach("441900.441900099")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def officer(conn: Connection) -> Account:
    found_city(conn, "AB")
    publish(conn, "AB")
    return an_officer(conn, "0001", area=COMMUNITY)


def _fix(minutes: float, lon: float = 113.755) -> Fix:
    return Fix(lon, 23.045, NOW + minutes * MINUTE, 10.0)


def _tracked(conn: Connection) -> int:
    counted: int = conn.execute(text("SELECT count(*) FROM track")).scalar_one()
    return counted


def test_whoever_is_on_shift_is_seen_by_those_whose_part_holds_the_posting(conn: Connection, officer: Account) -> None:
    field.note_positions(conn, officer, [_fix(0)], now=NOW)
    seen = field.on_shift(conn, reach=WHOLE_CITY)
    assert [(one.number, one.lon, one.at, one.load) for one in seen] == [("0001", 113.755, NOW, 0)]
    assert field.on_shift(conn, reach=ELSEWHERE) == []
    assert [one.number for one in field.on_shift(conn, reach=WHOLE_CITY, area=COMMUNITY)] == ["0001"]
    assert field.on_shift(conn, reach=WHOLE_CITY, area="441900099") == []


def test_who_shares_no_place_stands_at_the_posting(conn: Connection, officer: Account) -> None:
    seen = field.on_shift(conn, reach=WHOLE_CITY)[0]
    assert seen.at is None
    assert 113.75 <= seen.lon <= 113.77


def test_a_batch_sent_twice_and_out_of_order_is_kept_once_and_the_newest_place_stays(conn: Connection, officer: Account) -> None:
    batch = [_fix(-2, 113.751), _fix(-1, 113.752)]
    assert field.note_positions(conn, officer, batch, now=NOW) == 2
    assert field.note_positions(conn, officer, [_fix(-5, 113.759), *batch], now=NOW) == 1
    assert field.on_shift(conn, reach=WHOLE_CITY)[0].lon == 113.752


def test_places_off_shift_and_places_to_come_are_not_kept(conn: Connection, officer: Account) -> None:
    assert field.note_positions(conn, officer, [_fix(-90), _fix(6)], now=NOW) == 0
    field.switch_shift(conn, officer, on=False, now=NOW)
    assert field.note_positions(conn, officer, [_fix(1)], now=NOW + 2 * MINUTE) == 0
    assert field.note_positions(conn, officer, [_fix(-3)], now=NOW + 2 * MINUTE) == 1  # of the shift that is over: track only
    assert (_tracked(conn), field.on_shift(conn, reach=WHOLE_CITY)) == (1, [])
    assert conn.execute(text("SELECT count(*) FROM position")).scalar_one() == 0


def test_a_shift_begun_twice_runs_since_the_first_time(conn: Connection, officer: Account) -> None:
    assert field.switch_shift(conn, officer, on=True, now=NOW) == NOW - timedelta(hours=1)
    assert field.switch_shift(conn, officer, on=False, now=NOW) is None
    assert field.switch_shift(conn, officer, on=False, now=NOW) is None
    assert field.switch_shift(conn, officer, on=True, now=NOW) == NOW


def test_an_account_of_nobody_has_no_shift(conn: Connection) -> None:
    nobody = Account(0, "x", "x", "officer", "00", "00")
    with pytest.raises(NotInTheField):
        field.switch_shift(conn, nobody, on=True, now=NOW)


def test_tracks_are_thinned_after_a_day_and_forgotten_after_the_limit(conn: Connection, officer: Account, tmp_path: Path) -> None:
    conn.execute(
        text("""
            INSERT INTO track (staff_id, at, geom)
            SELECT :staff, date_bin('5 min', now(), 'epoch') - age + step * interval '1 min',
                   ST_SetSRID(ST_MakePoint(113.7, 23), 4326)
            FROM unnest(ARRAY['1 hour', '2 days', '40 days']::interval[]) age, generate_series(0, 9) step
        """),
        {"staff": officer.staff_id},
    )
    assert field.tidy(conn, keep_track_d=30) >= 18
    ages = conn.execute(text("SELECT count(*) FILTER (WHERE at > now() - interval '1 day'), count(*) FROM track")).one()
    assert tuple(ages) == (10, 12)  # the last hour whole, and of ten minutes two days ago two places


def test_a_forgotten_shift_ends_with_the_last_place(conn: Connection, officer: Account) -> None:
    conn.execute(text("UPDATE shift SET during = tstzrange(now() - interval '20 hours', NULL)"))
    conn.execute(
        text("INSERT INTO position VALUES (:staff, now() - interval '12 hours', ST_SetSRID(ST_MakePoint(113.7, 23), 4326))"),
        {"staff": officer.staff_id},
    )
    field.tidy(conn, keep_track_d=30)
    hours = conn.execute(text("SELECT extract(epoch FROM upper(during) - lower(during)) / 3600 FROM shift")).scalar_one()
    assert hours == 8
