"""A plan's whole life: drawn, published, looked back at, and put aside for the one before it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, text

from gis import drafts, editing, history, publishing
from gis.draft_records import NewDraft
from gis.plan_records import Patch
from gis.records import Name
from gis.store import patches
from tests.builders import WHOLE_CITY


def _a_community(demo: Connection) -> tuple[str, int]:
    """A community of several grids."""
    row = demo.execute(
        text("""
            SELECT c.code, c.id FROM grid_version v JOIN area c ON c.id = v.community_id WHERE v.valid @> now()
            GROUP BY c.id HAVING count(*) BETWEEN 4 AND 6 ORDER BY c.code LIMIT 1
        """)
    ).one()
    return row.code, row.id


def _patch(demo: Connection, plan: int, community: int) -> Patch:
    head = patches.head(demo, plan)
    assert head is not None
    return patches.patch(demo, head, communities=[community])


def _line_across(patch: Patch, key: int) -> list[list[float]]:
    """A line across a grid that keeps to no cell."""
    ground = shapely.coverage_union_all(patch.shape[patch.of_grid(key)])
    west, south, east, north = shapely.bounds(ground).tolist()
    middle = (south + north) / 2
    return [[west - 0.001, middle], [east + 0.001, middle + 1e-5]]


def _sums(demo: Connection, at: datetime) -> tuple[float, ...]:
    return tuple(
        demo.execute(
            text("SELECT count(*), sum(area_m2), sum(population), sum(households) FROM grid_version WHERE valid @> :at"), {"at": at}
        ).one()
    )


def test_a_split_through_cells_is_published_looked_back_at_and_put_aside(demo: Connection) -> None:
    code, community = _a_community(demo)
    now = datetime.now(UTC)
    since = now + timedelta(days=1)
    before = _sums(demo, now)
    draft = drafts.open_draft(demo, NewDraft(Name("细分", "Split"), (code,)), reach=WHOLE_CITY, by="planner")
    patch = _patch(demo, draft, community)
    key = int(np.unique(patch.grid)[0])
    version = 1
    split = {"kind": "split", "grid": key, "line": _line_across(patch, key), "snap": False}
    version = editing.edit(demo, draft, split, seen_version=version, reach=WHOLE_CITY, by="planner")["version"]
    told = publishing.inspect(demo, draft, since=since, now=now, reach=WHOLE_CITY)
    assert [finding for finding in told.findings if finding.blocks] == []
    assert told.cells_cut > 0
    outcome = publishing.publish(
        demo, draft, since=since, decision="东府〔2026〕12号", seen_version=version, reach=WHOLE_CITY, by="planner", now=now
    )
    after = _sums(demo, since)
    assert after[0] == before[0] + 1
    assert after[1] == pytest.approx(before[1], abs=1)
    assert after[2:] == before[2:]
    new = demo.execute(
        text("SELECT ST_X(label_point) AS lon, ST_Y(label_point) AS lat FROM grid_version v JOIN grid g ON g.id = v.grid_id"
             " WHERE g.code = :code"), {"code": outcome.codes_new[0]},
    ).one()  # fmt: skip
    place = history.of_place(demo, lon=new.lon, lat=new.lat)
    assert [step["code"] for step in place][-1] == outcome.codes_new[0]
    assert (place[-1]["decision"], place[-1]["author"], place[-1]["published_by"]) == ("东府〔2026〕12号", "planner", "planner")
    assert [edit["kind"] for edit in place[-1]["edits"]] == ["split"]
    first = place[-2]["plan"]
    later = since + timedelta(days=1)
    publishing.restore(demo, first, since=later, decision="撤销", reach=WHOLE_CITY, by="planner", now=now)
    assert _sums(demo, later) == pytest.approx(_sums(demo, place[-2]["since"]), rel=1e-9)
    assert [step["code"] for step in history.of_place(demo, lon=new.lon, lat=new.lat)][-1] == place[-2]["code"]


def test_merged_grids_are_published_with_all_their_officers(demo: Connection) -> None:
    code, community = _a_community(demo)
    now = datetime.now(UTC)
    draft = drafts.open_draft(demo, NewDraft(Name("合并", "Merge"), (code,)), reach=WHOLE_CITY, by="planner")
    patch = _patch(demo, draft, community)
    pair = _two_neighbours(patch)
    merged = editing.edit(demo, draft, {"kind": "merge", "grids": pair}, seen_version=1, reach=WHOLE_CITY, by="planner")
    since = now + timedelta(days=1)
    outcome = publishing.publish(
        demo, draft, since=since, decision="x", seen_version=merged["version"], reach=WHOLE_CITY, by="planner", now=now
    )
    assert len(outcome.codes_ended) - len(outcome.codes_new) == 1
    posts = text("SELECT count(*) FROM posting WHERE grid_id IS NOT NULL AND valid @> :at")
    assert demo.execute(posts, {"at": since}).scalar_one() == demo.execute(posts, {"at": now}).scalar_one()


def _two_neighbours(patch: Patch) -> list[int]:
    keys = np.unique(patch.grid)
    ground = {int(key): shapely.coverage_union_all(patch.shape[patch.of_grid(int(key))]) for key in keys}
    first = int(keys[0])
    other = max((key for key in ground if key != first), key=lambda key: shapely.intersection(ground[first], ground[key]).length)
    return [first, other]
