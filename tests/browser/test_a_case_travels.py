"""One case before everybody's eyes: a citizen reports, the town sends, an officer settles, the city watches."""

from playwright.sync_api import Browser, BrowserContext, expect
from sqlalchemy import Connection, text

from tests.browser.conftest import Enter
from tests.browser.test_live import PHONE, STATE_OF, officer_on_shift, wait_for_state
from tests.server.test_photos import a_photo

SEND = """async ([number, officer]) => {
    const { post } = await import("/static/js/api.js");
    const { version } = wangge.live.detail.found;
    await post(`/cases/${number}/steps`, { action: "dispatch", officer, seen_version: version });
}"""
GONE = f"(number) => ({STATE_OF})(number) === undefined"


def report_in_the_street(browser: Browser, base_url: str, place: tuple[float, float]) -> tuple[BrowserContext, str]:
    """Somebody without an account reports a pothole where she stands; returns her phone, which follows it, and the number."""
    here = {"longitude": place[0], "latitude": place[1], "accuracy": 10}
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, geolocation=here, permissions=["geolocation"])
    context.add_cookies([{"name": "language", "value": "en", "url": base_url}])
    phone = context.new_page()
    phone.goto(f"{base_url}/report")
    expect(phone.locator("#place-said")).to_contain_text("Community")
    phone.get_by_text("All matters").tap()
    phone.get_by_text("Public works").tap()
    phone.get_by_text("Pothole").tap()
    phone.tap("#send")
    expect(phone.locator("#sent")).to_be_visible()
    number = phone.locator("#number").inner_text()
    phone.tap("#follow")
    expect(phone.locator("#state")).to_contain_text("Received")
    return context, number


def test_a_citizen_reports_the_town_sends_an_officer_settles_and_the_city_watches(
    enter: Enter, browser: Browser, base_url: str, demo: Connection
) -> None:
    place = officer_on_shift(enter, demo)
    town, city = enter("dispatcher"), enter("command")
    street, number = report_in_the_street(browser, base_url, place)
    for screen in (town, city):
        wait_for_state(screen, number, "collected")

    town.evaluate("(number) => wangge.live.choose(number)", number)
    town.wait_for_function("wangge.live.detail.found")
    town.keyboard.press("a")
    wait_for_state(city, number, "accepted")
    town.wait_for_function("wangge.live.detail.found.state.code === 'accepted'")
    whom = demo.execute(
        text("SELECT s.number FROM account a JOIN staff s ON s.id = a.staff_id WHERE a.login = 'officer'")
    ).scalar_one()
    town.evaluate(SEND, [number, whom])
    wait_for_state(city, number, "dispatched")

    officer = enter("officer", path="/officer", viewport=PHONE, has_touch=True, is_mobile=True)
    task = officer.locator(f".card-task[data-number='{number}']")
    task.locator("[data-action=start]").tap()
    wait_for_state(town, number, "handling")
    task.locator(".is-more").tap()
    task.locator("[data-action=settle]").tap()
    officer.fill("#form textarea", "Filled and rolled")
    officer.set_input_files("#form input[type=file]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": a_photo(1200, 900)})
    expect(officer.locator("#form .photo, #form img")).not_to_have_count(0)
    officer.click("#form [type=submit]")
    expect(task).to_have_count(0)
    for screen in (town, city):
        screen.wait_for_function(GONE, arg=number)

    phone = street.pages[0]
    phone.reload()
    expect(phone.locator("#state")).to_contain_text("Settled")
    expect(phone.locator("#steps")).to_contain_text("Filled and rolled")
    street.close()
