"""Two plans compared: published ones, drafts, and drafts with cut cells."""

from datetime import date, timedelta

import pytest
import shapely
from sqlalchemy import Connection, text

from gis import staff, workloads
from gis.comparing import Compared, Comparisons, grids_drawn, moved_ground
from gis.errors import NotFound
from gis.plan_records import Weights
from gis.records import Name, Reach, StaffRow
from server.reports.making import key_of
from tests.builders import SINCE, found_city, publish, square
from tests.builders_of_drafts import a_draft, assign


@pytest.fixture
def city(conn: Connection) -> Connection:
    """A city with a plan in force and a workload model."""
    found_city(conn, "AAB\nABB")
    publish(conn, "AAB\nABB")
    workloads.save_model(
        conn, name=Name("标准", "Standard"), weights=Weights(places={}), since=date(2025, 1, 1), until=date(2026, 1, 1), by="test"
    )
    return conn


def _in_force(conn: Connection) -> int:
    return conn.execute(text("SELECT id FROM plan WHERE upper_inf(valid)")).scalar_one()


def _cells(conn: Connection) -> list[tuple[int, int]]:
    return [
        tuple(row)
        for row in conn.execute(
            text("SELECT cell_id, grid_id FROM cell_assignment WHERE plan_id = :id ORDER BY 1"), {"id": _in_force(conn)}
        )
    ]


def _compare(conn: Connection, before: int, after: int, reach: Reach | None = None) -> Compared:
    return Comparisons().get(conn, before, after, reach=reach)


def test_a_comparison_is_made_anew_when_hours_are_counted_or_officers_posted(city: Connection) -> None:
    plan, kept = _in_force(city), Comparisons()
    made = [kept.get(city, plan, plan, reach=None)]
    assert kept.get(city, plan, plan, reach=None) is made[0]
    city.execute(text("UPDATE workload_model SET counted_at = counted_at + interval '1 hour'"))
    made.append(kept.get(city, plan, plan, reach=None))
    grid = city.execute(text("SELECT min(code) FROM grid")).scalar_one()
    officer = StaffRow("1", Name("某", "Somebody"), "patrol", grid, None, "manager", synthetic=True)
    staff.post(city, [officer], since=SINCE, by="test")
    made.append(kept.get(city, plan, plan, reach=None))
    assert len({id(each) for each in made}) == 3
    assert len({key_of(each, language="zh", area_path="") for each in made}) == 3


def test_a_draft_without_an_edit_is_its_parent(city: Connection) -> None:
    compared = _compare(city, _in_force(city), a_draft(city))
    assert compared.totals.is_same
    assert len(moved_ground(city, compared).shape) == 0


def test_published_plans_are_compared_by_their_cells(city: Connection) -> None:
    first = _in_force(city)
    publish(city, "AAB\nAAB", since=SINCE + timedelta(days=90), keeps={"A": "44190000300101", "B": "44190000300102"})
    compared = _compare(city, first, _in_force(city))
    (flow,) = compared.found.flows
    assert (compared.label(flow.before), compared.label(flow.after), flow.amounts.population) == ("02", "01", 100)
    assert shapely.equals(moved_ground(city, compared).shape[0], square(1, 1))
    assert [change.status for change in compared.found.changes] == ["changed", "changed"]


def test_a_cut_cell_gives_away_its_part_and_keeps_the_rest(city: Connection) -> None:
    draft, ((cell, grid), *_, (_, other)) = a_draft(city), _cells(city)
    assign(city, draft, cell, 0)
    halves = ((9_000_001, square(0, 0, 0.5), grid, 40), (9_000_002, square(0.5, 0, 0.5), other, 60))
    for part, shape, key, people in halves:
        city.execute(
            text("""
                INSERT INTO draft_cell SELECT :plan, :part, id, id, community_id, ST_GeomFromText(:wkt, 4326), area_m2 / 2, :n, 1,
                                              unit_type, 0.5 FROM cell WHERE id = :cell
            """),
            {"plan": draft, "part": part, "wkt": shape.wkt, "n": people, "cell": cell},
        )  # fmt: skip
        assign(city, draft, part, key)
    (flow,) = _compare(city, _in_force(city), draft).found.flows
    assert (flow.before, flow.after, flow.amounts.population) == (grid, other, 60)
    (back,) = _compare(city, draft, _in_force(city)).found.flows
    assert (back.before, back.after, back.amounts.population) == (other, grid, 60)


def test_new_grids_of_two_drafts_are_told_apart(city: Connection) -> None:
    one, two = a_draft(city), a_draft(city)
    (first, *_), (*_, last) = _cells(city), _cells(city)
    for draft, cell in ((one, first[0]), (two, last[0])):
        city.execute(
            text("INSERT INTO draft_grid SELECT :plan, -1, community_id, 'basic', 'estate' FROM cell WHERE id = :cell"),
            {"plan": draft, "cell": cell},
        )
        assign(city, draft, cell, -1)
    compared = _compare(city, one, two)
    assert {(change.status, compared.label(change.key)) for change in compared.found.changes} == {
        ("changed", "01"), ("changed", "02"), ("ended", "+1"), ("new", "+1"),
    }  # fmt: skip
    drawn = grids_drawn(city, compared, which=1, communities=compared.touched())
    assert set(drawn.key.tolist()) <= {change.key for change in compared.found.changes}


def test_a_comparison_is_kept_until_a_plan_changes(city: Connection) -> None:
    draft, kept = a_draft(city), Comparisons()
    first = kept.get(city, _in_force(city), draft, reach=None)
    assert kept.get(city, _in_force(city), draft, reach=None) is first
    city.execute(text("UPDATE plan SET version = version + 1 WHERE id = :id"), {"id": draft})
    assert kept.get(city, _in_force(city), draft, reach=None) is not first


def test_a_draft_is_seen_as_far_as_the_own_part_goes(city: Connection) -> None:
    draft, ((cell, _), *_, (_, other)) = a_draft(city), _cells(city)
    assign(city, draft, cell, other)
    assert len(_compare(city, _in_force(city), draft, Reach("441900.441900003")).found.changes) == 2
    assert _compare(city, _in_force(city), draft, Reach("441900.441900999")).totals.is_same


def test_a_plan_that_is_not_there_is_not_found(city: Connection) -> None:
    with pytest.raises(NotFound):
        _compare(city, _in_force(city), 999_999)


def test_the_demo_city_s_two_plans_are_compared_grid_by_grid(demo: Connection) -> None:
    before, after = (row.id for row in demo.execute(text("SELECT id FROM plan WHERE valid IS NOT NULL ORDER BY valid")))
    compared = _compare(demo, before, after)
    expected = demo.execute(
        text("""
            SELECT count(*) AS cells, sum(c.population) AS people FROM cell_assignment a JOIN cell_assignment b USING (cell_id)
            JOIN cell c ON c.id = cell_id WHERE a.plan_id = :a AND b.plan_id = :b AND a.grid_id <> b.grid_id
        """),
        {"a": before, "b": after},
    ).one()
    moved = compared.totals.moved
    assert (moved.cells, moved.population) == (expected.cells, expected.people)
    assert shapely.area(moved_ground(demo, compared).shape).all()
