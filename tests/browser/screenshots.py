"""Pictures of every page, in Chinese and English, on a desk and on a phone.

    python -m tests.browser.screenshots --base-url http://127.0.0.1:8000 --login planner --password …

They go to ``docs/screenshots/NAME-LANGUAGE-DEVICE.png``. Chromium is the system's (``--chromium``).
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM: Final = "/usr/bin/chromium"
CHROMIUM_ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)
LANGUAGES: Final = ("zh", "en")
DEVICES: Final[dict[str, dict[str, Any]]] = {
    "desktop": {"viewport": {"width": 1440, "height": 900}, "device_scale_factor": 1},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "has_touch": True,
        "is_mobile": True,
    },
}
SETTLED: Final = """() => window.wangge?.studio ? wangge.studio.isOpen && wangge.studio.draft.pendingEdits === 0
    && !wangge.map._animatingZoom && !wangge.division.isLoading() : window.wangge?.import?.job
    ? !wangge.import.isRunning && !wangge.import.map._animatingZoom : !document.getElementById("map") || (
    window.wangge?.overview.figures && wangge.overview.figures.level === wangge.overview.shownLevel
    && !wangge.division.isLoading() && !document.querySelector("#detail[aria-busy=true]")
)"""
PAUSE_MS: Final = 500
SAMPLE: Final = "便民点.csv"
DRAFT: Final = {"zh": "2027年均衡调整（样例）", "en": "Evened out for 2027 (sample)"}


@dataclass(frozen=True)
class Shot:
    """One picture: where to go, as whom, and what to do there. ``{lat}``, ``{lon}``, ``{grid}``, ``{town}`` are filled in."""

    name: str
    path: str
    act: Callable[[Page], None] = lambda page: None
    logged_in: bool = True
    login: str | None = None


def search_dong(page: Page) -> None:
    page.fill("#search-input", "东" if page.locator("html").get_attribute("lang") == "zh-CN" else "dong")
    page.wait_for_selector("#search-results [role=option]")


def show_points(page: Page) -> None:
    page.evaluate("for (const id of ['show-facilities', 'show-incidents']) document.getElementById(id).click()")
    page.wait_for_function("[...wangge.points._records.values()].some((record) => record.spots.length > 0)")


def raise_card(page: Page) -> None:
    if page.locator("#card .sheet-handle").is_visible():
        page.click("#card .sheet-handle")


def see_accounts(page: Page) -> None:
    page.wait_for_selector("#rows:not([aria-busy]) [data-login=planner]")


def open_new_account(page: Page) -> None:
    see_accounts(page)
    page.click("#open-account")


def open_held_account(page: Page) -> None:
    see_accounts(page)
    page.click("[data-login=planner] .row-open")
    see_tokens(page)


def see_tokens(page: Page) -> None:
    page.wait_for_selector("#tokens:not([aria-busy])")


def bring_facilities(page: Page) -> None:
    """Show the report of some facilities with faults; they are checked, never applied, and uploaded once."""
    here = page.url.removesuffix("/imports")
    jobs = page.request.get(f"{here}/api/v1/imports").json()["imports"]
    there = next((job for job in jobs if job["filename"] == SAMPLE and job["state"] == "checked"), None)
    if there is None:
        labels = page.request.get(f"{here}/api/v1/labels?level=community").json()["labels"]
        rows = [f"便民点{at},health_station,{label['lon']},{label['lat']}" for at, label in enumerate(labels[::4])]
        swapped, unknown = labels[1], labels[2]
        faulty = [
            f"便民点甲,health_station,{swapped['lat']},{swapped['lon']}",
            f"便民点乙,飞船场,{unknown['lon']},{unknown['lat']}",
        ]
        text = "\n".join(["名称,类型,经度,纬度", *faulty, *rows])
        page.set_input_files("#file", {"name": SAMPLE, "mimeType": "text/csv", "buffer": text.encode()})
        page.wait_for_url(lambda url: "/imports/" in url)
    else:
        page.goto(f"{here}/imports/{there['id']}")
    page.wait_for_selector(".findings tbody tr[data-key]", timeout=60_000)


def choose_finding(page: Page) -> None:
    bring_facilities(page)
    page.click(".findings tbody tr[data-key]:last-of-type")


def show_columns(page: Page) -> None:
    bring_facilities(page)
    page.click("#tab-columns")


def see_plans(page: Page) -> None:
    page.wait_for_selector("#groups:not([aria-busy]) .plan-row")


def open_new_draft(page: Page) -> None:
    see_plans(page)
    page.click("#new-draft")
    page.fill("#d-zh", "2028年调整")


def open_draft(page: Page) -> None:
    """Open the sample draft of the town that has most to even out; it is made once."""
    number = page.evaluate(
        """async (name) => {
            const { get, post } = await import("/static/js/api.js");
            const found = (await get("/plans")).plans.find((plan) => plan.name.en === name.en && plan.state.code === "draft");
            const town = (await get("/labels", { level: "town" })).labels[0].code;
            return (found ?? await post("/plans", { name, scope: [town] })).id;
        }""",
        DRAFT,
    )
    page.goto(f"{page.url.removesuffix('/plans')}/plans/{number}")
    page.wait_for_function("window.wangge?.studio?.isOpen")


def choose_overloaded(page: Page) -> None:
    open_draft(page)
    page.click(".worst-row >> nth=1")
    page.wait_for_function("wangge.studio.draft.cells.has(wangge.studio.selection.community) && !wangge.map._animatingZoom")


def hold_brush(page: Page) -> None:
    """Half a stroke: what it would do is beside the pointer; nothing is changed."""
    choose_overloaded(page)
    if not page.locator("[data-tool=brush]").is_visible():
        return
    page.keyboard.press("b")
    page.keyboard.press("]")
    page.keyboard.press("]")
    from_, to = page.evaluate(
        """() => {
            const { draft, ground, map, selection } = wangge.studio;
            const near = draft.communities.get(selection.community).filter(({ key }) => key !== selection.first)
                .sort((a, b) => b.properties.hours - a.properties.hours)[0];
            const frame = map.getContainer().getBoundingClientRect();
            const place = ({ room }) => {
                const [lon, lat] = ground.lonLat(room);
                const at = map.latLngToContainerPoint([lat, lon]);
                return [frame.left + at.x, frame.top + at.y];
            };
            selection.set([near.key]);
            wangge.studio.desk.zoomTo(draft.communities.get(selection.community), { animate: false });
            const heaviest = draft.communities.get(selection.community).sort((a, b) => b.properties.hours - a.properties.hours)[0];
            return [place(near), place(heaviest)];
        }"""
    )
    page.mouse.move(*from_)
    page.mouse.down()
    page.mouse.move(from_[0] + (to[0] - from_[0]) * 0.7, from_[1] + (to[1] - from_[1]) * 0.7, steps=25)


def draw_split(page: Page) -> None:
    choose_overloaded(page)
    if not page.locator("[data-tool=split]").is_visible():
        return
    page.keyboard.press("s")
    frame = page.locator(".folium-map").bounding_box()
    assert frame is not None
    middle = frame["y"] + frame["height"] / 2
    page.mouse.click(frame["x"] + frame["width"] * 0.22, middle - 40)
    page.mouse.click(frame["x"] + frame["width"] * 0.5, middle + 30)
    page.mouse.move(frame["x"] + frame["width"] * 0.78, middle - 20)


def see_proposal(page: Page) -> None:
    """A town's proposal with what it would move; none of it is taken."""
    open_draft(page)
    page.click("#tab-proposals")
    page.select_option("#proposal-scope", index=0)
    page.click("#panel-proposals [type=submit]")
    page.wait_for_selector(".proposal-table tbody tr", timeout=60_000)
    page.click(".proposal-table tbody .btn-link >> nth=0")
    page.wait_for_function("wangge.studio.proposals.moves.size === 1 && !wangge.division.isLoading()")


