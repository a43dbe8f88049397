"""Citizens on a phone, in a real browser: report, follow, say how it went; look around."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from tests.server.test_photos import a_photo

HERE = {"longitude": 113.7512, "latitude": 23.0411, "accuracy": 12}
POTHOLE = "1303"
WITHIN_S = 30
WIDTH = "async (image) => { await image.decode(); return image.naturalWidth; }"
TAP_NEAREST = """([lon, lat]) => {
    const marks = wangge.around.layer.getLayers();
    const metres = (mark) => wangge.around.map.distance(mark.getLatLng(), [lat, lon]);
    marks.reduce((best, mark) => (metres(mark) < metres(best) ? mark : best)).fire("click");
}"""


@pytest.fixture
def phone(browser: Browser, base_url: str, demo_engine: Engine) -> Iterator[Page]:
    """The phone of somebody who has no account, reading English, in the street."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, geolocation=HERE, permissions=["geolocation"]
    )
    context.add_cookies([{"name": "language", "value": "en", "url": base_url}])
    page = context.new_page()
    yield page
    context.close()
    with demo_engine.begin() as conn:
        for table in ("notice", "photo", "reporter", "login_attempt", "done_once"):
            conn.execute(text(f"DELETE FROM {table}"))
        ended = "closed_at = now(), state = 'closed'"
        conn.execute(text(f"UPDATE incident SET {ended} WHERE channel = 'citizen' AND NOT synthetic AND closed_at IS NULL"))


def _settle(engine: Engine, number: str) -> None:
    """The officer fills the hole."""
    with engine.begin() as conn:
        conn.execute(
            text("""
                WITH i AS (UPDATE incident SET state = 'closed', version = version + 1, closed_at = now() WHERE number = :number
                           RETURNING id, version, command_id)
                INSERT INTO incident_step (incident_id, version, action, state, actor, command_id, note)
                SELECT id, version, 'settle', 'closed', 'officer', command_id, 'Filled <b>today</b>.' FROM i
            """),
            {"number": number},
        )


def test_a_citizen_reports_in_a_few_taps_follows_it_and_says_how_it_went(
    phone: Page, base_url: str, demo_engine: Engine
) -> None:
    outside: list[str] = []
    phone.on("request", lambda sent: outside.append(sent.url) if not sent.url.startswith((base_url, "data:", "blob:")) else None)
    began = time.monotonic()
    phone.goto(f"{base_url}/report")
    expect(phone.locator("#place-said")).to_contain_text("Community")
    expect(phone.locator("#send")).to_be_disabled()
    phone.get_by_text("All matters").tap()
    phone.get_by_text("Public works").tap()
    phone.get_by_text("Pothole").tap()
    phone.set_input_files("#photo-files", {"name": "hole.jpg", "mimeType": "image/jpeg", "buffer": a_photo(2000, 1500)})
    phone.fill("#words-said", "A hole, <i>full</i> of water")
    expect(phone.locator(".photo.is-waiting")).to_have_count(0)
    phone.tap("#send")
    expect(phone.locator("#sent")).to_be_visible()
    assert time.monotonic() - began < WITHIN_S
    number = phone.locator("#number").inner_text()
    assert phone.locator("#qr").evaluate(WIDTH) > 0
    phone.tap("#follow")
    expect(phone.locator("#state")).to_contain_text("Received")
    expect(phone.locator("#own-words")).to_have_text("A hole, <i>full</i> of water")
    assert phone.locator("#own-photos img").evaluate(WIDTH) == 1600
    expect(phone.locator("#rating")).to_be_hidden()
    _settle(demo_engine, number)
    phone.reload()
    expect(phone.locator("#steps p")).to_have_text("Filled <b>today</b>.")
    phone.get_by_text("Poor").tap()
    phone.fill("#rating-words", "It sank again")
    phone.get_by_role("button", name="Send").tap()
    expect(phone.locator("#rated")).to_have_text("Thank you for saying how it went.")
    with demo_engine.connect() as conn:
        rated = conn.execute(text("SELECT rating, words FROM reporter ORDER BY id DESC LIMIT 1")).one()
    assert tuple(rated) == (2, "It sank again")
    assert phone.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert outside == []


def test_without_a_position_the_map_is_tapped_and_a_lost_line_loses_no_report(phone: Page, base_url: str) -> None:
    phone.context.clear_permissions()
    phone.goto(f"{base_url}/report?wish")
    expect(phone.locator("#place-said")).to_contain_text("Tap the map")
    frame = phone.locator(".map-box").bounding_box()
    assert frame
    phone.touchscreen.tap(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    expect(phone.locator("#place-said")).to_contain_text("Community")
    phone.get_by_text("A hand at home").tap()
    phone.get_by_text("Errand or shopping").tap()
    phone.context.set_offline(True)
    phone.tap("#send")
    expect(phone.locator("#fault")).to_contain_text("arrives once")
    phone.context.set_offline(False)
    phone.tap("#send")
    expect(phone.locator("#sent")).to_be_visible()


def test_who_finds_the_same_nearby_joins_it_and_sees_it_around(phone: Page, base_url: str, demo_engine: Engine) -> None:
    sent = phone.request.post(
        f"{base_url}/api/v1/public/reports", data={"matter": POTHOLE, "lon": HERE["longitude"], "lat": HERE["latitude"]}
    )
    assert sent.status == 201, sent.text()
    number = sent.json()["number"]
    phone.goto(f"{base_url}/report")
    expect(phone.locator("#place-said")).to_contain_text("Community")
    phone.get_by_text("All matters").tap()
    phone.get_by_text("Public works").tap()
    phone.get_by_text("Pothole").tap()
    phone.locator("#near").get_by_role("button", name="Me too").first.tap()
    expect(phone.locator("#number")).to_have_text(number)
    expect(phone.locator("#sent-words")).to_contain_text("reported before")
    phone.get_by_role("link", name="What is known around here").tap()
    expect(phone.locator("#count")).to_contain_text("in view")
    phone.tap("#locate")
    phone.wait_for_function("() => wangge.around.map.getZoom() >= 16")
    expect(phone.locator("path.leaflet-interactive")).not_to_have_count(0)
    phone.evaluate(TAP_NEAREST, [HERE["longitude"], HERE["latitude"]])
    expect(phone.locator("#case")).to_contain_text("people reported it")
