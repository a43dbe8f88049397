"""The catalogue: what citizens may report of it, and how a catalogue from before is completed."""

from datetime import date

from sqlalchemy import Connection, text

from gis import catalogue
from seed import facts
from seed.facts import departments, matters, wishes

ON = date(2026, 1, 1)


def test_a_catalogue_from_before_gets_pictures_and_wishes_once_and_keeps_what_was_decided(conn: Connection) -> None:
    catalogue.admit(conn, departments=departments(), matters=matters(), on=ON, by="test")
    conn.execute(text("UPDATE matter SET icon = NULL, visibility = 'hidden' WHERE code <> '0101'"))
    conn.execute(text("UPDATE matter SET name_zh = '本市自定' WHERE code = '0102'"))
    conn.execute(text("UPDATE matter SET visibility = 'shown' WHERE code = '0101'"))
    given = [*matters(), *wishes()]
    assert catalogue.complete(conn, given, on=ON, by="test") == (81, len(wishes()))
    assert catalogue.complete(conn, given, on=ON, by="test") == (0, 0)
    now = {row["code"]: row for row in catalogue.matters(conn, on=ON)}
    assert len(now) == 83
    assert (now["0101"]["visibility"], now["0102"]["icon"], now["0103"]["icon"]) == ("shown", None, "window")
    assert {row["kind"] for row in catalogue.matters(conn, on=ON, kind="wish")} == {"wish"}


def test_what_is_nobody_elses_business_is_not_shown_on_the_public_map() -> None:
    shown = {row.name.zh: row.visibility for row in [*matters(), *wishes()]}
    for private in ("拖欠工资", "疑似涉毒场所", "婚姻家庭纠纷", "精神障碍患者走访", "传染病疫情线索", "居家适老小改造"):
        assert shown[private] == "hidden"
    assert (shown["路面坑洼破损"], shown["群租房"]) == ("shown", "blurred")
    assert not any(row.by_citizens for row in matters() if row.category.zh == "特殊人群服务")


def test_codes_of_wishes_are_no_codes_of_matters() -> None:
    assert facts.FIRST_OF_WISHES > 20
    assert not {row.code for row in matters()} & {row.code for row in wishes()}
