"""Publishing a draft: what stands against it, what keeps its code, what follows it, and what a fault leaves behind."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2 import DatabaseError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from gis import features, incidents, plans, publishing, staff, workloads
from gis.errors import BeyondOwnPart, NotFound, PublicationRefused, StaleEdit
from gis.feature_records import FeatureQuery
from gis.plan_records import PlaceKind, PlaceStandard, Weights
from gis.publication_records import Publication
from gis.records import Name, Reach, StaffRow
from gis.store import patches
from tests.builders import COMMUNITY, SINCE, WHOLE_CITY, a_draft, cut_cell, found_city, publish

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LATER = datetime(2026, 6, 1, tzinfo=UTC)
MONTH = timedelta(days=30)
WRITTEN = (
    "plan", "grid", "grid_version", "cell", "cell_assignment", "cell_load", "cell_place", "map_shape", "lineage", "posting",
    "draft_grid", "draft_cell", "draft_assignment", "journal", "layer_change",
)  # fmt: skip


def _publish(conn: Connection, draft: int, *, since: datetime = LATER, **more: object) -> Publication:
    asked = {"since": since, "decision": "東府〔2026〕1号", "seen_version": 1, "reach": WHOLE_CITY, "by": "planner", "now": NOW}
    return publishing.publish(conn, draft, **(asked | more))  # type: ignore[arg-type]


def _city_with_officers(conn: Connection, drawing: str) -> list[str]:
    found_city(conn, drawing)
    _, codes = publish(conn, drawing)
    name = Name("陈一", "Chen Yi")
    rows = [
        StaffRow(f"{role[0]}{i}", name, "patrol", code, None, role, synthetic=True)
        for i, code in enumerate(codes)
        for role in ("manager", "assistant")
    ]
    staff.post(conn, rows, since=SINCE, by="test")
    return codes


def _refused(conn: Connection, draft: int, **more: object) -> list[str]:
    with pytest.raises(PublicationRefused) as refused:
        _publish(conn, draft, **more)
    return [finding["rule"] for finding in refused.value.facts["findings"] if finding["severity"] == "error"]


def _grids(conn: Connection, moment: datetime) -> dict[str, tuple[int, int]]:
    rows = conn.execute(
        text("""
            SELECT g.code, v.cells, v.population FROM grid_version v JOIN grid g ON g.id = v.grid_id
            WHERE v.valid @> CAST(:at AS timestamptz) ORDER BY 1
        """),
        {"at": moment},
    )
    return {row.code: (row.cells, row.population) for row in rows}


def test_a_draft_comes_into_force_from_its_date_on(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABBB")
    draft = a_draft(conn, "AAABB", names=dict(zip("AB", codes, strict=True)))
    before = plans.list_plans(conn)[0].id
    outcome = _publish(conn, draft)
    assert (outcome.codes_kept, outcome.codes_new, outcome.codes_ended) == (tuple(codes), (), ())
    assert _grids(conn, LATER - timedelta(seconds=1)) == {codes[0]: (2, 200), codes[1]: (3, 300)}
    assert _grids(conn, LATER) == {codes[0]: (3, 300), codes[1]: (2, 200)}
    assert [(plan.id, plan.until) for plan in plans.list_plans(conn)] == [(draft, None), (before, LATER)]


def test_a_published_draft_keeps_nothing_of_its_own_but_its_edits(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABB")
    draft = a_draft(conn, "AAAB", names=dict(zip("AB", codes, strict=True)))
    conn.execute(
        text("INSERT INTO plan_edit (plan_id, seq, kind, request, delta, author) VALUES (:id, 1, 'transfer', '{}', '{}', 'p')"),
        {"id": draft},
    )
    _publish(conn, draft)
    head = patches.head(conn, draft)
    assert head is not None
    assert (head.state, head.parent_id, head.version) == ("published", draft, 2)
    assert sorted(patches.patch(conn, head).grid.tolist()) == sorted(
        conn.execute(text("SELECT grid_id FROM cell_assignment WHERE plan_id = :id"), {"id": draft}).scalars()
    )
    assert conn.execute(text("SELECT count(*) FROM plan_edit WHERE plan_id = :id"), {"id": draft}).scalar_one() == 1


def test_a_grid_of_mostly_other_ground_gets_another_code_and_the_old_one_is_never_used_again(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABBBB")
    draft = a_draft(conn, "BAAAAA", names=dict(zip("AB", codes, strict=True)))
    outcome = _publish(conn, draft)
    assert outcome.codes_ended == tuple(codes)
    assert set(outcome.codes_new).isdisjoint(codes)
    again = a_draft(conn, "CDDDDD", names={})
    assert set(_publish(conn, again, since=LATER + MONTH).codes_new).isdisjoint({*codes, *outcome.codes_new})


def test_a_split_numbers_the_new_grid_and_says_where_ground_residents_and_work_went(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AAAB")
    draft = a_draft(conn, "AACB", names=dict(zip("AB", codes, strict=True)))
    outcome = _publish(conn, draft)
    assert outcome.codes_new == (COMMUNITY + "03",)
    row = conn.execute(text("SELECT area_fraction, resident_fraction, workload_fraction FROM lineage")).one()
    assert tuple(row) == pytest.approx((1 / 3, 1 / 3, 1 / 3), rel=1e-4)


def test_every_grid_has_a_manager_afterwards(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AAAB")
    _publish(conn, a_draft(conn, "AACB", names=dict(zip("AB", codes, strict=True))))
    led = conn.execute(
        text("SELECT g.code FROM posting p JOIN grid g ON g.id = p.grid_id WHERE role = 'manager' AND p.valid @> :at ORDER BY 1"),
        {"at": LATER},
    )
    assert led.scalars().all() == [*codes, COMMUNITY + "03"]
    before = conn.execute(text("SELECT count(*) FROM posting WHERE valid @> :at"), {"at": LATER - MONTH}).scalar_one()
    after = conn.execute(text("SELECT count(*) FROM posting WHERE valid @> :at"), {"at": LATER}).scalar_one()
    assert (before, after) == (4, 4)


def test_officers_of_merged_grids_go_along_and_one_leads(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABC")
    _publish(conn, a_draft(conn, "AABB", names={"A": codes[0], "B": codes[1]}))
    posts = conn.execute(
        text("""
            SELECT s.number, g.code, p.role FROM posting p JOIN staff s ON s.id = p.staff_id JOIN grid g ON g.id = p.grid_id
            WHERE p.valid @> :at ORDER BY 1
        """),
        {"at": LATER},
    ).all()
    assert [tuple(row) for row in posts if row.code == codes[1]] == [
        ("a1", codes[1], "assistant"), ("a2", codes[1], "assistant"), ("m1", codes[1], "manager"), ("m2", codes[1], "assistant"),
    ]  # fmt: skip


def test_a_plan_that_leaves_a_grid_without_a_manager_is_refused(conn: Connection) -> None:
    found_city(conn, "AB")
    _, codes = publish(conn, "AB")
    row = StaffRow("m", Name("陈", "Chen"), "patrol", codes[0], None, "manager", synthetic=True)
    staff.post(conn, [row], since=SINCE, by="test")
    draft = a_draft(conn, "AC", names={"A": codes[0]})
    assert _refused(conn, draft) == ["unstaffed"]


def test_all_that_stands_against_a_plan_is_found_at_once(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABB")
    draft = a_draft(conn, "AAAB", names=dict(zip("AB", codes, strict=True)))
    publish(conn, "AABB", since=NOW, keeps=dict(zip("AB", codes, strict=True)))
    conn.execute(text("UPDATE draft_assignment SET grid_key = -9 WHERE plan_id = :id"), {"id": draft})
    assert _refused(conn, draft, since=SINCE) == ["not_the_newest", "in_the_past", "cell_without_grid"]


def test_an_empty_grid_and_a_draft_without_changes_are_refused(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABB")
    names = dict(zip("AB", codes, strict=True))
    assert _refused(conn, a_draft(conn, "AABB", names=names)) == ["nothing_changed"]
    draft = a_draft(conn, "AAAA", names={"A": codes[0]})
    conn.execute(text("UPDATE draft_grid SET alive = true WHERE plan_id = :id"), {"id": draft})
    assert _refused(conn, draft) == ["empty_grid"]


def test_a_grid_in_two_pieces_is_told_and_not_refused(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABB")
    outcome = _publish(conn, a_draft(conn, "ABAB", names=dict(zip("AB", codes, strict=True))))
    assert [(finding.rule, finding.severity) for finding in outcome.findings] == [("in_pieces", "notice")] * 2


def test_a_plan_that_residents_did_not_support_needs_a_reason_on_record(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABB")
    draft = a_draft(conn, "AAAB", names=dict(zip("AB", codes, strict=True)))
    conn.execute(
        text("""
            WITH put AS (
                INSERT INTO proposal (kind, plan_id, area_id, title_zh, title_en, summary_zh, summary_en, open, support_needed,
                                      author)
                SELECT 'plan', :plan, min(id), '题', 'T', '述', 'S', '[2026-03-01,2026-04-01)', 0.5, 'p' FROM area RETURNING id
            ) INSERT INTO opinion (proposal_id, support, voter, hidden)
            SELECT put.id, n = 1, 'v' || n, n > 3 FROM put, generate_series(1, 4) AS n
        """),
        {"plan": draft},
    )
    assert _refused(conn, draft) == ["not_supported"]
    outcome = _publish(conn, draft, override_reason="消防通道")
    assert [finding.rule for finding in outcome.findings] == ["support_set_aside"]
    assert tuple(conn.execute(text("SELECT override_reason, override_by FROM proposal")).one()) == ("消防通道", "planner")


def _put_to_residents(conn: Connection, draft: int, *, stage: str, until: str = "2026-04-01", pro: int = 0, contra: int = 0) -> int:
    put: int = conn.execute(
        text("""
            INSERT INTO proposal (kind, plan_id, area_id, title_zh, title_en, summary_zh, summary_en, open, support_needed, stage,
                                  author)
            SELECT 'plan', :plan, min(id), '题', 'T', '述', 'S', daterange('2026-03-01', CAST(:until AS date) + 1), 0.55,
                   :stage, 'p' FROM area RETURNING id
        """),
        {"plan": draft, "stage": stage, "until": until},
    ).scalar_one()
    conn.execute(
        text("INSERT INTO opinion (proposal_id, support, voter) SELECT :id, n <= :pro, 'v' || n FROM generate_series(1, :n) AS n"),
        {"id": put, "pro": pro, "n": pro + contra},
    )
    return put


def test_a_reason_is_put_on_record_only_where_support_is_missing_and_no_reason_was_given(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABB")
    draft = a_draft(conn, "AAAB", names=dict(zip("AB", codes, strict=True)))
    carried, unmet, overridden = (_put_to_residents(conn, draft, stage="form", pro=n, contra=20 - n) for n in (11, 10, 1))
    conn.execute(text("UPDATE proposal SET override_reason = '早有理由', override_by = 'q' WHERE id = :id"), {"id": overridden})
    _publish(conn, draft, override_reason="消防通道")
    reasons = conn.execute(text("SELECT id, override_reason FROM proposal ORDER BY id")).all()
    assert [tuple(row) for row in reasons] == [(carried, None), (unmet, "消防通道"), (overridden, "早有理由")]
    told = conn.execute(text("SELECT subject, payload ->> 'reason' FROM journal WHERE kind = 'consultation.overridden'")).all()
    assert [tuple(row) for row in told] == [(str(unmet), "消防通道")]


def test_support_for_another_version_than_the_one_published_does_not_carry_it(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABB")
    draft = a_draft(conn, "AAAB", names=dict(zip("AB", codes, strict=True)))
    put = _put_to_residents(conn, draft, stage="form", pro=3)
    conn.execute(text("UPDATE proposal SET heard_version = 1 WHERE id = :id"), {"id": put})
    assert not publishing.inspect(conn, draft, since=LATER, now=NOW, reach=WHOLE_CITY).blocked
    conn.execute(text("UPDATE plan SET version = 2 WHERE id = :id"), {"id": draft})
    assert _refused(conn, draft, seen_version=2) == ["changed_since_heard"]
    outcome = _publish(conn, draft, seen_version=2, override_reason="只改了名称")
    assert [finding.rule for finding in outcome.findings] == ["support_set_aside"]


def test_a_plan_is_not_published_while_residents_are_heard(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABB")
    draft = a_draft(conn, "AAAB", names=dict(zip("AB", codes, strict=True)))
    put = _put_to_residents(conn, draft, stage="deliberate", until="2026-05-01", pro=1)
    assert _refused(conn, draft) == ["still_heard"]
    assert _refused(conn, draft, override_reason="不等") == ["still_heard"]
    conn.execute(text("UPDATE proposal SET open = '[2026-03-01,2026-05-01)' WHERE id = :id"), {"id": put})
    assert not publishing.inspect(conn, draft, since=LATER, now=NOW, reach=WHOLE_CITY).blocked


def test_a_plan_comes_into_force_within_a_year(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABB")
    draft = a_draft(conn, "AAAB", names=dict(zip("AB", codes, strict=True)))
    assert _refused(conn, draft, since=datetime(2066, 5, 1, tzinfo=UTC)) == ["too_late"]


def test_a_lock_is_no_change(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABB")
    draft = a_draft(conn, "AABB", names=dict(zip("AB", codes, strict=True)))
    locked = text("""
        INSERT INTO draft_grid (plan_id, grid_key, community_id, kind, unit_type, locked)
        SELECT p.id, v.grid_id, v.community_id, v.kind, v.unit_type, true
        FROM plan p JOIN grid_version v ON v.plan_id = p.parent_id WHERE p.id = :id
    """)
    conn.execute(locked, {"id": draft})
    assert _refused(conn, draft) == ["nothing_changed"]
    conn.execute(text("UPDATE draft_grid SET name_zh = '新名' WHERE plan_id = :id"), {"id": draft})
    assert _publish(conn, draft).grids == 2


def test_what_was_reported_while_a_plan_was_written_counts_for_its_grids(conn: Connection) -> None:
    found_city(conn, "AAAB")
    at = datetime.now(UTC) - timedelta(hours=1)
    _, codes = publish(conn, "AAAB", since=at - MONTH)
    draft = a_draft(conn, "ABBB", names=dict(zip("AB", codes, strict=True)))
    conn.execute(
        text("""
            INSERT INTO incident (number, reported_at, matter_id, urgency, channel, geom, grid_id, community_id)
            SELECT 'T-' || c.id, :at, m.id, 1, 'patrol', ST_Centroid(c.geom), a.grid_id, c.community_id
            FROM matter m, cell c JOIN cell_assignment a ON a.cell_id = c.id
        """),
        {"at": at + timedelta(minutes=1)},
    )
    outcome = _publish(conn, draft, since=at, now=at)
    incidents.renew_activity(conn)
    in_force = {code: plans.describe_grid(conn, code, reach=WHOLE_CITY)["days_30"] for code in _grids(conn, at)}
    assert (sum(in_force.values()), sorted(in_force.values()), outcome.version) == (4, [1, 3], 2)


def test_who_read_an_older_draft_is_told(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABB")
    draft = a_draft(conn, "AAAB", names=dict(zip("AB", codes, strict=True)))
    with pytest.raises(StaleEdit) as refused:
        _publish(conn, draft, seen_version=7)
    assert refused.value.facts == {"current_version": 1}


def test_nobody_publishes_beyond_the_own_part(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABB")
    draft = a_draft(conn, "AAAB", names=dict(zip("AB", codes, strict=True)))
    town = conn.execute(text("SELECT path::text FROM area WHERE code = :code"), {"code": COMMUNITY[:9]}).scalar_one()
    with pytest.raises(BeyondOwnPart):
        _publish(conn, draft, reach=Reach(town))
    with pytest.raises(NotFound):
        _publish(conn, 999_999_999)


def test_a_draft_elsewhere_is_as_good_as_unknown_to_publishing(conn: Connection) -> None:
    codes = _city_with_officers(conn, "AABB")
    draft = a_draft(conn, "AAAB", names=dict(zip("AB", codes, strict=True)))
    conn.execute(text("INSERT INTO plan_scope SELECT :id, id FROM area WHERE code = :code"), {"id": draft, "code": COMMUNITY[:9]})
    other = Reach("441900.441900999")
    with pytest.raises(NotFound):
        publishing.inspect(conn, draft, since=LATER, now=NOW, reach=other)
    with pytest.raises(NotFound):
        _publish(conn, draft, reach=other)
    with pytest.raises(NotFound):
        publishing.rebase(conn, draft, seen_version=1, reach=other, by="t")


def _count(conn: Connection, table: str) -> int:
    found: int = conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
    return found


def _a_draft_that_cuts(conn: Connection) -> int:
    codes = _city_with_officers(conn, "AAAABBBB")
    standard = PlaceStandard(30, 30)
    cell = conn.execute(text("SELECT min(id) FROM cell")).scalar_one()
    workloads.register_places(conn, [PlaceKind("shop", Name("店", "Shop"), standard)], [(cell + 3, "shop", 7)], by="test")
    workloads.save_model(
        conn, name=Name("模型", "Model"), weights=Weights({"shop": standard}), since=datetime(2026, 1, 1).date(),
        until=datetime(2026, 2, 1).date(), by="test",
    )  # fmt: skip
    draft = a_draft(conn, "CAAABBBB", names=dict(zip("AB", codes, strict=True)))
    grid = {row.code: row.id for row in conn.execute(text("SELECT code, id FROM grid"))}
    cut_cell(conn, draft, cell + 3, keys=(grid[codes[0]], grid[codes[1]]), part_ids=(-1, -2))
    return draft


def test_a_cut_cell_ends_and_its_parts_share_what_it_had(conn: Connection) -> None:
    draft = _a_draft_that_cuts(conn)
    outcome = _publish(conn, draft)
    assert outcome.cells_cut == 1
    parts = conn.execute(
        text("""
            SELECT c.population, l.inspections_h, l.people_h, p.n, lower(c.valid) AS since, upper(root.valid) AS ended,
                   whole.inspections_h AS whole_h
            FROM cell c JOIN cell root ON root.id = c.parent_id JOIN cell_load l ON l.cell_id = c.id
            JOIN cell_load whole ON whole.cell_id = root.id JOIN cell_place p ON p.cell_id = c.id ORDER BY c.id
        """)
    ).all()
    assert sorted((row.population, row.n, row.since, row.ended) for row in parts) == [(33, 2, LATER, LATER), (67, 5, LATER, LATER)]
    assert sum(row.inspections_h for row in parts) == parts[0].whole_h
    counts = [
        features.page(conn, FeatureQuery("cells", as_of=at), reach=WHOLE_CITY, now=NOW).number_matched for at in (SINCE, LATER)
    ]
    assert counts == [8, 9]
    assert sum(population for _, population in _grids(conn, LATER).values()) == 800


def test_hours_counted_anew_leave_out_no_cell_of_another_time(conn: Connection) -> None:
    draft = _a_draft_that_cuts(conn)
    cell = conn.execute(text("SELECT cell_id FROM cell_place")).scalar_one()
    conn.execute(
        text("""
            INSERT INTO incident (number, reported_at, matter_id, urgency, channel, geom)
            SELECT 'T-' || i, '2026-01-15Z', (SELECT min(id) FROM matter), 1, 'patrol',
                   ST_Translate(ST_Centroid(geom), (i - 1) * (ST_XMax(geom) - ST_XMin(geom)) / 4, 0)
            FROM cell, generate_series(0, 3) AS i WHERE id = :cell
        """),
        {"cell": cell},
    )
    _publish(conn, draft)
    conn.execute(text("UPDATE cell SET valid = tstzrange(now() + interval '1 day', NULL) WHERE parent_id IS NOT NULL"))
    conn.execute(text("UPDATE cell SET valid = tstzrange(NULL, now() + interval '1 day') WHERE id = :cell"), {"cell": cell})
    model = workloads.recount(conn, workloads.newest(conn).id, by="test")
    counted = text("""
        SELECT count(*) AS cells, sum(l.incidents) AS incidents, sum(l.people_h) AS people_h, sum(l.inspections_h) AS inspections_h,
               (SELECT sum(m.n) FROM cell_matter m JOIN cell e ON e.id = m.cell_id
                WHERE e.valid @> now() + CAST(:ahead AS interval)) AS n
        FROM cell c JOIN cell_load l ON l.cell_id = c.id AND l.model_id = :model WHERE c.valid @> now() + CAST(:ahead AS interval)
    """)
    now, to_come = (conn.execute(counted, {"model": model.id, "ahead": ahead}).one() for ahead in ("0", "2 days"))
    assert (now.cells, now.incidents, now.n) == (8, 4, 4)
    assert (to_come.cells, to_come.incidents, to_come.n) == (9, 4, 4)
    assert (now.people_h, now.inspections_h) == pytest.approx((to_come.people_h, to_come.inspections_h))


@pytest.mark.parametrize("table", [table for table in WRITTEN if not table.startswith("draft_")])
def test_a_fault_at_any_step_leaves_nothing_half_written(conn: Connection, table: str) -> None:
    draft = _a_draft_that_cuts(conn)
    conn.execute(
        text(f"""
            CREATE FUNCTION break_down() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$;
            CREATE TRIGGER breaks AFTER INSERT OR UPDATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION break_down();
        """)
    )
    before = {name: _count(conn, name) for name in WRITTEN}
    with pytest.raises((DBAPIError, DatabaseError), match="the disk is full"), conn.begin_nested():
        _publish(conn, draft)
    assert {name: _count(conn, name) for name in WRITTEN} == before
    state = conn.execute(text("SELECT id, state, upper_inf(valid) FROM plan ORDER BY id")).all()
    assert [tuple(row)[1:] for row in state] == [("published", True), ("draft", None)]


def test_an_earlier_plan_lives_again_under_its_codes(conn: Connection) -> None:
    draft = _a_draft_that_cuts(conn)
    first = plans.list_plans(conn)[0]
    before = _grids(conn, SINCE)
    _publish(conn, draft)
    changed = _grids(conn, LATER)
    outcome = publishing.restore(conn, first.id, since=LATER + MONTH, decision="撤销", reach=WHOLE_CITY, by="planner", now=NOW)
    again = _grids(conn, LATER + MONTH)
    assert {code: people for code, (_, people) in again.items()} == {code: people for code, (_, people) in before.items()}
    assert set(outcome.codes_ended) == set(changed) - set(before)
    assert outcome.codes_new == ()
    cover = conn.execute(text("SELECT parent_id, restores_id, author FROM plan WHERE id = :id"), {"id": outcome.plan_id}).one()
    assert tuple(cover) == (draft, first.id, "planner")
    ground = text("""
        SELECT ST_Area(ST_SymDifference(a.geom, b.geom)) FROM grid_version a JOIN grid_version b ON b.grid_id = a.grid_id
        WHERE a.plan_id = :one AND b.plan_id = :other
    """)
    strays = conn.execute(ground, {"one": first.id, "other": outcome.plan_id}).scalars().all()
    assert strays == pytest.approx([0.0] * len(before), abs=1e-15)


def test_a_grid_that_ended_and_lives_again_counts_each_incident_once(conn: Connection) -> None:
    found_city(conn, "AB")
    at = datetime.now(UTC)
    plan, codes = publish(conn, "AB", since=at - MONTH)
    conn.execute(
        text("""
            INSERT INTO incident (number, reported_at, matter_id, urgency, channel, geom)
            SELECT 'T-' || c.id, :at, m.id, 1, 'patrol', ST_Centroid(c.geom) FROM matter m, cell c
        """),
        {"at": at - MONTH / 2},
    )
    publish(conn, "AA", since=at - timedelta(days=3))
    publishing.restore(
        conn, plan.id, since=at - timedelta(days=2), decision="", reach=WHOLE_CITY, by="test", now=at - timedelta(days=2)
    )
    incidents.renew_activity(conn)
    assert [plans.describe_grid(conn, code, reach=WHOLE_CITY)["days_365"] for code in codes] == [1, 1]


def test_a_plan_like_the_newest_is_not_published_again(conn: Connection) -> None:
    _city_with_officers(conn, "AB")
    plan = plans.list_plans(conn)[0]
    with pytest.raises(PublicationRefused, match="The newest plan is as that plan was"):
        publishing.restore(conn, plan.id, since=LATER, decision="", reach=WHOLE_CITY, by="test", now=NOW)


def test_a_draft_starts_from_the_newest_plan_when_that_changed_other_communities(demo: Connection) -> None:
    since, mine, theirs = _two_drafts(demo, same=False)
    now = since - timedelta(hours=1)
    publishing.publish(demo, theirs, since=since, decision="", seen_version=1, reach=WHOLE_CITY, by="t", now=now)
    findings = publishing.inspect(demo, mine, since=since + MONTH, now=now, reach=WHOLE_CITY).findings
    assert [finding.rule for finding in findings if finding.blocks] == ["not_the_newest"]
    assert publishing.rebase(demo, mine, seen_version=1, reach=WHOLE_CITY, by="t") == 2
    outcome = publishing.publish(demo, mine, since=since + MONTH, decision="", seen_version=2, reach=WHOLE_CITY, by="t", now=now)
    assert len(outcome.communities) == 1
    assert demo.execute(text("SELECT count(*) FROM cell_assignment WHERE plan_id = :id"), {"id": mine}).scalar_one() == 44_000


def test_a_draft_does_not_start_from_a_plan_that_changed_the_same_community(demo: Connection) -> None:
    since, mine, theirs = _two_drafts(demo, same=True)
    publishing.publish(
        demo, theirs, since=since, decision="", seen_version=1, reach=WHOLE_CITY, by="t", now=since - timedelta(hours=1)
    )
    with pytest.raises(PublicationRefused, match="both changed community"):
        publishing.rebase(demo, mine, seen_version=1, reach=WHOLE_CITY, by="t")


def test_an_edit_that_was_taken_back_does_not_keep_a_draft_from_the_newest_plan(demo: Connection) -> None:
    since, mine, theirs = _two_drafts(demo, same=True)
    edit = text("""
        INSERT INTO plan_edit (plan_id, seq, kind, request, delta, author)
        SELECT plan_id, n, 'transfer', '{}', jsonb_build_object('cells', jsonb_build_array(jsonb_build_array(cell_id, 0, 0))), 'p'
        FROM draft_assignment, generate_series(1, 2) AS n WHERE plan_id = :id
    """)
    demo.execute(edit, {"id": mine})
    demo.execute(text("DELETE FROM draft_assignment WHERE plan_id = :id"), {"id": mine})
    publishing.publish(
        demo, theirs, since=since, decision="", seen_version=1, reach=WHOLE_CITY, by="t", now=since - timedelta(hours=1)
    )
    assert publishing.rebase(demo, mine, seen_version=1, reach=WHOLE_CITY, by="t") == 2


def _two_drafts(demo: Connection, *, same: bool) -> tuple[datetime, int, int]:
    since = datetime.now(UTC) + timedelta(days=1)
    communities = demo.execute(text("SELECT id FROM area WHERE level = 'community' ORDER BY id LIMIT 2")).scalars().all()
    return since, _a_demo_draft(demo, communities[0]), _a_demo_draft(demo, communities[0 if same else 1])


def _a_demo_draft(demo: Connection, community: int) -> int:
    """A draft that gives one cell of a community to a neighbour of its grid."""
    draft: int = demo.execute(
        text("""
            WITH put AS (
                INSERT INTO plan (parent_id, scope_area_id, name_zh, name_en, state, author)
                SELECT id, scope_area_id, '草案', 'Draft', 'draft', 'test' FROM plan WHERE valid @> now() RETURNING id, parent_id
            ), moved AS (
                INSERT INTO draft_assignment (plan_id, cell_id, grid_key)
                SELECT put.id, a.cell_id, b.grid_id
                FROM put JOIN cell_assignment a ON a.plan_id = put.parent_id JOIN cell one ON one.id = a.cell_id
                JOIN cell other ON other.community_id = one.community_id AND ST_Touches(one.geom, other.geom)
                JOIN cell_assignment b ON b.plan_id = put.parent_id AND b.cell_id = other.id
                WHERE one.community_id = :community AND a.grid_id <> b.grid_id ORDER BY 2, 3 LIMIT 1
            ) SELECT id FROM put
        """),
        {"community": community},
    ).scalar_one()
    return draft


def test_maps_draw_a_change_as_they_would_draw_the_whole_plan_anew(demo: Connection) -> None:
    community = demo.execute(text("SELECT id FROM area WHERE level = 'community' ORDER BY id LIMIT 1")).scalar_one()
    draft = _a_demo_draft(demo, community)
    now = datetime.now(UTC)
    publishing.publish(demo, draft, since=now, decision="", seen_version=1, reach=WHOLE_CITY, by="t", now=now)
    drawn = text("SELECT band, code, encode(ST_AsBinary(geom), 'hex') AS shape FROM map_shape WHERE plan_id = :id ORDER BY 1, 2")
    partly = demo.execute(drawn, {"id": draft}).all()
    demo.execute(text("DELETE FROM map_shape WHERE plan_id = :id"), {"id": draft})
    plans._draw(demo, draft, _ground_m(demo, draft), metric_srid=4547)
    assert len(partly) == 4 * 2958
    assert partly == demo.execute(drawn, {"id": draft}).all()


def _ground_m(demo: Connection, plan_id: int):
    import shapely

    from gis.rules.zones import project

    rows = demo.execute(text("SELECT ST_AsBinary(geom) AS g FROM grid_version WHERE plan_id = :id ORDER BY id"), {"id": plan_id})
    return project(shapely.from_wkb([bytes(row.g) for row in rows]), to=4547)


letters = st.text("ABC", min_size=4, max_size=4)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(letters, min_size=2, max_size=2).map("\n".join), st.lists(letters, min_size=2, max_size=2).map("\n".join))
def test_ground_and_residents_are_conserved_by_publishing_and_by_publishing_the_plan_before_again(
    conn: Connection, before: str, after: str
) -> None:
    with conn.begin_nested() as savepoint:
        found_city(conn, before)
        first, codes = publish(conn, before)
        names = dict(zip(sorted(set(before) - {"\n"}), codes, strict=True))
        names = {letter: code for letter, code in names.items() if letter in after}
        draft = a_draft(conn, after, names=names)
        if publishing.inspect(conn, draft, since=LATER, now=NOW, reach=WHOLE_CITY).blocked:
            savepoint.rollback()
            return
        _publish(conn, draft)
        publishing.restore(conn, first.id, since=LATER + MONTH, decision="", reach=WHOLE_CITY, by="test", now=NOW)
        sums = [tuple(conn.execute(text(SUMS), {"at": at}).one()) for at in (SINCE, LATER, LATER + MONTH)]
        again = _grids(conn, LATER + MONTH)
        shares = conn.execute(text(SHARES)).all()
        lives = _grids(conn, SINCE)
        savepoint.rollback()
    assert sums[1] == pytest.approx(sums[0], rel=1e-9)
    assert sums[2] == pytest.approx(sums[0], rel=1e-9)
    assert again == lives
    assert all(share <= 1 + 1e-9 for row in shares for share in row)


SUMS = """
    SELECT sum(area_m2), sum(population), sum(households), sum(cells) FROM grid_version WHERE valid @> CAST(:at AS timestamptz)
"""
SHARES = "SELECT sum(area_fraction), sum(workload_fraction) FROM lineage GROUP BY plan_id, from_grid_id"
