"""The dispatcher's page in a real Chromium against the real server and its stream: two screens, keys, filters, a whole day."""

from playwright.sync_api import Page, expect
from sqlalchemy import Connection, text

from tests.browser.conftest import LIVE_IS_OPEN, Enter

PHONE = {"width": 390, "height": 844}
STATE_OF = "(number) => wangge.live.store.get(number)?.state"
OPEN_CASES = 10_000
EVENTS = 5_000
ROWS_AT_MOST = 40  # of the queue that exist at once
# Ten thousand open cases all over the city, as the server would tell them.
FILL = """(n) => {
    const { live } = wangge;
    const [west, south, east, north] = live.page.bbox;
    const states = ["collected", "accepted", "dispatched", "handling", "feedback", "verified", "suspended"];
    const [matter] = live.names.matters.keys();
    const columns = [
        "number", "lon", "lat", "state", "urgency", "matter", "command", "officer", "due_at", "reported_at", "version"];
    const due = (i) => new Date(Date.now() + (i % 7 - 1) * 3_600_000).toISOString();
    const place = (i) => [west + (east - west) * ((i * 0.618) % 1), south + (north - south) * ((i * 0.414) % 1)];
    const rows = Array.from({ length: n }, (_, i) => [`260101-${String(i).padStart(6, "0")}`, ...place(i),
        states[i % 7], 1 + i % 3, matter, "441900", i % 5 ? null : "441900-00001", due(i), due(i), 1]);
    live.store.fill({ columns, rows, seq: 0 }, null);
}"""
# Cases go on, end and begin; as many are open afterwards as before.
LIVE_THROUGH = """async (n) => {
    const { live } = wangge;
    const iso = (moment) => new Date(moment).toISOString();
    const asTold = (one) => ({ ...one, due_at: iso(one.due), reported_at: iso(one.reported), path: null });
    for (let i = 0; i < n; i += 1) {
        const number = live.store.cases.keys().next().value;
        const one = asTold(live.store.get(number));
        if (i % 5) live.told({ ...one, version: one.version + 1, state: "handling" });
        else {
            live.told({ ...one, version: one.version + 1, state: "closed", closed_at: iso(Date.now()) });
            live.begun = (live.begun ?? 0) + 1;
            live.told({ ...one, number: `260102-${String(live.begun).padStart(6, "0")}`, version: 1, state: "collected" });
        }
        if (i % 50 === 0) await new Promise((done) => setTimeout(done, 5));
    }
}"""
SETTLED = "!wangge.live.sorting && !wangge.live.store.telling && !wangge.live.overlay.pulses.size"

def officer_on_shift(enter: Enter, demo: Connection) -> tuple[float, float]:
    """The demo's officer goes on shift in the middle of the community; returns that place."""
    lon, lat = demo.execute(
        text("""
            SELECT ST_X(u.label_point), ST_Y(u.label_point) FROM account a JOIN area u ON u.id = a.area_id WHERE a.login = 'station'
        """)
    ).one()
    page = enter("officer", path="/me")
    page.evaluate(
        """async ([lon, lat]) => {
            const { post } = await import("/static/js/api.js");
            await post("/me/shift", { on: true });
            await post("/me/positions", { points: [{ lon, lat, at: new Date().toISOString() }] });
        }""",
        [lon, lat],
    )
    return lon, lat


def report_by_phone(page: Page, place: tuple[float, float]) -> str:
    """Take a call: the key, a click on the map, a matter, some words. Returns the number of the case."""
    page.evaluate("([lon, lat]) => wangge.map.setView([lat, lon], 15, { animate: false })", place)
    page.keyboard.press("n")
    page.mouse.click(*page.evaluate(
        """([lon, lat]) => {
            const at = wangge.map.latLngToContainerPoint([lat, lon]);
            const frame = wangge.map.getContainer().getBoundingClientRect();
            return [frame.left + at.x, frame.top + at.y];
        }""",
        place,
    ))  # fmt: skip
    expect(page.locator(".report-where")).not_to_have_class("report-where is-missing")
    page.select_option("#report-matter", index=1)
    page.fill("#report-words", "井盖丢失，有人差点摔倒")
    page.click("#report [type=submit]")
    expect(page.locator("#report")).to_be_hidden()
    page.wait_for_function("wangge.live.store.get(wangge.live.chosen) && wangge.live.detail.found")
    number: str = page.evaluate("wangge.live.chosen")
    return number


def wait_for_state(page: Page, number: str, state: str) -> None:
    page.wait_for_function(f"([number, state]) => ({STATE_OF})(number) === state", arg=[number, state])


