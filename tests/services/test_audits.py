"""Audits: kept with what they were asked of, repeated, compared, published."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from gis import audits, services
from gis.coverage_records import Audit, FacilityStandard, OpenAt, ReachQuestion
from gis.errors import AuditNotReady, BadQuestion, NoNetwork, NotFound, NothingToReach
from gis.rules.reach_questions import question_of
from tests.builders import COMMUNITY, found_city, publish
from tests.builders_of_coverage import CELL_WIDTH_M, a_facility, lay_streets, open_facilities

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
PARKS = ReachQuestion(kinds=("park",), method="radius", minutes=None, metres=1_100.0, rule="everyone")


@pytest.fixture
def town(conn: Connection) -> Connection:
    """Four cells in a row of 100 residents each; a park in the first."""
    found_city(conn, "AABB")
    publish(conn, "AABB")
    open_facilities(conn, a_facility("park", (0.5, 0.5), floor_area_m2=300.0, capacity=20))
    return conn


def _audited(conn: Connection, folder: Path, question: ReachQuestion = PARKS, name: str = "Parks") -> Audit:
    audit = audits.ask(conn, name=name, question=question, by="auditor")
    audits.finish(conn, audit, audits.search(conn, audit, folder=folder, now=NOW))
    return audits.get(conn, audit.id)


def test_an_audit_keeps_what_it_was_asked_of_and_what_it_found(town: Connection, tmp_path: Path) -> None:
    audit = _audited(town, tmp_path)

    assert (audit.state, audit.done, audit.total, audit.area_code) == ("done", 1, 1, "441900")
    assert question_of(audit.question) == PARKS
    assert audit.inputs["plan"]["name"] == {"zh": "方案", "en": "Plan"}
    assert audit.inputs["facilities"]["kinds"] == {"park": 1}
    assert (audit.inputs["residents"]["total"], audit.inputs["residents"]["cells"], audit.inputs["limit_m"]) == (400, 4, 1_100.0)
    assert (audit.inputs["network"], audit.inputs["at"]) == (None, "2026-03-02T08:00:00+00:00")
    assert (audit.outcome["covered_residents"], audit.outcome["findings"]) == (200, [])

    grids = audits.rows(town, audit.id, level="grid")
    assert [(row.covered, row.covered_residents) for row in grids] == [(True, 200), (False, 0)]
    assert [row.code for row in audits.rows(town, audit.id, covered=False)] == [COMMUNITY, grids[1].code, "441900003"]
    (gap,) = audits.gaps(town, audit.id)
    assert (gap.residents, gap.households, gap.community_code) == (200, 100, COMMUNITY)
    assert gap.area_m2 == pytest.approx(grids[1].area_m2, rel=1e-3)
    (park,) = audits.facilities_counted(town, audit.id)
    assert (park.residents_within, park.residents_nearest, park.off_network_m, park.fails) == (200, 200, None, [])
    cells = audits.cells(town, audit.id)
    assert cells.within.tolist() == [1, 1, 0, 0]
    assert cells.metres[:2] == pytest.approx([0, CELL_WIDTH_M], abs=2)
    assert len(audits.cell_shapes(town, audit.id)) == 4


def test_the_same_question_of_the_same_city_has_the_same_answer(town: Connection, tmp_path: Path) -> None:
    lay_streets(town, [(0.5, 0.5), (3.5, 0.5)])
    walk = replace(PARKS, method="walk", scope="441900003", open_at=OpenAt(1, 600))
    town.execute(text("UPDATE facility SET opening_hours = '24/7'"))
    first = _audited(town, tmp_path, walk)
    again = audits.repeat(town, first.id, name=None, by="auditor")
    audits.finish(town, again, audits.search(town, again, folder=tmp_path, now=NOW))
    again = audits.get(town, again.id)

    assert (again.repeats_id, again.name, again.question) == (first.id, first.name, first.question)
    assert (again.outcome, again.inputs) == (first.outcome, first.inputs)
    assert first.inputs["network"]["name"] == "drawn" and first.inputs["speed_kmh"] == 4.8
    compared = audits.compare(town, first.id, again.id)
    assert (compared.differs, compared.units) == ([], [])


def test_two_audits_are_compared_by_unit_and_by_what_they_were_asked_of(town: Connection, tmp_path: Path) -> None:
    before = _audited(town, tmp_path)
    open_facilities(town, a_facility("park", (3.5, 0.5)))
    town.execute(text("UPDATE facility SET geom = ST_Translate(geom, 0.03, 0) WHERE capacity = 20"))  # to the last cell
    after = _audited(town, tmp_path, replace(PARKS, metres=1_200.0))

    found = audits.compare(town, before.id, after.id)
    assert [name for name, *_ in found.differs] == ["facilities", "facility_count", "limit_m"]
    assert found.totals["covered_residents"] == (200, 200)
    grids = audits.rows(town, before.id, level="grid")
    assert [unit.code for unit in found.of("grid", "lost")] == [grids[0].code]
    assert [unit.code for unit in found.of("grid", "gained")] == [grids[1].code]
    assert found.of("community", "lost") == []


def test_facilities_are_held_against_the_standard_of_their_kind(town: Connection, tmp_path: Path) -> None:
    services.set_standard(town, FacilityStandard("park", 350.0, 2.0, 8.0, "test"), by="test")
    open_facilities(town, a_facility("park", (3.5, 0.5)), a_facility("clinic", (0.5, 0.5)))
    audit = _audited(town, tmp_path, replace(PARKS, kinds=()))
    fails = [park.fails for park in audits.facilities_counted(town, audit.id)]
    # 300 m² are less than 350 and less than 2 for each of 200 residents; 20 places are fewer than 200 / 8.
    assert fails == [["floor_area", "m2_per_resident", "residents_per_place"], ["floor_area_unknown", "capacity_unknown"], []]
    assert audit.outcome["fails"] == {
        "floor_area": 1, "floor_area_unknown": 1, "m2_per_resident": 1, "residents_per_place": 1, "capacity_unknown": 1,
    }  # fmt: skip


def test_an_audit_is_published_under_a_key_and_taken_back(town: Connection, tmp_path: Path) -> None:
    audit = _audited(town, tmp_path)
    with pytest.raises(BadQuestion, match="statement"):
        audits.publish(town, audit.id, statement="  ", key="secret", by="chief")
    published = audits.publish(town, audit.id, statement="Half of the city.", key="secret", by="chief")
    assert (published.statement, published.published_by) == ("Half of the city.", "chief")
    assert audits.published(town, "secret").id == audit.id
    with pytest.raises(AuditNotReady, match="published already"):
        audits.publish(town, audit.id, statement="Again.", key="other", by="chief")

    assert audits.withdraw(town, audit.id, by="chief").key is None
    with pytest.raises(NotFound):
        audits.published(town, "secret")
    with pytest.raises(AuditNotReady, match="not published"):
        audits.withdraw(town, audit.id, by="chief")


def test_questions_that_cannot_be_answered_are_not_even_kept(town: Connection) -> None:
    for question, error in (
        (replace(PARKS, kinds=("zoo",)), BadQuestion), (replace(PARKS, kinds=("clinic",)), NothingToReach),
        (replace(PARKS, method="walk"), NoNetwork), (replace(PARKS, scope="999"), BadQuestion),
        (replace(PARKS, minutes=0.0), BadQuestion),
    ):  # fmt: skip
        with pytest.raises(error):
            audits.ask(town, name="Odd", question=question, by="auditor")
    with pytest.raises(BadQuestion, match="name"):
        audits.ask(town, name=" ", question=PARKS, by="auditor")
    assert audits.find(town) == []


def test_only_an_audit_that_is_done_is_compared_published_or_has_cells(town: Connection, tmp_path: Path) -> None:
    done = _audited(town, tmp_path)
    waiting = audits.ask(town, name="Waits", question=PARKS, by="auditor")
    assert [audit.id for audit in audits.find(town)] == [waiting.id, done.id]
    for refused in (
        lambda: audits.compare(town, done.id, waiting.id),
        lambda: audits.publish(town, waiting.id, statement="Too early.", key="k", by="chief"),
        lambda: audits.cells(town, waiting.id),
    ):
        with pytest.raises(AuditNotReady):
            refused()
    assert audits.ask_stop(town, waiting.id, by="auditor").state == "stopped"
    assert audits.ask_stop(town, done.id, by="auditor").state == "done"
    with pytest.raises(NotFound):
        audits.get(town, waiting.id + 1)


def test_all_593_communities_of_the_demo_city_are_judged_alike_every_time(demo_engine: Engine, tmp_path: Path) -> None:
    centres = ReachQuestion(kinds=("service_centre",), method="radius", minutes=15.0)
    with demo_engine.connect() as conn:
        audit = audits.ask(conn, name="Fifteen minutes", question=centres, by="auditor")
        found = audits.search(conn, audit, folder=tmp_path, now=NOW)
        audits.finish(conn, audit, found)
        totals = audits.get(conn, audit.id).outcome
        communities = audits.rows(conn, audit.id, level="community")
        uncovered = audits.rows(conn, audit.id, level="community", covered=False)
        # By PostGIS on the ellipsoid: a label point within a thousand metres of a centre.
        judged = conn.execute(
            text("""
                SELECT DISTINCT a.code FROM area a
                JOIN facility f ON f.kind = 'service_centre' AND ST_DWithin(a.label_point, f.geom, 0.1)
                WHERE a.level = 'community' AND ST_DWithin(a.label_point::geography, f.geom::geography, 1000)
            """)
        )
        near = {row.code for row in judged}
        conn.rollback()
    assert (len(communities), totals["communities"]) == (593, 593)
    assert {row.code for row in communities if row.covered} == near
    assert totals["covered_communities"] == 593 - len(uncovered) == len(near)
    assert sum(row.residents for row in communities) == totals["residents"]
    assert sum(row.covered_residents for row in communities) == pytest.approx(totals["covered_residents"])
    assert sum(gap.residents for gap in found.gaps) == totals["residents"] - totals["covered_residents"]
