"""The overview as people use it, in a real Chromium against the real server."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hearing import Heard

MEASURES = ["population", "density", "staff", "incidents", "area"]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}


@pytest.fixture
def heard(page: Page) -> Heard:
    return Heard(page)


@pytest.fixture
def overview(page: Page, base_url: str, heard: Heard) -> Iterator[Page]:
    """The overview, drawn; afterwards nothing may have gone wrong or outside."""
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    show(page, base_url)
    yield page
    assert heard.errors == []
    hosts = {urlsplit(address).netloc for address in heard.addresses if address.startswith("http")}
    assert {urlsplit(base_url).netloc} == hosts


def show(page: Page, base_url: str, fragment: str = "") -> None:
    page.goto("about:blank")
    page.goto(f"{base_url}/{fragment}")
    wait_until_drawn(page)


def wait_until_drawn(page: Page) -> None:
    page.wait_for_function(
        """() => {
            const { division, overview } = window.wangge ?? {};
            return overview?.figures && overview.figures.level === overview.shownLevel && !division.isLoading()
              && !overview.map._animatingZoom;
        }"""
    )


def ask(page: Page, base_url: str, path: str) -> Any:
    return page.request.get(f"{base_url}/api/v1{path}").json()


def a_grid(page: Page, base_url: str) -> Any:
    code = ask(page, base_url, "/labels?level=grid")["labels"][0]["code"]
    return ask(page, base_url, f"/grids/{code}")


def show_grid(page: Page, base_url: str, grid: Any, zoom: int = 15) -> None:
    lon, lat = grid["center"]
    show(page, base_url, f"#{zoom}/{lat}/{lon}")


def colour_in_the_middle(page: Page) -> list[int]:
    """The colour that the tile's canvas shows in the middle of the map."""
    colour: list[int] = page.evaluate(
        """() => {
            const { map, division } = window.wangge;
            const [record, point] = division._recordAt(map.getCenter());
            const at = point.multiplyBy(record.ratio).floor();
            return [...record.canvas.getContext("2d").getImageData(at.x, at.y, 1, 1).data];
        }"""
    )
    return colour


def test_the_whole_city_is_drawn_and_named(overview: Page) -> None:
    assert overview.evaluate("wangge.division._records.size") > 0
    labels = overview.locator("canvas.map-labels")
    expect(labels).to_have_attribute("data-levels", "town")
    expect(labels).not_to_have_attribute("data-count", "0")
    expect(overview.locator("#legend")).to_have_attribute("data-level", "town")


@pytest.mark.parametrize("measure", MEASURES)
def test_a_measure_changes_the_legend_and_the_address(overview: Page, measure: str) -> None:
    overview.check(f"input[name=measure][value={measure}]", force=True)
    legend = overview.locator("#legend")
    expect(legend).to_have_attribute("data-measure", measure)
    assert legend.locator("button.legend-row").count() >= 1
    expect(overview).to_have_url(re.compile(f"measure={measure}"))


def test_a_measure_recolours_without_asking_for_tiles_again(overview: Page, base_url: str, heard: Heard) -> None:
    show_grid(overview, base_url, a_grid(overview, base_url))
    before = colour_in_the_middle(overview)
    heard.addresses.clear()
    overview.check("input[name=measure][value=incidents]", force=True)
    expect(overview.locator("#legend")).to_have_attribute("data-measure", "incidents")
    overview.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert before != colour_in_the_middle(overview)
    assert [address for address in heard.addresses if "/tiles/" in address] == []


@pytest.mark.parametrize(("zoom", "level"), [(10, "town"), (11, "community"), (13, "grid")])
def test_the_level_follows_the_zoom(overview: Page, base_url: str, zoom: int, level: str) -> None:
    show_grid(overview, base_url, a_grid(overview, base_url), zoom=zoom)
    expect(overview.locator("#legend")).to_have_attribute("data-level", level)


@pytest.mark.parametrize(("zoom", "levels"), [(10, "town"), (13, "community"), (15, "community grid")])
def test_names_follow_the_zoom(overview: Page, base_url: str, zoom: int, levels: str) -> None:
    show_grid(overview, base_url, a_grid(overview, base_url), zoom=zoom)
    expect(overview.locator("canvas.map-labels")).to_have_attribute("data-levels", levels)


def test_a_chosen_level_stays_whatever_the_zoom(overview: Page) -> None:
    overview.check("input[name=level][value=grid]", force=True)
    expect(overview.locator("#legend")).to_have_attribute("data-level", "grid")
    overview.click("#zoom-in")
    wait_until_drawn(overview)
    expect(overview.locator("#legend")).to_have_attribute("data-level", "grid")


def test_the_legend_counts_every_unit_once(overview: Page, base_url: str) -> None:
    counts = [int(text.replace(",", "")) for text in overview.locator("#legend .legend-row .count").all_inner_texts()]
    assert ask(overview, base_url, "/city")["counts"]["towns"] == sum(counts)


def test_a_class_can_be_picked_out_and_let_go(overview: Page) -> None:
    row = overview.locator("#legend button.legend-row").first
    row.click()
    expect(row).to_have_attribute("aria-pressed", "true")
    row.click()
    expect(row).to_have_attribute("aria-pressed", "false")


def test_a_click_on_a_grid_opens_that_grid(overview: Page, base_url: str) -> None:
    grid = a_grid(overview, base_url)
    show_grid(overview, base_url, grid)
    overview.mouse.click(DESKTOP["width"] / 2, 48 + (DESKTOP["height"] - 48 - 26) / 2)
    expect(overview.locator("#detail")).to_have_attribute("data-unit", f"grid:{grid['code']}")
    expect(overview.locator("#detail .panel-body")).to_contain_text(grid["code"])
    expect(overview).to_have_url(re.compile(f"unit=grid:{grid['code']}"))


def test_every_point_hits_the_grid_that_the_server_names(overview: Page, base_url: str) -> None:
    grid = a_grid(overview, base_url)
    show_grid(overview, base_url, grid, zoom=14)
    points = overview.evaluate(
        """() => {
            const { map, division } = window.wangge;
            const { x, y } = map.getSize();
            return [0.35, 0.5, 0.65, 0.8].flatMap((i) => [0.2, 0.5, 0.8].map((j) => {
                const { lng, lat } = map.containerPointToLatLng([x * i, y * j]);
                return { lon: lng, lat, code: division.unitAt({ lng, lat }, "grid")?.code ?? null };
            }));
        }"""
    )
    token = overview.locator("meta[name=csrf-token]").get_attribute("content") or ""
    for point in points:
        answer = overview.request.post(
            f"{base_url}/api/v1/locate",
            data={"lon": point["lon"], "lat": point["lat"], "datum": "cgcs2000"},
            headers={"X-CSRFToken": token},
        ).json()["results"][0]
        assert point["code"] == (answer["grid"] or {}).get("code")


def test_pointing_names_the_unit_and_its_figure(overview: Page, base_url: str) -> None:
    show_grid(overview, base_url, a_grid(overview, base_url))
    overview.mouse.move(700, 440)
    overview.mouse.move(DESKTOP["width"] / 2, 48 + (DESKTOP["height"] - 48 - 26) / 2)
    expect(overview.locator("#map-tooltip strong")).not_to_be_empty()
    expect(overview.locator("#map-tooltip span")).to_contain_text(re.compile(r"\d"))
    expect(overview.locator("#map-status-place")).to_contain_text(re.compile(r"1\d\d\.\d{5}, \d\d\.\d{5}"))


def test_search_finds_a_town(overview: Page, base_url: str) -> None:
    town = ask(overview, base_url, "/labels?level=town")["labels"][0]
    find(overview, town["zh"])
    expect(overview.locator("#detail")).to_have_attribute("data-unit", f"area:{town['code']}")


def test_search_finds_a_grid_by_its_code(overview: Page, base_url: str) -> None:
    grid = a_grid(overview, base_url)
    find(overview, grid["code"])
    expect(overview.locator("#detail")).to_have_attribute("data-unit", f"grid:{grid['code']}")
    expect(overview.locator("#legend")).to_have_attribute("data-level", "grid")


def test_search_finds_a_facility(overview: Page, base_url: str) -> None:
    facility = ask(overview, base_url, "/facilities/1")
    overview.fill("#search-input", facility["name"]["zh"])
    overview.locator("#search-results [data-type=facility]").first.click()
    expect(overview.locator("#detail")).to_have_attribute("data-unit", re.compile("facility:"))
    expect(overview.locator(".place-marker")).to_be_visible()


def test_typed_coordinates_open_the_grid_they_lie_in(overview: Page, base_url: str) -> None:
    grid = a_grid(overview, base_url)
    lon, lat = grid["center"]
    find(overview, f"{lat:.6f}，{lon:.6f}")
    expect(overview.locator("#detail")).to_have_attribute("data-unit", f"grid:{grid['code']}")
    expect(overview.locator(".place-marker")).to_be_visible()


def test_coordinates_far_away_say_so(overview: Page) -> None:
    find(overview, "100.5, 30.5")
    expect(overview.locator("#detail .state-box")).to_be_visible()


def test_a_search_without_results_says_what_to_try(overview: Page) -> None:
    overview.fill("#search-input", "zzzzqqq")
    expect(overview.locator(".search-note")).to_be_visible()


def find(page: Page, text: str) -> None:
    page.fill("#search-input", text)
    expect(page.locator("#search-results [role=option]").first).to_be_visible()
    page.keyboard.press("Enter")


def test_the_keyboard_reaches_everything(overview: Page, base_url: str) -> None:
    town = ask(overview, base_url, "/labels?level=town")["labels"][0]
    overview.keyboard.press("Tab")
    assert overview.evaluate("document.activeElement.className") == "skip-link"
    overview.keyboard.press("/")
    expect(overview.locator("#search-input")).to_be_focused()
    overview.keyboard.type(town["zh"])
    expect(overview.locator("#search-results [role=option]").first).to_have_attribute("aria-selected", "true")
    expect(overview.locator("#search-input")).to_have_attribute("aria-activedescendant", "search-option-0")
    overview.keyboard.press("Enter")
    expect(overview.locator("#detail")).to_be_visible()
    overview.keyboard.press("Escape")
    expect(overview.locator("#detail")).to_be_hidden()


def test_enter_on_the_map_opens_the_unit_in_the_middle(overview: Page, base_url: str) -> None:
    grid = a_grid(overview, base_url)
    show_grid(overview, base_url, grid)
    overview.focus("#map_overview")
    overview.keyboard.press("Enter")
    expect(overview.locator("#detail")).to_have_attribute("data-unit", f"grid:{grid['code']}")


def test_a_link_opens_the_same_view(overview: Page, base_url: str) -> None:
    grid = a_grid(overview, base_url)
    lon, lat = grid["center"]
    show(overview, base_url, f"#15/{lat}/{lon}&measure=staff&level=community&unit=grid:{grid['code']}")
    expect(overview.locator("#detail")).to_have_attribute("data-unit", f"grid:{grid['code']}")
    expect(overview.locator("#legend")).to_have_attribute("data-measure", "staff")
    expect(overview.locator("#legend")).to_have_attribute("data-level", "community")
    assert overview.evaluate("wangge.map.getZoom()") == 15


@pytest.mark.parametrize(
    "fragment", ["#", "#x", "#14/a/b", "#measure=nothing&level=moon", "#unit=dragon:1", "#99/99/999"]
)
def test_a_broken_link_still_shows_the_map(overview: Page, base_url: str, fragment: str) -> None:
    show(overview, base_url, fragment)
    expect(overview.locator("#legend button.legend-row").first).to_be_visible()


def test_the_language_switch_keeps_the_place(overview: Page, base_url: str) -> None:
    grid = a_grid(overview, base_url)
    show_grid(overview, base_url, grid)
    before = overview.locator("html").get_attribute("lang")
    overview.click(".language-switch")
    wait_until_drawn(overview)
    assert before != overview.locator("html").get_attribute("lang")
    assert overview.evaluate("wangge.map.getZoom()") == 15
    overview.click(".language-switch")
    wait_until_drawn(overview)
    assert before == overview.locator("html").get_attribute("lang")