def test_a_call_is_taken_accepted_and_sent_by_keys_and_the_city_sees_every_step(enter: Enter, demo: Connection) -> None:
    place = officer_on_shift(enter, demo)
    station, city = enter("station"), enter("command")
    number = report_by_phone(station, place)
    wait_for_state(city, number, "collected")
    expect(station.locator("#detail .case-words")).to_have_text("井盖丢失，有人差点摔倒")

    station.keyboard.press("a")
    wait_for_state(city, number, "accepted")
    station.keyboard.press("d")
    expect(station.locator(".officer-row")).not_to_have_count(1)
    first = station.locator(".officer-row >> nth=0")
    expect(first.locator("small")).not_to_be_empty()
    officer = first.locator("input").get_attribute("value")
    station.keyboard.press("1")
    wait_for_state(city, number, "dispatched")
    assert city.evaluate("(number) => wangge.live.store.get(number).officer", number) == officer

    city.evaluate("(number) => wangge.live.choose(number)", number)
    city.wait_for_function("wangge.live.detail.found")
    city.evaluate("wangge.live.detail.found.version = 1")  # as if the news had not come yet
    city.evaluate("wangge.live.act('comment')")
    city.fill(".act-form textarea", "请尽快")
    city.click(".act-form [type=submit]")
    expect(city.locator(".act-told")).to_contain_text("期间已有变动")
    city.click(".act-form [type=submit]")  # seen, and done on top
    expect(station.locator(".case-steps li >> nth=0")).to_contain_text("请尽快")
    assert station.evaluate("wangge.live.detail.found.version") == 4


def test_filters_tabs_and_saved_views_narrow_queue_and_map(enter: Enter) -> None:
    page = enter("command")
    page.click("[data-tab=all]")
    shown = "wangge.live.list.length"
    everything = page.evaluate(shown)
    assert everything == page.evaluate("wangge.live.store.size") > 0
    assert page.evaluate("wangge.live.layer.cases.length") == everything
    page.click("#filters-toggle")
    page.select_option("#filter-stage", "suspended")
    page.wait_for_function("wangge.live.list.every(({ state }) => state === 'suspended')")
    suspended = page.evaluate(shown)
    assert 0 < suspended < everything
    page.fill("#view-name", "挂账复核")
    page.press("#view-name", "Enter")
    expect(page.locator("#views option:checked")).to_have_text("挂账复核")

    page.reload()
    page.wait_for_function(LIVE_IS_OPEN)
    page.click("#filters-toggle")
    page.select_option("#views", label="挂账复核")
    page.wait_for_function(f"{shown} === {suspended}")
    page.click("#filters-clear")
    page.click("[data-tab=all]")
    page.keyboard.press("/")
    page.keyboard.type(page.evaluate("wangge.live.list[0].number"))
    page.wait_for_function(f"{shown} === 1")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#detail .case-facts")).to_be_visible()
    page.keyboard.press("?")
    assert page.locator("#key-list dt").count() >= 12
    page.keyboard.press("Escape")
    page.select_option("#views", label="挂账复核")
    page.click("#view-remove")
    page.click("#question-yes")
    expect(page.locator("#views option")).to_have_count(1)


def test_a_whole_day_of_events_leaves_the_memory_and_the_page_as_they_were(enter: Enter) -> None:
    page = enter("command")
    link = page.context.new_cdp_session(page)
    link.send("Performance.enable")

    def used() -> dict[str, float]:
        page.evaluate("document.querySelectorAll('.live-note .icon-button').forEach((button) => button.click())")
        page.wait_for_function(SETTLED, timeout=60_000)
        link.send("HeapProfiler.collectGarbage")
        link.send("HeapProfiler.collectGarbage")
        return {each["name"]: each["value"] for each in link.send("Performance.getMetrics")["metrics"]}

    page.click("[data-tab=all]")
    page.evaluate(FILL, OPEN_CASES)
    page.evaluate(LIVE_THROUGH, EVENTS)  # what is made once and kept: code, rows, stamps, the room of the map of cases
    before = used()
    page.evaluate(LIVE_THROUGH, EVENTS)
    after = used()
    assert page.evaluate("wangge.live.store.size") == OPEN_CASES
    assert page.locator(".case-row").count() <= ROWS_AT_MOST
    assert after["JSHeapUsedSize"] < 1.1 * before["JSHeapUsedSize"]
    assert after["Nodes"] <= before["Nodes"] + ROWS_AT_MOST
    assert after["JSEventListeners"] <= before["JSEventListeners"]


def test_on_a_phone_queue_and_map_are_sheets_and_the_case_covers_both(enter: Enter) -> None:
    page = enter("command", viewport=PHONE, has_touch=True, is_mobile=True)
    page.click("[data-tab=all]")
    page.click(".case-row >> nth=0")
    expect(page.locator("#detail .case-facts")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.click("#detail .panel-close")
    expect(page.locator("#detail")).to_be_hidden()
    page.click("#queue-panel .sheet-handle")
    expect(page.locator("#queue-panel")).to_have_attribute("data-height", "peek")
