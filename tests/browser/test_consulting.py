"""Comparing plans and asking residents, in a real browser."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from gis import consultations
from gis.records import Name, Reach
from tests.builders_of_drafts import a_draft, border_cells

COMMUNITY, TOWN = "441900003001", "441900003"
FIRST_MS = 30_000  # on a busy machine the whole city is compared for the first time
EN = {"name": "language", "value": "en"}


SAME_PLACE = """() => {
    const [one, other] = ["before", "after"].map((side) => wangge.compare.pair.maps[side]);
    return one.getZoom() > 13 && one.getZoom() === other.getZoom() && one.getCenter().distanceTo(other.getCenter()) < 1;
}"""
CLICK_GRID = """(key) => {
    const grid = wangge.compare.pair.layers.after.get(key);
    grid.fire("click", { latlng: grid.getBounds().getCenter() });
}"""
GO_TO_GROUND = """() => {
    const { maps, pair } = wangge.consultation;
    pair.maps.before.setView(L.geoJSON(maps.ground.features[0]).getBounds().getCenter(), 17, { animate: false });
}"""


@pytest.fixture(scope="module")
def drawn(demo_engine: Engine) -> Iterator[tuple[int, int, int]]:
    """The plan in force, a draft of it that moves cells of one community, and the consultation it is put to residents in."""
    today = datetime.now(UTC).date()
    with demo_engine.begin() as conn:
        in_force = conn.execute(text("SELECT id FROM plan WHERE upper_inf(valid)")).scalar_one()
        draft = a_draft(conn, border_cells(conn, COMMUNITY), scope=COMMUNITY)
        asked = consultations.open_for_plan(
            conn, draft, title=Name("岗贝网格调整", "Redrawing Gangbei"), summary=Name("调整", "<i>Some</i> blocks pass."),
            since=today - timedelta(days=2), until=today + timedelta(days=9), needed_fraction=0.5, reach=Reach("441900"),
            by="planner",
        )  # fmt: skip
    yield in_force, draft, asked.id
    with demo_engine.begin() as conn:
        conn.execute(text("DELETE FROM proposal WHERE plan_id = :id"), {"id": draft})
        conn.execute(text("DELETE FROM plan WHERE id = :id"), {"id": draft})


@pytest.fixture
def phone(browser: Browser, base_url: str) -> Iterator[Page]:
    """The phone of a resident who has no log-in, reading English."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    context.add_cookies([{**EN, "url": base_url}])
    yield context.new_page()
    context.close()


@pytest.fixture
def english(page: Page, base_url: str) -> Page:
    page.context.add_cookies([{**EN, "url": base_url}])
    return page


def test_the_maps_and_the_table_of_a_comparison_follow_each_other(
    english: Page, base_url: str, drawn: tuple[int, int, int]
) -> None:
    page, (before, after, _) = english, drawn
    page.goto(f"{base_url}/plans/compare?a={before}&b={after}")
    rows = page.locator("#changes tbody tr:not(.row-detail)")
    expect(page.locator("#name-after")).to_have_text("Draft", timeout=FIRST_MS)
    expect(page.locator("#sentences p").first).to_contain_text("1 community of 1 town")
    changed = rows.count()
    assert changed > 1
    rows.nth(1).locator(".row-open").click()
    expect(page.locator(".row-detail")).to_contain_text("basic units")
    page.wait_for_function(SAME_PLACE)
    key = page.evaluate("() => [...wangge.compare.rows.keys()][0]")
    page.evaluate(CLICK_GRID, key)
    expect(rows.nth(0)).to_have_attribute("aria-selected", "true")
    page.evaluate("() => wangge.compare.pair.maps.before.setView([22.75, 114.05], 15, { animate: false })")
    page.check("#only-here")
    expect(page.locator("#changed-count")).to_have_text(f"0 of {changed}")


