"""Workload models: saved version by version, tried out, and taken apart."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from sqlalchemy import Connection, text

from gis import incidents, workloads
from gis.errors import BadWeights, BeyondOwnPart, NotFound
from gis.plan_records import PlaceKind, PlaceStandard, Weights, WorkloadModel
from gis.records import IncidentColumns, Name, Reach
from gis.rules.workload import grid_loads
from gis.rules.zones import centres_m
from gis.store import patches
from tests.builders import CALENDAR, COMMUNITY, NORTH, SIDE, WEST, WHOLE_CITY, found_city, publish

KINDS = [
    PlaceKind("shop", Name("商铺", "Shop"), PlaceStandard(12, 60)),
    PlaceKind("site", Name("工地", "Site"), PlaceStandard(40, 14)),
]
WEIGHTS = Weights(places={kind.code: kind.standard for kind in KINDS})
YEAR = {"since": date(2025, 1, 1), "until": date(2026, 1, 1)}
NOW = datetime(2026, 3, 10, tzinfo=UTC)
TODAY = NOW.date()


def a_city(conn: Connection) -> WorkloadModel:
    """Two grids of three cells; shops everywhere, a building site in the first cell, six fires in the second."""
    found_city(conn, "AAB\nABB")
    publish(conn, "AAB\nABB")
    cells = [row.id for row in conn.execute(text("SELECT id FROM cell ORDER BY id"))]
    workloads.register_places(conn, KINDS, [*((cell, "shop", 10) for cell in cells), (cells[0], "site", 2)], by="test")
    incidents_at(conn, column=1.5, row=0.5, n=6)
    return workloads.save_model(conn, name=Name("模型", "Model"), weights=WEIGHTS, **YEAR, by="test")


def incidents_at(conn: Connection, *, column: float, row: float, n: int) -> None:
    when = np.full(n, np.datetime64("2025-06-15T08:00:00"))
    columns = IncidentColumns(
        reported_at=when, closed_at=when, lon=np.full(n, WEST + column * SIDE), lat=np.full(n, NORTH - row * SIDE),
        matter=np.full(n, "0101", dtype=object), state=np.full(n, "closed", dtype=object),
        channel=np.full(n, "patrol", dtype=object), synthetic=True,
    )  # fmt: skip
    incidents.record_history(conn, columns, atlas=None, calendar=CALENDAR, timezone="Asia/Shanghai", now=NOW, by="test")


def hours(conn: Connection, plan: int | None = None) -> dict[int, float]:
    """Hours of every grid as the figures of a plan have them."""
    head = patches.head(conn, plan or conn.execute(text("SELECT max(id) FROM plan")).scalar_one())
    patch = patches.patch(conn, head)
    loads = grid_loads(patch, centres_m(patch.shape, srid=head.metric_srid), weights=workloads.get(conn, head.model_id).weights)
    return dict(zip(loads.key.tolist(), loads.hours.tolist(), strict=True))


def test_a_cell_has_what_its_places_incidents_and_people_make(conn: Connection):
    model = a_city(conn)
    row = conn.execute(text("SELECT * FROM cell_load ORDER BY cell_id LIMIT 1")).one()
    shops, sites = 10 * 30.4375 / 60, 2 * 30.4375 / 14
    assert row.inspections_h == pytest.approx((shops * 12 + sites * 40) / 60)
    assert row.people_h == pytest.approx((100 * 0.6 + 50 * 1.5) / 60)
    fires = conn.execute(text("SELECT sum(incidents) AS n, sum(incidents_h) AS h FROM cell_load")).one()
    assert (fires.n, fires.h) == (6, pytest.approx(6 * 40 / 60 / model.months))


def test_a_version_differs_from_its_parent_by_what_is_changed(conn: Connection):
    first = a_city(conn)
    changes = {"resident_min": 1.2, "matters": {"0101": 80}}
    second = workloads.revise(conn, first.id, changes=changes, by="ping", today=TODAY, note="why")
    assert (second.version, second.parent_id, second.note, second.author) == (2, first.id, "why", "ping")
    assert second.weights.places == first.weights.places
    assert (second.weights.resident_min, second.weights.matters) == (1.2, {"0101": 80})
    people, fires = conn.execute(
        text("SELECT sum(people_h), sum(incidents_h) FROM cell_load WHERE model_id = :id"), {"id": second.id}
    ).one()
    assert people == pytest.approx(6 * (100 * 1.2 + 50 * 1.5) / 60)
    assert fires == pytest.approx(6 * 80 / 60 / second.months)
    assert [model.version for model in workloads.find(conn)] == [2, 1]


def test_a_city_without_a_model_begins_with_its_standards_and_the_last_twelve_months(conn: Connection):
    found_city(conn, "AAB\nABB")
    publish(conn, "AAB\nABB")
    workloads.register_places(conn, KINDS, [], by="test")
    model = workloads.begin(conn, by="test", today=TODAY)
    assert (model.version, model.since, model.until) == (1, date(2025, 3, 1), date(2026, 3, 1))
    assert model.weights.places == WEIGHTS.places


def test_every_fault_is_named_by_its_field(conn: Connection):
    model = a_city(conn)
    changes = {
        "resident_min": -1, "walking_kmh": 99, "matters": {"9999": 5},
        "places": {"shop": {"standard_min": 12, "interval_d": 0}, "bank": {"standard_min": 5, "interval_d": 30}},
    }  # fmt: skip
    with pytest.raises(BadWeights) as refused:
        workloads.revise(conn, model.id, changes=changes, by="test", today=TODAY)
    assert {fault["field"] for fault in refused.value.facts["errors"]} == {
        "resident_min", "walking_kmh", "matters.9999", "places.site", "places.bank", "places.shop.interval_d",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(2025, 1, 2), date(2026, 1, 1)), (date(2025, 2, 1), date(2025, 2, 1)), (date(2025, 1, 1), date(2026, 5, 1)),
        (date(2019, 1, 1), date(2026, 1, 1)),
    ],
)  # fmt: skip
def test_a_period_is_of_whole_months_that_were(conn: Connection, since: date, until: date):
    model = a_city(conn)
    with pytest.raises(BadWeights) as refused:
        workloads.revise(conn, model.id, changes={}, since=since, until=until, by="test", today=TODAY)
    assert refused.value.facts["errors"][0]["field"] == "period"


def test_a_longer_period_counts_the_months_that_are_new(conn: Connection):
    model = a_city(conn)
    longer = workloads.revise(conn, model.id, changes={}, until=date(2026, 4, 1), by="test", today=TODAY)
    assert longer.months == pytest.approx(15, abs=0.1)
    assert conn.execute(text("SELECT sum(incidents) FROM cell_load WHERE model_id = :id"), {"id": longer.id}).scalar_one() == 6


def test_a_preview_is_what_a_version_would_have(conn: Connection):
    model = a_city(conn)
    before = hours(conn)
    tried = workloads.preview(conn, area=COMMUNITY, changes={"household_min": 9.0, "fixed_h": 30}, reach=WHOLE_CITY)
    assert dict(zip(tried.before.key.tolist(), tried.before.hours.tolist(), strict=True)) == pytest.approx(before)
    workloads.revise(conn, model.id, changes={"household_min": 9.0, "fixed_h": 30}, by="test", today=TODAY)
    assert dict(zip(tried.after.key.tolist(), tried.after.hours.tolist(), strict=True)) == pytest.approx(hours(conn))


def test_a_preview_of_an_area_that_is_not_there_is_refused(conn: Connection):
    a_city(conn)
    with pytest.raises(NotFound):
        workloads.preview(conn, area="999", changes={}, reach=WHOLE_CITY)
    with pytest.raises(BadWeights):
        workloads.preview(conn, area=COMMUNITY, changes={"rounds": 1e9}, reach=WHOLE_CITY)


def test_the_parts_of_a_grid_make_its_hours(conn: Connection):
    a_city(conn)
    for key, figure in hours(conn).items():
        told = workloads.explain(conn, conn.execute(text("SELECT max(id) FROM plan")).scalar_one(), key, reach=WHOLE_CITY).account
        assert told.hours == pytest.approx(figure, abs=1e-9)
        assert told.uncounted == pytest.approx(0, abs=1e-9)
        assert sum(line.hours for line in told.inspections) == pytest.approx(told.parts["inspections"], abs=1e-9)
        assert sum(line.hours for line in told.incidents) == pytest.approx(told.parts["incidents"], abs=1e-9)
        assert sum(line.hours for line in told.people) == pytest.approx(told.parts["people"], abs=1e-9)
        assert sum(cell.hours for cell in told.cells) + told.parts["spread"] + 24 == pytest.approx(figure, abs=1e-9)


def test_a_part_of_a_cut_cell_has_its_share_of_every_line(conn: Connection):
    a_city(conn)
    plan, cell, grid = conn.execute(
        text("SELECT a.plan_id, a.cell_id, a.grid_id FROM cell_assignment a ORDER BY a.cell_id LIMIT 1")
    ).one()
    draft = cut_draft(conn, plan, cell, grid, fraction=0.25)
    told = workloads.explain(conn, draft, -1, reach=WHOLE_CITY).account
    assert told.uncounted == pytest.approx(0, abs=1e-9)
    assert {line.code: line.n for line in told.inspections} == {"shop": 2.5, "site": 0.5}
    assert {line.code: line.n for line in told.people} == {"residents": 25, "households": 12.5}
    assert told.hours == pytest.approx(hours(conn, draft)[-1], abs=1e-9)


def cut_draft(conn: Connection, plan: int, cell: int, grid: int, *, fraction: float) -> int:
    """A draft in which a piece of one cell is a grid of its own."""
    draft: int = conn.execute(
        text("""
            INSERT INTO plan (parent_id, scope_area_id, name_zh, name_en, state, author)
            SELECT id, scope_area_id, '草案', 'Draft', 'draft', 'test' FROM plan WHERE id = :plan RETURNING id
        """),
        {"plan": plan},
    ).scalar_one()
    given = {"draft": draft, "cell": cell, "grid": grid, "part": fraction}
    conn.execute(text("INSERT INTO draft_assignment VALUES (:draft, :cell, 0), (:draft, -1, -1), (:draft, -2, :grid)"), given)
    conn.execute(
        text("""
            INSERT INTO draft_grid (plan_id, grid_key, community_id, kind, unit_type)
            SELECT :draft, -1, community_id, 'basic', unit_type FROM cell WHERE id = :cell
        """),
        given,
    )
    for part, share in ((-1, fraction), (-2, 1 - fraction)):
        conn.execute(
            text("""
                INSERT INTO draft_cell
                SELECT :draft, :id, id, id, community_id, geom, area_m2 * :share, population * :share, households * :share,
                       unit_type, :share
                FROM cell WHERE id = :cell
            """),
            given | {"id": part, "share": share},
        )
    return draft


def test_a_draft_is_for_those_in_whose_part_it_lies(conn: Connection):
    a_city(conn)
    plan, cell, grid = conn.execute(
        text("SELECT a.plan_id, a.cell_id, a.grid_id FROM cell_assignment a ORDER BY a.cell_id LIMIT 1")
    ).one()
    draft, elsewhere = cut_draft(conn, plan, cell, grid, fraction=0.5), Reach("441900.441900009")
    with pytest.raises(BeyondOwnPart):
        workloads.explain(conn, draft, -1, reach=elsewhere)
    with pytest.raises(BeyondOwnPart):
        workloads.preview(conn, area=COMMUNITY, changes={}, plan_id=draft, reach=elsewhere)
    assert workloads.explain(conn, plan, grid, reach=elsewhere).account.hours > 0


def test_a_grid_that_is_not_there_has_no_account(conn: Connection):
    a_city(conn)
    plan = conn.execute(text("SELECT max(id) FROM plan")).scalar_one()
    with pytest.raises(NotFound):
        workloads.explain(conn, plan, -7, reach=WHOLE_CITY)
    with pytest.raises(NotFound):
        workloads.explain(conn, plan + 1, 1, reach=WHOLE_CITY)


def test_hours_are_old_once_something_came_in_and_fresh_when_counted_anew(conn: Connection):
    model = a_city(conn)
    assert workloads.stale(conn, model) == []
    conn.execute(text("UPDATE workload_model SET counted_at = now() - interval '1 day'"))
    incidents_at(conn, column=0.5, row=1.5, n=4)
    assert "places.registered" in workloads.stale(conn, workloads.get(conn, model.id))
    conn.execute(text("INSERT INTO plan_load (plan_id, model_id, version) SELECT id, :model, 1 FROM plan"), {"model": model.id})
    again = workloads.recount(conn, model.id, by="test")
    assert conn.execute(text("SELECT count(*) FROM plan_load WHERE model_id = :id"), {"id": model.id}).scalar_one() == 0
    assert workloads.stale(conn, again) == []
    assert conn.execute(text("SELECT sum(incidents) FROM cell_load WHERE model_id = :id"), {"id": model.id}).scalar_one() == 10
