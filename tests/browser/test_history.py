"""Travelling through the plans of the city, in a real browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text

from tests.browser.hearing import Heard
from tests.browser.test_overview import wait_until_drawn

PHONE = {"width": 390, "height": 844}
SHOWN_WITHIN_MS = 20_000


@pytest.fixture
def history(page: Page, base_url: str) -> Iterator[Page]:
    """The page of plans; afterwards nothing went wrong and nothing came from elsewhere."""
    heard = Heard(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{base_url}/language/en?next=/plans/history")
    expect(page.locator("#ticks li")).to_have_count(2, timeout=SHOWN_WITHIN_MS)
    yield page
    assert heard.errors == []
    assert all(address.startswith((base_url, "data:", "blob:", "about:")) for address in heard.addresses)


def _shown(page: Page) -> int:
    found: int = page.evaluate("wangge.history.shown")
    return found


def _plan(page: Page) -> int:
    found: int = page.evaluate("wangge.history.plans[wangge.history.shown].id")
    return found


def test_the_plan_in_force_is_shown_first_with_who_decided(history: Page) -> None:
    expect(history.locator("#plan-name")).to_have_text("Grid plan 2026")
    expect(history.locator("#plan-facts")).to_contain_text("2,958")
    assert _shown(history) == 1


def test_the_slider_and_the_keys_travel_and_the_map_asks_for_the_tiles_of_the_plan(history: Page) -> None:
    history.locator("#when").focus()
    with history.expect_request(re.compile(r"/tiles/grids/\d+/\d+/\d+\.mvt\?plan=")) as asked:
        history.keyboard.press("ArrowLeft")
    assert asked.value.url.endswith(f"plan={_plan(history)}")
    expect(history.locator("#plan-name")).to_have_text("Grid plan 2024")
    expect(history.locator("#earlier")).to_be_visible()
    history.locator("#later").click()
    assert _shown(history) == 1


def test_playing_begins_with_the_first_plan_and_stops_at_the_last(history: Page) -> None:
    history.locator("#play").click()
    expect(history.locator("#play")).to_have_attribute("aria-pressed", "true")
    expect(history.locator("#plan-name")).to_have_text("Grid plan 2024")
    expect(history.locator("#plan-name")).to_have_text("Grid plan 2026", timeout=SHOWN_WITHIN_MS)
    expect(history.locator("#play")).to_have_attribute("aria-pressed", "false", timeout=SHOWN_WITHIN_MS)


def test_a_place_that_was_redrawn_tells_its_grids_and_its_incidents(history: Page, base_url: str) -> None:
    code = history.evaluate("wangge.history.plans[1].changed[0]")
    lon, lat = history.evaluate(
        "async (code) => (await (await fetch(`/api/v1/grids/${code}`)).json()).center", code
    )  # fmt: skip
    history.evaluate("([lon, lat]) => wangge.map.setView([lat, lon], 14, { animate: false })", [lon, lat])
    box = history.locator("#map").bounding_box()
    assert box is not None
    history.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(history.locator("#place-grids button")).to_have_count(2, timeout=SHOWN_WITHIN_MS)
    expect(history.locator("#place-grids button strong").first).to_have_text(code)
    expect(history.locator(".bars li")).to_have_count(24, timeout=SHOWN_WITHIN_MS)
    history.locator("#place-grids button").last.click()
    expect(history.locator("#plan-name")).to_have_text("Grid plan 2024")
    expect(history.locator("#place-grids li").last).to_have_class(re.compile("is-shown"))
    history.keyboard.press("Escape")
    expect(history.locator("#place")).to_be_hidden()


def test_on_a_phone_nothing_lies_beside_the_screen(history: Page) -> None:
    history.set_viewport_size(PHONE)
    history.reload()
    expect(history.locator("#ticks li")).to_have_count(2, timeout=SHOWN_WITHIN_MS)
    assert history.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for name in ("#play", "#earlier", "#later", "#when"):
        box = history.locator(name).bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= PHONE["width"] - box["width"] + 1


def test_an_open_overview_draws_itself_anew_when_the_grids_change(page: Page, base_url: str, demo_engine: Engine) -> None:
    page.goto(f"{base_url}/language/en?next=/%2313/23.02/113.75")
    wait_until_drawn(page)
    page.evaluate("wangge.overview.lookAtPlan()")
    with demo_engine.begin() as conn:
        conn.execute(text("UPDATE grid_version SET cells = cells WHERE false"))  # marks the layer and changes nothing
    with page.expect_request(re.compile("/api/v1/figures")), page.expect_request(re.compile("/tiles/grids/")):
        page.evaluate("wangge.overview.lookAtPlan()")