def test_one_plan_is_swiped_over_the_other_by_hand_and_by_keys(english: Page, base_url: str, drawn: tuple[int, int, int]) -> None:
    page, (before, after, _) = english, drawn
    page.goto(f"{base_url}/plans/compare?a={before}&b={after}")
    page.get_by_text("Swipe", exact=True).click()
    bar = page.locator("#swipe")
    box, frame = bar.bounding_box(), page.locator("#pair").bounding_box()
    assert box and frame
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.25, box["y"] + 40)
    page.mouse.up()
    expect(bar).to_have_attribute("aria-valuenow", "25")
    bar.press("ArrowRight")
    expect(bar).to_have_attribute("aria-valuenow", "29")


def test_two_plans_that_are_the_same_are_called_so(english: Page, base_url: str, drawn: tuple[int, int, int]) -> None:
    english.goto(f"{base_url}/plans/compare?a={drawn[0]}&b={drawn[0]}")
    expect(english.locator("#found")).to_be_hidden(timeout=FIRST_MS)
    expect(english.locator("#same")).to_contain_text("The two plans are the same.")


def test_a_file_of_a_comparison_is_downloaded(english: Page, base_url: str, drawn: tuple[int, int, int]) -> None:
    english.goto(f"{base_url}/plans/compare?a={drawn[0]}&b={drawn[1]}")
    expect(english.locator("#name-after")).to_have_text("Draft", timeout=FIRST_MS)
    with english.expect_download() as download:
        english.click("#file-xlsx")
    assert download.value.suggested_filename == f"report-{drawn[0]}-{drawn[1]}.xlsx"


def test_a_resident_finds_her_place_on_a_phone_and_speaks_without_log_in(
    phone: Page, base_url: str, drawn: tuple[int, int, int]
) -> None:
    outside: list[str] = []
    phone.on(
        "request", lambda request: outside.append(request.url) if not request.url.startswith((base_url, "data:", "blob:")) else None
    )
    phone.goto(f"{base_url}/consultations")
    phone.get_by_role("link", name="Redrawing Gangbei").click()
    expect(phone.locator("#summary")).to_have_text("<i>Some</i> blocks pass.")
    phone.wait_for_function("() => window.wangge?.consultation.pair.drawn", timeout=FIRST_MS)
    phone.evaluate(GO_TO_GROUND)
    frame = phone.locator("#pair").bounding_box()
    assert frame
    phone.touchscreen.tap(frame["x"] + frame["width"] / 2 - 40, frame["y"] + frame["height"] / 2)
    expect(phone.locator("#my-place")).to_contain_text("Gangbei Community grid")
    expect(phone.locator("#my-place")).to_contain_text("Grid manager: 1")
    phone.get_by_text("I am against it").click()
    phone.fill("#words-said", "Keep our <b>officer</b>.")
    phone.click("#say")
    expect(phone.locator("#said")).to_have_text("Thank you. Your voice is counted.")
    expect(phone.locator(".opinion-words").first).to_have_text("Keep our <b>officer</b>.")
    expect(phone.locator(".support-rate")).to_have_text("0 %")
    phone.get_by_text("I support it").click()
    phone.click("#say")
    expect(phone.locator("#said")).to_have_text("Your earlier voice is changed.")
    expect(phone.locator(".support-rate")).to_have_text("100 %")
    assert phone.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert [url for url in outside if not url.startswith((base_url, "data:", "blob:"))] == []


def test_a_planner_leads_a_consultation_to_its_next_stage(english: Page, base_url: str, drawn: tuple[int, int, int]) -> None:
    english.goto(f"{base_url}/consultations/{drawn[2]}")
    expect(english.locator("#stages [aria-current]")).to_contain_text("Collecting opinions")
    expect(english.locator("#stage option:checked")).to_contain_text("Setting the topic")
    english.fill("#note", "The residents' meeting is on Friday.")
    english.click("#stage-form button")
    expect(english.locator("#stages [aria-current]")).to_contain_text("Setting the topic")
    expect(english.locator("#steps")).to_contain_text("The residents' meeting is on Friday.")
