"""Where to build next, as the worker searches: every aim on a small town, stopped, failed, and taken up as a scenario."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from gis import scenarios, sitings, upkeep
from gis.coverage_records import ReachQuestion, Siting, SitingWish
from gis.errors import BadQuestion, StaleEdit
from server.cluster import Cluster
from server.siting_runs import SitingRunner
from tests.builders import create_database, found_city, publish
from tests.builders_of_coverage import CELL_WIDTH_M, a_facility, at, lay_streets, open_facilities

WALK = ReachQuestion(kinds=("park",), method="walk", minutes=None, metres=1_100.0)
RADIUS = replace(WALK, method="radius")


@pytest.fixture(scope="module")
def engine(cluster: Cluster, empty_url: str) -> Iterator[Engine]:
    """A town of eight cells in a row, 100 residents each, with a street along it and a park in the first."""
    made = upkeep.open_database(create_database(cluster, "siting_runs", template="wangge"))
    with made.begin() as conn:
        found_city(conn, "AABBCCDD")
        publish(conn, "AABBCCDD")
        open_facilities(conn, a_facility("park", (0.5, 0.5)))
        lay_streets(conn, [(0.5, 0.5), (7.5, 0.5)])
    yield made
    made.dispose()


def searched(engine: Engine, folder: Path, wish: SitingWish, *, question: ReachQuestion = WALK) -> Siting:
    with engine.begin() as conn:
        asked = sitings.ask(conn, question=question, wish=wish, by="planner")
    SitingRunner(engine, folder).run(asked.id)
    with engine.connect() as conn:
        return sitings.get(conn, asked.id)


def columns(siting: Siting) -> list[int]:
    """The cells of the drawing in which the sites lie, from the west."""
    assert siting.outcome is not None
    return sorted(round((site["lon"] - at(0.5, 0.5)[0]) * 100) for site in siting.outcome["sites"])


@pytest.mark.parametrize("question", [WALK, RADIUS])
def test_two_more_parks_cover_all_that_two_can(engine: Engine, tmp_path: Path, question: ReachQuestion) -> None:
    found = searched(engine, tmp_path, SitingWish("most", sites=2), question=question)
    assert (found.state, found.problem, found.done) == ("done", None, 100)
    outcome = found.outcome
    assert outcome is not None
    assert (outcome["value"], outcome["bound"], outcome["gap"], outcome["proven"]) == (800, 800, 0, True)
    assert (outcome["solver"], outcome["unit"], outcome["note"]) == ("HiGHS", "residents", None)
    assert columns(found) == [3, 6]
    assert [site["gained_residents"] for site in outcome["sites"]] == [300, 300]
    assert (outcome["before"]["covered_residents"], outcome["after"]["covered_residents"]) == (200, 800)


def test_the_other_aims_are_answered_with_their_proof(engine: Engine, tmp_path: Path) -> None:
    fewest = searched(engine, tmp_path, SitingWish("everyone", sites=None), question=RADIUS)
    assert fewest.outcome is not None and (fewest.outcome["value"], fewest.outcome["unit"]) == (2, "sites")
    walking = searched(engine, tmp_path, SitingWish("least_walking", sites=1))
    assert walking.outcome is not None and columns(walking) == [5]
    # with a park in the sixth: 0 1 2 2 1 0 1 2 cells to the nearest
    assert walking.outcome["value"] == pytest.approx(900 * CELL_WIDTH_M, rel=1e-2) and walking.outcome["proven"]
    fair = searched(engine, tmp_path, SitingWish("fairest", sites=1))
    assert fair.outcome is not None and fair.outcome["value"] == pytest.approx(2 * CELL_WIDTH_M, rel=1e-2)
    assert fair.outcome["proven"] and columns(fair) == [5]


def test_costs_a_budget_and_room_are_kept_to(engine: Engine, tmp_path: Path) -> None:
    places = [at(column + 0.5, 0.5) for column in (3, 6)]
    dear = SitingWish("most", sites=None, budget=5.0, candidates=places, costs=[9.0, 4.0])
    assert columns(searched(engine, tmp_path, dear)) == [6]
    small = searched(engine, tmp_path, SitingWish("most", sites=2, candidates=places, capacity=120))
    assert small.outcome is not None and small.outcome["value"] == 200 + 2 * 120


def test_whom_no_candidate_reaches_is_said(engine: Engine, tmp_path: Path) -> None:
    found = searched(engine, tmp_path, SitingWish("everyone", sites=None, candidates=[at(3.5, 0.5)]))
    assert found.outcome is not None
    assert (found.outcome["value"], found.outcome["notes"][0]["code"]) == (1, "out_of_reach")
    assert found.outcome["notes"][0]["residents"] == 300 and "300 residents (3 cells)" in found.outcome["note"]["en"]


def test_the_first_of_a_kind_are_found_a_place_too(engine: Engine, tmp_path: Path) -> None:
    found = searched(engine, tmp_path, SitingWish("most", sites=1), question=replace(RADIUS, kinds=("clinic",)))
    assert found.outcome is not None
    assert (found.outcome["value"], found.outcome["before"]["covered_residents"]) == (300, 0)


def test_a_wish_that_cannot_be_is_refused_by_its_field(engine: Engine) -> None:
    refused = {
        "sites": SitingWish("most", sites=3, candidates=[at(1.5, 0.5)]),
        "budget": SitingWish("most", sites=None, budget=1.0, candidates=[at(1.5, 0.5)], costs=[2.0]),
        "candidates.1": SitingWish("most", sites=1, candidates=[at(1.5, 0.5), (116.4, 39.9)]),
        "costs": SitingWish("most", sites=1, candidates=[at(1.5, 0.5)], costs=[1.0, 2.0]),
        "capacity": SitingWish("fairest", sites=1, capacity=10),
    }
    for field, wish in refused.items():
        with engine.begin() as conn, pytest.raises(BadQuestion) as refusal:
            sitings.ask(conn, question=WALK, wish=wish, by="planner")
        assert [each["field"] for each in refusal.value.facts["errors"]] == [field]


def test_a_search_that_is_stopped_gives_its_best_so_far(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as conn:
        waiting = sitings.ask(conn, question=WALK, wish=SitingWish("most", sites=1), by="planner")
        assert sitings.ask_stop(conn, waiting.id, by="planner").state == "stopped"
        asked = sitings.ask(conn, question=RADIUS, wish=SitingWish("least_walking", sites=1), by="planner")
        conn.execute(text("UPDATE siting SET stop_asked = true WHERE id = :id"), {"id": asked.id})  # asked after it began
    SitingRunner(engine, tmp_path).run(asked.id)
    with engine.connect() as conn:
        found = sitings.get(conn, asked.id)
    assert found.state == "stopped" and found.outcome is not None and len(found.outcome["sites"]) == 1


def test_a_search_whose_process_died_is_given_up(engine: Engine) -> None:
    with engine.begin() as conn:
        asked = sitings.ask(conn, question=WALK, wish=SitingWish("most", sites=1), by="planner")
        sitings.advance(conn, asked.id, done=40)
        sitings.give_up_orphans(conn)
        assert sitings.get(conn, asked.id).state == "failed"


def test_sites_are_kept_as_a_scenario_that_grows_old_with_the_city(engine: Engine, tmp_path: Path) -> None:
    found = searched(engine, tmp_path, SitingWish("most", sites=2))
    with engine.connect() as conn:
        kept = scenarios.save_sites(conn, name="Two more", siting_id=found.id, folder=tmp_path, by="planner")
        assert [change["what"] for change in kept.changes] == ["open", "open"]
        assert kept.outcome["after"] == found.outcome["after"] and scenarios.is_current(conn, kept)  # type: ignore[index]
        other = scenarios.change(
            conn, kept.id, name="None", question=WALK, changes=[], seen_version=kept.version, folder=tmp_path, by="planner"
        )
        assert (other.version, other.outcome["gained_residents"]) == (2, 0)
        with pytest.raises(StaleEdit):
            scenarios.remove(conn, kept.id, seen_version=1, by="planner")
        conn.execute(text("UPDATE cell SET population = population + 1"))
        assert not scenarios.is_current(conn, other)
        scenarios.remove(conn, kept.id, seen_version=2, by="planner")
        assert scenarios.find(conn) == []
