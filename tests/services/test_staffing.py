"""The posts on grids, divided over a plan's grids in proportion to their hours."""

from datetime import date

import pytest
from sqlalchemy import Connection, text

from gis import staff, staffing, workloads
from gis.errors import BadQuery, BeyondOwnPart, NotFound
from gis.plan_records import PlaceKind, PlaceStandard, Weights
from gis.records import Name, Reach, StaffRow
from tests.builders import COMMUNITY, SINCE, WHOLE_CITY, found_city, publish

SHOP = PlaceKind("shop", Name("商铺", "Shop"), PlaceStandard(30, 30))


def a_city(conn: Connection) -> tuple[int, list[str]]:
    """Three grids in a row; A has nine times the shops of the others. Two of patrol each, one of enforcement on C."""
    found_city(conn, "ABC\nABC")
    plan, codes = publish(conn, "ABC\nABC")
    cells = [row.id for row in conn.execute(text("SELECT id FROM cell ORDER BY id"))]
    counts = [(cell, "shop", 900 if at % 3 == 0 else 100) for at, cell in enumerate(cells)]
    workloads.register_places(conn, [SHOP], counts, by="test")
    weights, year = Weights(places={"shop": SHOP.standard}), {"since": date(2025, 1, 1), "until": date(2026, 1, 1)}
    workloads.save_model(conn, name=Name("模型", "Model"), weights=weights, **year, by="test")
    rows = [officer(f"{code[-2:]}-{role}", "patrol", code, role) for code in codes for role in ("manager", "assistant")]
    staff.post(conn, [*rows, officer("e", "enforcement", codes[2], "police")], since=SINCE, by="test")
    return plan.id, codes


def officer(number: str, duty: str, grid: str, role: str) -> StaffRow:
    return StaffRow(number, Name("某", "Somebody"), duty, grid, None, role, synthetic=True)


def test_posts_follow_the_hours_and_as_few_move_as_can_be(conn: Connection):
    plan, codes = a_city(conn)
    found = staffing.allocate(conn, plan, reach=WHOLE_CITY)
    assert [found.grids[key].code for key in found.loads.key.tolist()] == codes
    assert (found.before["patrol"].tolist(), found.after["patrol"].tolist()) == ([2, 2, 2], [4, 1, 1])
    assert (found.before["enforcement"].tolist(), found.after["enforcement"].tolist()) == ([0, 0, 1], [1, 0, 0])
    assert sorted(move.officer.number for move in found.transfers) == ["02-assistant", "03-assistant", "e"]
    assert {move.to_key for move in found.transfers} == {found.loads.key[0]}
    assert (found.homeless, found.vacancies) == (0, 0)


def test_fewer_or_more_posts_may_be_tried(conn: Connection):
    plan, _ = a_city(conn)
    more = staffing.allocate(conn, plan, reach=WHOLE_CITY, posts=14)
    assert {duty: int(n.sum()) for duty, n in more.after.items()} == {"patrol": 12, "enforcement": 2}
    assert more.vacancies == 7
    fewer = staffing.allocate(conn, plan, reach=WHOLE_CITY, posts=4)
    assert {duty: int(n.sum()) for duty, n in fewer.after.items()} == {"patrol": 3, "enforcement": 1}
    assert sum(move.to_key is None for move in fewer.transfers) == 3
    with pytest.raises(BadQuery):
        staffing.allocate(conn, plan, reach=WHOLE_CITY, posts=2)


def test_who_works_a_grid_that_a_draft_ends_goes_with_its_ground(conn: Connection):
    plan, _ = a_city(conn)
    a, b, c = (row.id for row in conn.execute(text("SELECT id FROM grid ORDER BY code")))
    draft = conn.execute(
        text("""
            INSERT INTO plan (parent_id, scope_area_id, name_zh, name_en, state, author)
            SELECT id, scope_area_id, '草案', 'Draft', 'draft', 'test' FROM plan WHERE id = :plan RETURNING id
        """),
        {"plan": plan},
    ).scalar_one()
    conn.execute(
        text("INSERT INTO draft_assignment SELECT :draft, cell_id, :c FROM cell_assignment WHERE plan_id = :plan AND grid_id = :b"),
        {"draft": draft, "plan": plan, "b": b, "c": c},
    )
    found = staffing.allocate(conn, draft, reach=WHOLE_CITY)
    assert found.loads.key.tolist() == [a, c]
    assert (found.homeless, found.after["patrol"].tolist()) == (2, [5, 1])
    assert {move.from_key for move in found.transfers if move.officer.number.startswith("02")} == {b}
    assert sum(found.posts(found.after)) == 7


def test_only_the_own_part_is_staffed(conn: Connection):
    plan, _ = a_city(conn)
    town = Reach("441900.441900003")
    assert staffing.allocate(conn, plan, reach=town).area == "441900003"
    assert staffing.allocate(conn, plan, reach=town, area=COMMUNITY).area == COMMUNITY
    with pytest.raises(BeyondOwnPart):
        staffing.allocate(conn, plan, reach=town, area="441900")
    with pytest.raises(NotFound):
        staffing.allocate(conn, plan + 1, reach=town)


def test_the_tables_have_a_row_for_each_grid_and_each_move(conn: Connection):
    plan, codes = a_city(conn)
    found = staffing.allocate(conn, plan, reach=WHOLE_CITY)
    columns, grids = staffing.table(found)
    assert grids.columns["grid"] == codes
    assert grids.columns["patrol_after"] == [4, 1, 1]
    assert len(columns) == len(grids.columns)
    assert sorted(staffing.moves_table(found)[1].columns["number"]) == ["02-assistant", "03-assistant", "e"]