def see_findings(page: Page) -> None:
    open_draft(page)
    page.click("#tab-findings")
    page.wait_for_selector(".finding-list:not([aria-busy]) .finding")


def see_publication(page: Page) -> None:
    """The checks of a draft that changes one community; it is never published."""
    open_draft(page)
    if page.evaluate("wangge.studio.draft.plan.summary.cells_moved") == 0:
        page.click("#tab-proposals")
        page.click("#panel-proposals [type=submit]")
        page.check(".proposal-table tbody input >> nth=0", timeout=60_000)
        page.click(".proposal-actions button >> nth=1")
        page.wait_for_function("wangge.studio.draft.plan.summary.cells_moved > 0")
    page.click("[data-act=publish] >> visible=true")
    page.wait_for_selector(".publish-checks .is-good, .publish-checks .is-bad")


def see_hours(page: Page) -> None:
    page.wait_for_function("window.wangge?.workload?.shown && !wangge.division.isLoading()")


def try_weights(page: Page) -> None:
    """Weights that are changed and not saved."""
    see_hours(page)
    page.click("label:has(input[name=colour][value=change])")
    with page.expect_response("**/workload-models/preview"):
        page.fill("[data-field='places.rented_house.standard_min']", "25")
    page.wait_for_selector(".outcome:not([aria-busy])")


def see_one_account(page: Page) -> None:
    see_hours(page)
    page.click("#grid-rows .row-open >> nth=0")
    page.wait_for_selector("#account .part")


def see_staffing(page: Page) -> None:
    page.wait_for_function("window.wangge?.staffing")


def see_timeline(page: Page) -> None:
    page.wait_for_selector("#ticks li.is-shown")
    page.wait_for_function("!wangge.division.isLoading()")


def see_a_place(page: Page) -> None:
    see_timeline(page)
    code = page.evaluate("wangge.history.plans.at(-1).changed[0]")
    center = page.request.get(f"{page.url.split('/plans')[0]}/api/v1/grids/{code}").json()["center"]
    page.evaluate(
        """([lon, lat]) => wangge.map.setView([lat, lon], 14, { animate: false })
            .fire("click", { latlng: L.latLng(lat, lon) })""",
        center,
    )
    page.wait_for_selector(".bars li")
    page.wait_for_function("!wangge.division.isLoading()")


