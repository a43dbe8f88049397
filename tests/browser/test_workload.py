"""The planner's page of the workload model, and the staffing of a plan: a real Chromium, a real server."""

import io
from collections.abc import Iterator

import openpyxl
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from tests.browser.hearing import Heard
from tests.browser.test_overview import ask

SHOWN = "window.wangge?.workload?.shown && !wangge.division.isLoading() && !document.querySelector('.outcome[aria-busy=true]')"
PHONE_WIDTH = 390
SAVED_WITHIN_MS = 30_000


@pytest.fixture
def workload(page: Page, base_url: str) -> Iterator[Page]:
    """The page of the model, drawn; afterwards nothing went wrong or outside."""
    heard = Heard(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{base_url}/language/en?next=/plans/workload")
    page.wait_for_function(SHOWN)
    yield page
    assert [error for error in heard.errors if "status of 422" not in error] == []
    assert all(address.startswith((base_url, "data:", "blob:", "about:")) for address in heard.addresses)


@pytest.fixture
def unsaved(demo_engine: Engine) -> Iterator[None]:
    """Versions that a test saves are taken away again."""
    with demo_engine.connect() as conn:
        last = conn.execute(text("SELECT max(id) FROM workload_model")).scalar_one()
    yield
    with demo_engine.begin() as conn:
        conn.execute(text("DELETE FROM workload_model WHERE id > :last"), {"last": last})


def weigh(page: Page, field: str, value: str) -> None:
    """Change a weight and wait for what it comes to."""
    with page.expect_response("**/workload-models/preview"):
        page.fill(f"[data-field='{field}']", value)
    page.wait_for_function(SHOWN)


def test_a_changed_weight_is_seen_on_the_map_in_the_sums_and_in_the_table(workload: Page) -> None:
    before = workload.locator("#sums dd").first.text_content() or ""
    assert "as now" in before
    weigh(workload, "resident_min", "1.2")
    expect(workload.locator("#sums dd").first).to_contain_text("against now")
    workload.click("label:has(input[value=change])")
    expect(workload.locator(".legend-head")).to_contain_text("change against now")
    expect(workload.locator("#grid-rows .change-up").first).to_be_visible()
    expect(workload.locator("#changes")).to_have_text("1 changes, not saved")
    heavier = "(map) => [...map.grids.values()].filter((grid) => map.classes.classOf(grid) >= 4).length"
    assert workload.evaluate(f"({heavier})(wangge.workload.map)") > 50
    with workload.expect_response("**/workload-models/preview"):
        workload.click("#reset")
    expect(workload.locator("#sums dd").first).to_have_text(before)


def test_a_weight_beyond_its_limits_is_marked_and_cannot_be_saved(workload: Page) -> None:
    workload.fill("[data-field='walking_kmh']", "99")
    expect(workload.locator("[data-field='walking_kmh']")).to_have_attribute("aria-invalid", "true")
    expect(workload.locator("#weights-fault")).to_be_visible()
    expect(workload.locator("#save")).to_be_disabled()


def test_the_table_follows_the_map(workload: Page) -> None:
    everything = int(workload.locator("#grid-count").inner_text())
    for _ in range(3):
        workload.click("#zoom-in")
        workload.wait_for_function("!wangge.map._animatingZoom")
    workload.wait_for_function(f"Number(document.getElementById('grid-count').textContent) < {everything}")


def test_a_grid_tells_why_it_has_so_many_hours(workload: Page, base_url: str) -> None:
    code = workload.locator("#grid-rows tr").first.get_attribute("data-code")
    workload.click("#grid-rows .row-open >> nth=0")
    expect(workload.locator("#account .part")).to_have_count(6)
    expect(workload.locator("#account")).to_contain_text("minutes each time")
    assert workload.evaluate("wangge.division._highlights.selected.code") == code
    workload.click("#account .icon-button")
    expect(workload.locator("#grid-rows")).to_be_visible()


@pytest.mark.usefixtures("unsaved")
def test_a_new_version_is_saved_with_its_reason(workload: Page, base_url: str) -> None:
    first = ask(workload, base_url, "/workload-models")["models"][0]
    weigh(workload, "places.factory.standard_min", "55")
    workload.click("summary >> nth=2")
    workload.locator("[data-matter]:visible").first.fill("33")
    workload.click("#save")
    workload.fill("#save-note", "Measured in October")
    workload.click("#save-yes")
    expect(workload.locator("#version-note")).to_contain_text("Measured in October", timeout=SAVED_WITHIN_MS)
    made = ask(workload, base_url, "/workload-models")["models"][0]
    assert (made["version"], made["parent"]) == (first["version"] + 1, first["id"])
    assert made["weights"]["places"]["factory"]["standard_min"] == 55
    assert list(made["weights"]["matters"].values()) == [33]
    assert made["weights"]["resident_min"] == first["weights"]["resident_min"]


def test_the_staffing_of_a_town_is_shown_and_comes_as_a_workbook(page: Page, base_url: str) -> None:
    heard = Heard(page)
    plan = ask(page, base_url, "/city")["plan"]["id"]
    page.goto(f"{base_url}/language/en?next=/plans/{plan}/staffing")
    page.wait_for_function("window.wangge?.staffing")
    moves = page.evaluate("wangge.staffing.summary.moves")
    expect(page.locator("#table-grids tbody tr")).to_have_count(page.evaluate("wangge.staffing.grids.length"))
    page.click("#tab-moves")
    expect(page.locator("#table-moves tbody tr")).to_have_count(moves)
    with page.expect_download() as coming:
        page.click("#workbook")
    book = openpyxl.load_workbook(io.BytesIO(coming.value.path().read_bytes()))
    assert book.worksheets[0].max_row == 1 + moves
    page.select_option("#method", "hamilton")
    page.wait_for_function("wangge.staffing.method === 'hamilton'")
    page.fill("#posts", "3")
    expect(page.locator("#fault")).to_be_visible()
    assert [error for error in heard.errors if "status of 422" not in error] == []


@pytest.mark.parametrize("path", ["/plans/workload", "/plans/{plan}/staffing"])
def test_the_pages_fit_a_phone(page: Page, base_url: str, path: str) -> None:
    page.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
    plan = ask(page, base_url, "/city")["plan"]["id"]
    for language in ("zh", "en"):
        page.goto(f"{base_url}/language/{language}?next={path.format(plan=plan)}")
        page.wait_for_function("window.wangge?.staffing ?? window.wangge?.workload?.shown")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH
