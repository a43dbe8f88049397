"""The studio as a planner uses it, in a real Chromium against the real server: cells move, grids split, two work at once."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from seed.people import DEMO_PASSWORD
from tests.browser.test_overview import Heard

TOWN = "441900003"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
OPEN = "window.wangge?.studio?.isOpen"
IDLE = "wangge.studio.draft.pendingEdits === 0"
# Where a point of the studio's plane lies on the page.
PLACE = """(point) => {
    const { ground, map } = wangge.studio;
    const [lon, lat] = ground.lonLat(point);
    const at = map.latLngToContainerPoint([lat, lon]);
    const frame = map.getContainer().getBoundingClientRect();
    return [frame.left + at.x, frame.top + at.y];
}"""
# Cells of other grids by their distance from the chosen one, the nearest first.
AROUND = """() => {
    const { draft, selection } = wangge.studio;
    const cells = [...draft.cells.of.get(selection.community)];
    const own = cells.filter((cell) => cell.grid === selection.first);
    const away = (cell) => Math.min(...own.map(({ room }) => Math.hypot(room[0] - cell.room[0], room[1] - cell.room[1])));
    return cells.filter((cell) => cell.grid !== selection.first)
        .map((cell) => ({ id: cell.id, grid: cell.grid, room: cell.room, away: away(cell) })).sort((a, b) => a.away - b.away);
}"""


@pytest.fixture
def heard(page: Page) -> Heard:
    return Heard(page)


@pytest.fixture
def studio(page: Page, base_url: str, heard: Heard) -> Iterator[Page]:
    """A new draft of a town, open; afterwards nothing may have gone wrong but what was refused."""
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    show(page, base_url, new_draft(page, base_url, TOWN))
    yield page
    assert [error for error in heard.errors if "422" not in error and "409" not in error] == []


def new_draft(page: Page, base_url: str, scope: str) -> int:
    page.goto(f"{base_url}/plans")
    made = page.evaluate(
        """async (scope) => {
            const { post } = await import("/static/js/api.js");
            return post("/plans", { name: { zh: "试改", en: "Trial" }, scope: [scope] });
        }""",
        scope,
    )
    number: int = made["id"]
    return number


def show(page: Page, base_url: str, plan: int) -> None:
    page.goto(f"{base_url}/plans/{plan}")
    page.wait_for_function(OPEN)


def choose(page: Page, nth: int = 1) -> int:
    """Choose one of the most overloaded grids from the list, as a planner does; its cells are there afterwards."""
    page.click(f".worst-row >> nth={nth}")
    page.wait_for_function("wangge.studio.draft.cells.has(wangge.studio.selection.community) && !wangge.map._animatingZoom")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    key: int = page.evaluate("wangge.studio.selection.first")
    return key


def see_whole_community(page: Page) -> None:
    page.evaluate(
        """() => {
            const { desk, draft, selection } = wangge.studio;
            desk.zoomTo(draft.communities.get(selection.community), { animate: false });
        }"""
    )


def place(page: Page, point: list[float]) -> tuple[float, float]:
    x, y = page.evaluate(PLACE, point)
    return x, y


def around(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(AROUND)
    return found


def grid_of(page: Page, cell: int) -> int:
    key: int = page.evaluate(f"wangge.studio.draft.cells.all.get({cell}).grid")
    return key


def wait_for_version(page: Page, version: int) -> None:
    page.wait_for_function(f"wangge.studio.draft.version === {version} && {IDLE}")


def drag(page: Page, points: list[tuple[float, float]]) -> None:
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=4)
    page.mouse.up()


def box_of_chosen(page: Page) -> tuple[float, float, float, float]:
    left, top, right, bottom = page.evaluate("wangge.studio.selection.grid.shape.box")
    return (*place(page, [left, top]), *place(page, [right, bottom]))


def test_a_draft_is_opened_from_the_list_of_plans(page: Page, base_url: str, heard: Heard) -> None:
    page.goto(f"{base_url}/plans")
    expect(page.locator("[data-state=published] h3")).to_be_visible()
    page.click("#new-draft")
    page.fill("#d-zh", "东城调整")
    page.fill("#d-area-input", "东城街道")
    page.wait_for_selector("#d-area-list [role=option]:has-text('东城街道')")
    page.keyboard.press("Enter")
    expect(page.locator("#scope-chips li")).to_have_attribute("data-code", TOWN)
    page.click("#draft-save")
    page.wait_for_function(OPEN)
    expect(page.locator("#plan-name")).to_have_text("东城调整")
    assert page.evaluate("wangge.studio.draft.grids.size") > 100
    assert heard.errors == []


def test_a_click_moves_a_cell_and_it_can_be_undone_and_done_again(studio: Page) -> None:
    key = choose(studio)
    studio.keyboard.press("b")
    cell = around(studio)[0]
    before = studio.evaluate(f"wangge.studio.draft.of({key}).properties.hours")
    studio.mouse.click(*place(studio, cell["room"]))
    wait_for_version(studio, 2)
    assert grid_of(studio, cell["id"]) == key
    assert studio.evaluate(f"wangge.studio.draft.of({key}).properties.hours") > before
    expect(studio.locator(f"[data-bar='{key}'] .bar-value")).not_to_be_empty()
    studio.keyboard.press("Control+z")
    wait_for_version(studio, 3)
    assert grid_of(studio, cell["id"]) == cell["grid"]
    assert studio.evaluate(f"wangge.studio.draft.of({key}).properties.hours") == pytest.approx(before)
    studio.keyboard.press("Control+y")
    wait_for_version(studio, 4)
    assert grid_of(studio, cell["id"]) == key


def test_the_brush_shows_what_it_does_before_it_is_lifted(studio: Page) -> None:
    key = choose(studio)
    studio.keyboard.press("b")
    studio.keyboard.press("]")
    expect(studio.locator("#brush-words")).to_contain_text("30")
    first, second = around(studio)[:2]
    studio.mouse.move(*place(studio, first["room"]))
    studio.mouse.down()
    studio.mouse.move(*place(studio, second["room"]), steps=6)
    expect(studio.locator(f"[data-bar='{key}']")).to_have_class("grid-bar is-guess")
    guess = studio.locator(f"[data-bar='{key}'] .bar-value").inner_text()
    studio.mouse.up()
    wait_for_version(studio, 2)
    assert {grid_of(studio, first["id"]), grid_of(studio, second["id"])} == {key}
    expect(studio.locator(f"[data-bar='{key}']")).to_have_class("grid-bar")
    assert guess != ""


def test_a_lasso_takes_the_cells_inside(studio: Page) -> None:
    key = choose(studio)
    studio.keyboard.press("l")
    cell = around(studio)[0]
    x, y = place(studio, cell["room"])
    drag(studio, [(x - 9, y - 9), (x + 9, y - 9), (x + 9, y + 9), (x - 9, y + 9), (x - 9, y - 8)])
    wait_for_version(studio, 2)
    assert grid_of(studio, cell["id"]) == key


def test_a_drawn_line_splits_a_grid_along_its_cells(studio: Page) -> None:
    key = choose(studio)
    grids = studio.evaluate("wangge.studio.draft.grids.size")
    left, top, right, bottom = box_of_chosen(studio)
    studio.keyboard.press("s")
    studio.mouse.click(left - 12, (top + bottom) / 2)
    studio.mouse.dblclick(right + 12, (top + bottom) / 2)
    wait_for_version(studio, 2)
    assert studio.evaluate("wangge.studio.draft.grids.size") == grids + 1
    community = "wangge.studio.draft.of({}).properties.community"
    assert studio.evaluate(community.format(-1)) == studio.evaluate(community.format(key))
    expect(studio.locator("#told")).to_be_visible()


def test_without_snapping_a_line_cuts_cells_and_says_so(studio: Page) -> None:
    choose(studio)
    left, top, right, bottom = box_of_chosen(studio)
    studio.keyboard.press("s")
    studio.keyboard.press("n")
    studio.mouse.click(left - 12, (top + bottom) / 2)
    studio.mouse.click(right + 12, (top + bottom) / 2)
    studio.keyboard.press("Enter")
    wait_for_version(studio, 2)
    assert studio.evaluate("wangge.studio.draft.plan.summary.cells_cut") > 0
    expect(studio.locator("#told")).to_contain_text("切分了")
    studio.keyboard.press("Control+z")
    wait_for_version(studio, 3)
    assert studio.evaluate("wangge.studio.draft.plan.summary.cells_cut") == 0


def test_what_would_not_touch_the_grid_is_refused_at_its_place(studio: Page) -> None:
    choose(studio)
    see_whole_community(studio)
    studio.keyboard.press("b")
    studio.mouse.click(*place(studio, around(studio)[-1]["room"]))
    expect(studio.locator("#refusal")).to_be_visible()
    assert studio.evaluate("wangge.studio.refusal.findings[0].lon") is not None
    assert studio.evaluate("wangge.studio.draft.version") == 1
    studio.keyboard.press("Escape")
    expect(studio.locator("#refusal")).to_be_hidden()


def test_a_locked_grid_gives_nothing_away(studio: Page) -> None:
    choose(studio)
    studio.keyboard.press("k")
    wait_for_version(studio, 2)
    expect(studio.locator(".grid-head .tag")).to_be_visible()
    neighbour = around(studio)[0]
    own = studio.evaluate("wangge.studio.selection.grid.room")
    studio.evaluate(f"wangge.studio.selection.set([{neighbour['grid']}])")
    studio.keyboard.press("b")
    studio.mouse.click(*place(studio, own))
    assert studio.evaluate("[wangge.studio.draft.version, wangge.studio.draft.pendingEdits]") == [2, 0]


def test_colours_follow_the_measure_and_the_legend_tells_its_limits(studio: Page) -> None:
    legend = studio.locator("#legend")
    expect(legend.locator(".legend-row")).to_have_count(7)
    for measure in ("hours", "population", "area", "compactness", "changed"):
        studio.select_option("#measure", measure)
        expect(legend).to_have_attribute("data-measure", measure)
        assert legend.locator(".legend-row").count() >= 3


def test_every_key_that_is_listed_is_there_to_be_read(studio: Page) -> None:
    studio.keyboard.press("?")
    expect(studio.locator("#keys")).to_be_visible()
    assert studio.locator("#key-list dt").count() >= 15


def test_on_a_phone_one_looks_chooses_and_reads(page: Page, base_url: str, heard: Heard) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    show(page, base_url, new_draft(page, base_url, TOWN))
    expect(page.locator(".tool-bar")).to_be_hidden()
    expect(page.locator(".worst-row").first).to_be_visible()
    page.click(".worst-row >> nth=0")
    expect(page.locator(".figure-card .big-figures")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert heard.errors == []


@pytest.fixture
def other(browser: Browser, base_url: str) -> Iterator[Page]:
    """A page of another planner: the administrator."""
    context: BrowserContext = browser.new_context(viewport=DESKTOP, locale="zh-CN")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{base_url}/login")
    page.fill("#login", "admin")
    page.fill("#password", DEMO_PASSWORD)
    page.click("#log-in")
    page.wait_for_url(f"{base_url}/")
    yield page
    context.close()


def test_two_planners_see_each_other_and_neither_overwrites(studio: Page, other: Page) -> None:
    other.goto(studio.url)
    other.wait_for_function(OPEN)
    key = choose(studio)
    other.evaluate(f"wangge.studio.desk.choose([{key}])")
    other.wait_for_function("wangge.studio.draft.cells.has(wangge.studio.selection.community)")
    cell = around(studio)[0]
    studio.keyboard.press("b")
    studio.mouse.click(*place(studio, cell["room"]))
    wait_for_version(other, 2)
    assert grid_of(other, cell["id"]) == key
    expect(other.locator("#plan-people .person-mark")).to_be_visible()
    other.route("**/edits?after=1", lambda route: route.abort())
    other.evaluate("wangge.studio.draft.plan.version = 1")  # as if the news had not come yet
    other.evaluate(f"wangge.studio.desk.edit({{ kind: 'transfer', cells: [{around(other)[0]['id']}], to: {key} }})")
    other.wait_for_selector("#conflict[open]")
    expect(other.locator(".conflict-steps")).to_contain_text("planner")
    other.unroute("**/edits?after=1")
    other.wait_for_function("wangge.studio.draft.version === 2")
    other.click("#conflict [value=mine]")
    wait_for_version(other, 3)
    wait_for_version(studio, 3)


def test_a_draft_that_is_put_to_residents_meanwhile_is_only_looked_at(studio: Page) -> None:
    key = choose(studio)
    move = f"wangge.studio.desk.edit({{{{ kind: 'transfer', cells: [{{}}], to: {key} }}}})"
    studio.evaluate(move.format(around(studio)[0]["id"]))
    wait_for_version(studio, 2)
    studio.evaluate(
        """async () => {
            const { post } = await import("/static/js/api.js");
            const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
            const [title, summary] = [{ zh: "征求意见", en: "Asked" }, { zh: "调整", en: "Redrawn" }];
            const { draft } = wangge.studio;
            await post("/consultations", { kind: "plan", plan: draft.id, title, summary, since: day(0), until: day(9) });
        }"""
    )
    studio.evaluate(move.format(around(studio)[0]["id"]))
    expect(studio.locator("#told")).to_contain_text("征求居民意见")
    expect(studio.locator("#plan-state")).to_have_text("征求意见")
    expect(studio.locator("#conflict")).to_be_hidden()
    expect(studio.locator("[data-tool=brush]")).to_be_hidden()
    expect(studio.locator("[data-act=publish]")).to_be_visible()


def test_the_whole_city_opens_and_answers_a_click(page: Page, base_url: str, heard: Heard) -> None:
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    show(page, base_url, new_draft(page, base_url, "441900"))
    assert page.evaluate("wangge.studio.draft.grids.size") == 2958
    key = choose(page, nth=0)
    page.keyboard.press("b")
    cell = around(page)[0]
    page.mouse.click(*place(page, cell["room"]))
    wait_for_version(page, 2)
    assert grid_of(page, cell["id"]) == key
    assert heard.errors == []
