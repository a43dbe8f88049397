"""The auditor's page of coverage: a real Chromium, a real server, and a worker that counts the audit."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from tests.browser.conftest import Enter

MEASURED_WITHIN_MS = 90_000
COUNTED_WITHIN_MS = 120_000
SHOWN = "window.wangge?.coverage?.answer && document.getElementById('working').hidden && !wangge.division.isLoading()"
MIDDLE = """() => {
    const { map } = wangge.coverage, box = map.map.getContainer().getBoundingClientRect(), size = map.map.getSize();
    const places = map.points.standing.map((one) => ({ id: one.id, ...map.map.latLngToContainerPoint([one.lat, one.lon]) }));
    const far = ({ x, y }) => Math.hypot(x - size.x / 2, y - size.y / 2);
    const { id, x, y } = places.sort((one, other) => far(one) - far(other))[0];
    return { id, x: x + box.left, y: y + box.top };
}"""


@pytest.fixture
def unkept(demo_engine: Engine) -> Iterator[None]:
    """What a test keeps is taken away again."""
    yield
    with demo_engine.begin() as conn:
        for table in ("audit", "scenario", "siting"):
            conn.execute(text(f"DELETE FROM {table}"))


def number(page: Page, selector: str) -> int:
    """A figure as it stands on the page, its sign kept."""
    said = page.locator(selector).inner_text().replace("−", "-")
    return int(re.sub(r"[^\d-]", "", said) or 0)


def reasked(page: Page, selector: str, value: str) -> int:
    """Change a choice of the question and wait for the answer; returns its status."""
    with page.expect_response("**/coverage/reach") as coming:
        page.select_option(selector, value)
    page.wait_for_function(SHOWN)
    return coming.value.status


def ask_more_closely(page: Page) -> None:
    """The hard rule covers fewer, a straight line more; what is closed on Sundays cannot be reached then."""
    centres = number(page, "#big-communities strong")
    assert 100 < centres < 593
    expect(page.locator("#limit-words")).to_contain_text("On foot along the streets, 15 minutes of adults at 4.8 km/h: 1.2 km")
    assert reasked(page, "#rule", "everyone") == 200
    assert number(page, "#big-communities strong") < centres
    assert reasked(page, "#rule", "centre") == 200
    page.click("summary:has-text('Only some of them')")
    assert reasked(page, "#open-day", "7") == 422
    expect(page.locator("#ask-fault")).to_contain_text("593 facilities fit otherwise, but none is known to be open")
    assert reasked(page, "#open-day", "") == 200
    expect(page.locator("#ask-fault")).to_be_hidden()
    assert number(page, "#big-communities strong") == centres


def go_to_the_worst(page: Page) -> None:
    """The table lists the uncovered first; a click moves the map, and the table follows."""
    expect(page.locator(".community-table tbody tr").first.locator(".is-uncovered")).to_be_visible()
    listed = page.evaluate("wangge.coverage.outcome.listed.length")
    page.click(".community-table tbody tr >> nth=0")
    page.wait_for_function(f"wangge.coverage.outcome.listed.length < {listed}")


def drag_a_centre(page: Page) -> None:
    """Who gains and who loses is said while the button is down; kept as a scenario, it comes back the same."""
    page.click("#tab-what-if")
    page.evaluate("void wangge.map.setZoom(14, { animate: false })")
    page.wait_for_function(SHOWN)
    held = page.evaluate(MIDDLE)
    page.mouse.move(held["x"], held["y"])
    page.mouse.down()
    page.mouse.move(held["x"] + 120, held["y"] + 60, steps=6)
    expect(page.locator("#lost strong")).to_have_text(re.compile("−[1-9]"))
    assert page.evaluate("wangge.coverage.whatIf.answer.lost.length") > 0
    page.mouse.move(held["x"] + 200, held["y"] + 110, steps=6)
    page.mouse.up()
    expect(page.locator(f".change-list li[data-facility='{held['id']}']")).to_contain_text("moves")
    page.wait_for_function("!wangge.coverage.whatIf.flying")
    lost, gained = number(page, "#lost strong"), number(page, "#gained strong")
    page.click("#keep-scenario")
    page.fill("#name-value", "One centre elsewhere")
    page.click("#name-yes")
    page.click("#undo-changes")
    expect(page.locator(".what-if-sums")).to_contain_text("Nothing is changed yet.")
    page.click(".scenario-list .btn-link:has-text('One centre elsewhere')")
    page.wait_for_function("wangge.coverage.whatIf.answer && !wangge.coverage.whatIf.flying")
    assert (number(page, "#lost strong"), number(page, "#gained strong")) == (lost, gained)


def find_sites(page: Page) -> None:
    """Three sites, numbered on the map with their proof, taken as a scenario."""
    page.click("#tab-sites")
    page.fill("#how-many", "3")
    page.click("#find-sites")
    expect(page.locator("#siting-facts")).to_contain_text("Solver", timeout=COUNTED_WITHIN_MS)
    expect(page.locator("#siting-facts")).to_contain_text(re.compile("proven best|at most .* from the best"))
    assert page.locator(".site-mark").all_inner_texts() == ["1", "2", "3"]
    page.click("#take-sites")
    page.wait_for_function("wangge.coverage.whatIf.answer?.gained_residents > 0")
    expect(page.locator(".change-list li")).to_have_count(3)


def keep_as_an_audit(page: Page) -> None:
    """Counted by the worker, taken away as PDF, and opened again with the same figures."""
    said = page.locator("#big-residents small").text_content()
    page.click("#keep")
    page.fill("#name-value", "The circle of today")
    page.click("#name-yes")
    audit = page.locator(".audit", has_text="The circle of today")
    expect(audit).to_have_attribute("data-state", "done", timeout=COUNTED_WITHIN_MS)
    with page.expect_download(timeout=COUNTED_WITHIN_MS) as coming:
        audit.locator("[data-file='report.pdf']").click()
    assert coming.value.path().read_bytes().startswith(b"%PDF-")
    audit.locator(".audit-name").click()
    expect(page.locator("#told")).to_contain_text("as it was kept")
    expect(page.locator("#big-residents small")).to_have_text(str(said))


@pytest.mark.usefixtures("worker", "unkept")
def test_an_auditor_asks_drags_a_centre_finds_sites_and_takes_the_audit_away(enter: Enter) -> None:
    page = enter("auditor", path="/language/en?next=/coverage")
    page.wait_for_function(SHOWN, timeout=MEASURED_WITHIN_MS)
    ask_more_closely(page)
    go_to_the_worst(page)
    drag_a_centre(page)
    find_sites(page)
    keep_as_an_audit(page)


def test_the_page_stands_on_a_phone_and_the_matrix_is_walked_through(enter: Enter) -> None:
    page = enter("auditor", path="/language/zh?next=/coverage", viewport={"width": 390, "height": 844}, has_touch=True)
    page.wait_for_function(SHOWN, timeout=MEASURED_WITHIN_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.locator("#ask")).to_be_hidden()
    page.tap("#question-fold")
    expect(page.locator("#ask")).to_be_visible()
    page.tap("#question-fold")
    page.tap("#tab-matrix")
    expect(page.locator(".service-list button")).to_have_count(97, timeout=MEASURED_WITHIN_MS)
    page.fill("#panel-matrix .finder", "高龄")
    page.tap(".service-list button")
    reached = int(page.locator(".service-share").first.inner_text().split()[0])
    assert page.evaluate("wangge.coverage.map.reached.size") == reached > 0
    page.tap("#open-matrix")
    expect(page.locator("#matrix-box canvas")).to_be_visible()
