"""From an uneven town to a plan in force, in a real Chromium: the machine proposes, the planner takes, checks, publishes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hearing import Heard
from tests.browser.test_studio import DESKTOP, IDLE, TOWN, choose, new_draft, show

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
def heard(page: Page) -> Heard:
    return Heard(page)


@pytest.fixture
def studio(page: Page, base_url: str, heard: Heard) -> Iterator[Page]:
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    show(page, base_url, new_draft(page, base_url, TOWN))
    yield page
    assert heard.errors == []


def propose(page: Page) -> None:
    page.click("#tab-proposals")
    page.click("#panel-proposals [type=submit]")
    page.wait_for_selector(".proposal-actions", timeout=90_000)  # the first search of a server compiles its kernels


def unevenness(page: Page) -> float:
    found: float = page.evaluate("wangge.studio.draft.plan.summary.variation_mean")
    return found


def test_a_town_is_balanced_and_the_planner_takes_some_then_all(studio: Page) -> None:
    propose(studio)
    before = unevenness(studio)
    first = studio.locator(".proposal-table tbody tr").first
    first.locator(".btn-link").click()
    studio.wait_for_function("wangge.studio.proposals.moves.size === 1")
    first.locator("input").check()
    studio.click(".proposal-actions button >> nth=1")
    expect(first.locator("input")).to_have_count(0)
    some = unevenness(studio)
    assert some < before
    studio.click(".proposal-actions button >> nth=0")
    expect(studio.locator("#panel-proposals .done")).to_be_visible(timeout=15_000)
    assert unevenness(studio) < before * 0.4
    studio.keyboard.press("Control+z")
    studio.wait_for_function(f"Math.abs(wangge.studio.draft.plan.summary.variation_mean - {some}) < 1e-9 && {IDLE}")


def test_how_many_grids_the_hours_ask_for_is_said_before_it_is_asked(studio: Page) -> None:
    studio.click("#tab-proposals")
    studio.check("input[name=mode][value=change_k]")
    expect(studio.locator(".proposal-form .hint").first).to_contain_text("143")


def test_a_barrier_is_drawn_and_taken_away(studio: Page) -> None:
    studio.click("#tab-proposals")
    studio.click(".barrier-line button")
    frame = studio.locator(".folium-map").bounding_box()
    assert frame is not None
    studio.mouse.click(frame["x"] + 300, frame["y"] + 200)
    studio.mouse.dblclick(frame["x"] + 500, frame["y"] + 400)
    expect(studio.locator(".barriers li")).to_have_count(1)
    studio.click(".barriers li button")
    expect(studio.locator(".barriers li")).to_have_count(0)


def test_what_is_far_from_the_mean_is_listed_and_gone_to(studio: Page) -> None:
    studio.click("#tab-findings")
    finding = studio.locator(".finding").first
    finding.click()
    studio.wait_for_function("wangge.studio.selection.keys.length === 1")
    studio.select_option("#threshold", "50")
    expect(studio.locator(".finding-list:not([aria-busy])")).to_be_visible()


def test_the_history_says_who_did_what(studio: Page) -> None:
    choose(studio)
    studio.keyboard.press("k")
    studio.wait_for_function("wangge.studio.draft.version === 2")
    studio.click("#tab-history")
    expect(studio.locator(".history li")).to_have_count(1)
    expect(studio.locator(".history li")).to_contain_text("planner")
    answer = studio.request.get(f"{studio.url.replace('/plans/', '/api/v1/plans/')}/edits?after=0&steps_only=true")
    assert set(answer.json()) == {"version", "steps"}


def test_a_table_of_cells_goes_out_and_comes_in_again(studio: Page) -> None:
    choose(studio)
    address = studio.get_attribute("a[href$='equivalency.csv']", "href")
    table = studio.evaluate("async (address) => (await fetch(address)).text()", address)
    studio.evaluate("document.querySelector('[data-act=file-in]').click()")
    studio.set_input_files("#file-dialog [type=file]", {"name": "cells.csv", "mimeType": "text/csv", "buffer": table.encode()})
    studio.click("#file-dialog [type=submit]")
    expect(studio.locator(".file-told")).not_to_be_empty()


def test_a_plan_is_published_after_its_checks(studio: Page, base_url: str) -> None:
    propose(studio)
    studio.locator(".proposal-table tbody input").first.check()
    studio.click(".proposal-actions button >> nth=1")
    studio.wait_for_function(f"wangge.studio.draft.version === 2 && {IDLE}")
    studio.click("[data-act=publish] >> visible=true")
    expect(studio.locator(".publish-checks .is-good")).to_have_count(5)
    expect(studio.locator("#publish [type=submit]")).to_be_enabled()