def test_layers_can_be_shown_and_hidden(overview: Page, base_url: str) -> None:
    show_grid(overview, base_url, a_grid(overview, base_url), zoom=14)
    overview.uncheck("[data-paint=grid-border]")
    assert overview.evaluate("wangge.division._visible.get('grid-border')") is False
    overview.check("#show-facilities")
    overview.wait_for_function("[...wangge.points._records.values()].some((record) => record.spots.length > 0)")
    overview.uncheck("#show-labels")
    expect(overview.locator("canvas.map-labels")).to_have_attribute("data-count", "0")


def test_incidents_of_another_period_are_asked_for(overview: Page, heard: Heard) -> None:
    overview.check("#show-incidents")
    with overview.expect_request(re.compile(r"/tiles/incidents/.*days=365")):
        overview.select_option("#incident-days", "365")


def test_a_failing_answer_is_told_and_can_be_tried_again(page: Page, base_url: str) -> None:
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    problem = '{"type": "about:blank", "title": "Resting", "status": 503, "detail": "Back soon."}'
    page.route(
        "**/api/v1/figures*",
        lambda route: route.fulfill(status=503, content_type="application/problem+json", body=problem),
    )
    page.goto(f"{base_url}/")
    expect(page.locator("#legend [role=alert]")).to_contain_text("Back soon.")
    page.unroute("**/api/v1/figures*")
    page.locator("#legend button").click()
    expect(page.locator("#legend button.legend-row").first).to_be_visible()


def test_failing_tiles_are_told_and_can_be_tried_again(page: Page, base_url: str) -> None:
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.route("**/tiles/**", lambda route: route.fulfill(status=500))
    page.goto(f"{base_url}/")
    expect(page.locator("#toast")).to_be_visible()
    page.unroute("**/tiles/**")
    page.click("#toast-retry")
    page.wait_for_function("[...wangge.division._records.values()].every((record) => record.parts.size > 0)")
    expect(page.locator("#toast")).to_be_hidden()


def test_text_from_the_server_stays_text(page: Page, base_url: str) -> None:
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    evil = '<img src=x onerror="window.broken=1">'
    result = {"type": "area", "level": "town", "code": "1", "name": {"zh": evil, "en": evil}, "context": None}
    page.route("**/api/v1/search*", lambda route: route.fulfill(json={"results": [result]}))
    page.goto(f"{base_url}/")
    wait_until_drawn(page)
    page.fill("#search-input", "x")
    expect(page.locator(".search-name")).to_have_text(evil)
    assert page.evaluate("window.broken") is None


def test_on_a_phone_the_map_fills_the_page_and_cards_are_sheets(page: Page, base_url: str, heard: Heard) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    grid = a_grid(page, base_url)
    show_grid(page, base_url, grid)
    box = page.locator("#map_overview").bounding_box()
    assert box is not None
    assert PHONE["width"] == box["width"]
    assert box["height"] >= 0.9 * PHONE["height"]
    page.click("#card .sheet-handle")
    expect(page.locator("#card")).to_have_attribute("data-height", "half")
    page.click("#card .sheet-handle")
    page.wait_for_function("document.getElementById('card').getBoundingClientRect().height < 200")
    page.mouse.click(PHONE["width"] / 2, 48 + (PHONE["height"] - 48) / 2)
    expect(page.locator("#detail")).to_have_attribute("data-unit", f"grid:{grid['code']}")
    expect(page.locator("#card")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.click(".panel-close")
    expect(page.locator("#card")).to_be_visible()
    assert heard.errors == []


def test_everything_to_press_has_a_name(overview: Page, base_url: str) -> None:
    show(overview, base_url, f"#unit=grid:{a_grid(overview, base_url)['code']}")
    expect(overview.locator("#detail .code-line")).to_be_visible()
    nameless = overview.evaluate(
        """() => [...document.querySelectorAll("button, a, summary, select, input:not([type=hidden])")]
            .filter((each) => !(each.ariaLabel || each.textContent.trim() || each.title || each.labels?.length))
            .map((each) => each.outerHTML)"""
    )
    assert nameless == []