SHOTS: Final = (
    Shot("login", "/login", logged_in=False),
    Shot("data", "/data"),
    Shot("overview", "/"),
    Shot("overview-legend", "/#11/{lat}/{lon}&measure=density", raise_card),
    Shot("overview-grid", "/#14/{lat}/{lon}&unit=grid:{grid}"),
    Shot("overview-town", "/#11/{lat}/{lon}&measure=staff&unit=area:{town}"),
    Shot("overview-points", "/#14/{lat}/{lon}&measure=area", show_points),
    Shot("overview-search", "/", search_dong),
    Shot("history", "/plans/history", see_timeline),
    Shot("history-place", "/plans/history", see_a_place),
    Shot("accounts", "/accounts", see_accounts, login="admin"),
    Shot("accounts-new", "/accounts", open_new_account, login="admin"),
    Shot("accounts-one", "/accounts", open_held_account, login="admin"),
    Shot("me", "/me", see_tokens),
    Shot("import-report", "/imports", bring_facilities),
    Shot("import-finding", "/imports", choose_finding),
    Shot("import-columns", "/imports", show_columns),
    Shot("imports", "/imports"),
    Shot("sources", "/sources"),
    Shot("matters", "/matters"),
    Shot("plans", "/plans", see_plans),
    Shot("plans-new", "/plans", open_new_draft),
    Shot("studio", "/plans", open_draft),
    Shot("studio-grid", "/plans", choose_overloaded),
    Shot("studio-brush", "/plans", hold_brush),
    Shot("studio-split", "/plans", draw_split),
    Shot("studio-proposal", "/plans", see_proposal),
    Shot("studio-check", "/plans", see_findings),
    Shot("studio-publish", "/plans", see_publication),
    Shot("workload", "/plans/workload", see_hours),
    Shot("workload-change", "/plans/workload", try_weights),
    Shot("workload-grid", "/plans/workload", see_one_account),
    Shot("staffing", "/plans/{plan}/staffing", see_staffing),
    Shot("api", "/docs/api"),
    Shot("not-found", "/nothing-here"),
)


def main() -> None:
    """Take every picture, or those named."""
    options = read_options()
    options.into.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=list(CHROMIUM_ARGUMENTS))
        for language, device in product(LANGUAGES, DEVICES):
            for path in take_all(browser, options, language=language, device=device):
                print(path)
        browser.close()


def take_all(browser: Browser, options: argparse.Namespace, *, language: str, device: str) -> Iterator[Path]:
    context = browser.new_context(
        locale="zh-CN" if language == "zh" else "en-GB", timezone_id="Asia/Shanghai", **DEVICES[device]
    )
    page = context.new_page()
    places: dict[str, Any] = {}
    who = ""
    for shot in SHOTS:
        if options.only and shot.name not in options.only:
            continue
        wanted = shot.login or options.login
        if shot.logged_in and who != wanted:
            context.clear_cookies()
            log_in(page, options, wanted)
            who = wanted
            places = places or places_of(page, options.base_url)
        page.goto(f"{options.base_url}/language/{language}?next={quote('/login')}")
        page.goto("about:blank")
        page.goto(options.base_url + shot.path.format(**places))
        yield take(page, shot, options.into / f"{shot.name}-{language}-{device}.png")
    context.close()


def take(page: Page, shot: Shot, path: Path) -> Path:
    page.wait_for_function(SETTLED)
    shot.act(page)
    page.wait_for_function(SETTLED)
    page.wait_for_timeout(PAUSE_MS)
    page.screenshot(path=path)
    return path


def log_in(page: Page, options: argparse.Namespace, login: str) -> None:
    page.goto(f"{options.base_url}/login")
    page.fill("#login", login)
    page.fill("#password", options.password)
    page.click("#log-in")
    page.wait_for_url(lambda url: "/login" not in url)


def places_of(page: Page, base_url: str) -> dict[str, Any]:
    """A grid and its town near the middle of the city, and the plan in force, whichever city that is."""
    labels = page.request.get(f"{base_url}/api/v1/labels?level=grid").json()["labels"]
    labels.sort(key=lambda label: label["area_km2"])
    typical = labels[len(labels) // 4]
    grid = page.request.get(f"{base_url}/api/v1/grids/{typical['code']}").json()
    lon, lat = grid["center"]
    plan = page.request.get(f"{base_url}/api/v1/city").json()["plan"]["id"]
    return {"grid": grid["code"], "town": grid["town"]["code"], "lon": lon, "lat": lat, "plan": plan}


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Take a picture of every page.")
    parser.add_argument("--base-url", default="http://127.0.0.1:8000")
    parser.add_argument("--login", default="planner")
    parser.add_argument("--password", required=True)
    parser.add_argument("--into", type=Path, default=Path("docs/screenshots"))
    parser.add_argument("--chromium", default=CHROMIUM)
    parser.add_argument("only", nargs="*", help="names of pictures; all if none is given")
    return parser.parse_args()


if __name__ == "__main__":
    main()
