"""An officer with the phone: what is done in a dead spot is sent later, in order and once; places are inspected on the way."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import Engine, text

from seed.people import DEMO_PASSWORD
from tests.server.test_photos import a_photo

Act = Callable[..., dict[str, Any]]
PHOTO = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": a_photo()}
TOO_SMALL = """() => [...document.querySelectorAll(".officer button, .officer a")]
  .filter((each) => each.offsetHeight && each.offsetHeight < 44).map((each) => each.outerHTML)"""
ACT = """async ({ number, step }) => {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content };
  const { version } = await fetch(`/api/v1/cases/${number}`).then((answer) => answer.json());
  const body = JSON.stringify({ seen_version: version, ...step });
  const answer = await fetch(`/api/v1/cases/${number}/steps`, { method: "POST", headers, body });
  return answer.json();
}"""


@pytest.fixture(scope="module")
def home(demo_engine: Engine) -> dict[str, Any]:
    """Where the officer of the demo works, and under which number."""
    with demo_engine.connect() as conn:
        row = conn.execute(
            text("""
                SELECT ST_X(u.label_point) AS longitude, ST_Y(u.label_point) AS latitude, s.number
                FROM account a JOIN area u ON u.id = a.area_id JOIN staff s ON s.id = a.staff_id WHERE a.login = 'officer'
            """)
        ).one()
    return dict(row._mapping)


@pytest.fixture(scope="module")
def phone(browser: Browser, base_url: str, home: dict[str, Any]) -> Iterator[BrowserContext]:
    """The officer's phone, logged in, with the page kept for dead spots."""
    place = {"longitude": home["longitude"], "latitude": home["latitude"], "accuracy": 8}
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", geolocation=place, permissions=["geolocation"]
    )
    page = _logged_in(context, base_url, "officer", to="/officer")
    page.evaluate("navigator.serviceWorker.ready")
    page.reload()
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    yield context
    context.close()


@pytest.fixture
def page(phone: BrowserContext) -> Page:
    return phone.pages[0]


@pytest.fixture(scope="module")
def act(browser: Browser, base_url: str) -> Iterator[Act]:
    """The community's dispatcher takes a step of a case."""
    context = browser.new_context()
    desk = _logged_in(context, base_url, "station", to="/me")
    yield lambda number, **step: desk.evaluate(ACT, {"number": number, "step": step})
    context.close()


def _logged_in(context: BrowserContext, base_url: str, login: str, *, to: str) -> Page:
    page = context.new_page()
    page.goto(f"{base_url}/login?next={to}")
    page.fill("#login", login)
    page.fill("#password", DEMO_PASSWORD)
    page.click("#log-in")
    page.wait_for_url(f"{base_url}{to}")
    return page


def _choose_a_matter(page: Page) -> None:
    page.locator("#form .tile").first.click()
    page.locator("#form .tile").first.click()
    expect(page.locator("#form .chosen")).to_be_visible()


def _reported(page: Page) -> str:
    """Report something here; returns its number."""
    page.click("#report")
    _choose_a_matter(page)
    page.fill("#form textarea", "路灯不亮")
    page.set_input_files("#form input[type=file]", PHOTO)
    page.click("#form [type=submit]")
    return _told_number(page)


def _told_number(page: Page) -> str:
    return page.locator("#told span").inner_text().strip("。").split()[-1][-13:]


def _actions(engine: Engine, number: str) -> list[str]:
    with engine.connect() as conn:
        rows = conn.execute(
            text("SELECT action FROM incident_step s JOIN incident i ON i.id = s.incident_id WHERE number = :n ORDER BY s.version"),
            {"n": number},
        )
        return list(rows.scalars())


def _report_back(page: Page, number: str, words: str) -> None:
    card = page.locator(f"[data-number='{number}']")
    card.locator("[data-action=report_back]").click()
    page.click("#form [type=submit]")
    expect(page.locator("#form .field-told").first).not_to_be_empty()
    page.fill("#form textarea", words)
    page.set_input_files("#form input[type=file]", PHOTO)
    expect(page.locator("#form .photo")).to_have_count(1)
    page.click("#form [type=submit]")
    expect(page.locator("#form")).to_be_hidden()


def test_what_is_done_in_a_dead_spot_is_sent_later_and_once(
    page: Page, phone: BrowserContext, act: Act, home: dict[str, Any], demo_engine: Engine
) -> None:
    number = _reported(page)
    assert _actions(demo_engine, number) == ["report"]
    act(number, action="accept")
    act(number, action="dispatch", officer=home["number"])
    page.click("#read-again")
    card = page.locator(f"[data-number='{number}']")
    expect(card).to_be_visible()

    phone.set_offline(True)
    page.reload()
    card.locator("[data-action=start]").click()
    _report_back(page, number, "已修复")
    expect(page.locator("#outbox [data-state=waiting]")).to_contain_text("2")
    expect(card.locator(".card-waits li")).to_have_count(2)
    other = (
        "import('/static/js/officer_store.js').then(({ Store }) => new Store('somebody.else').queued()).then((all) => all.length)"
    )
    assert page.evaluate(other) == 0

    lost: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        answer = route.fetch()
        if lost:
            route.fulfill(response=answer)
        else:
            lost.append(answer.text())
            route.abort()

    page.route("**/steps", lose_the_first_answer)
    phone.set_offline(False)
    expect(page.locator("#outbox [data-line=broken], #outbox .bar-line")).to_be_visible()
    page.click("#read-again")
    expect(page.locator("#outbox")).to_be_hidden()
    expect(card).to_have_count(0)
    page.unroute("**/steps")
    assert len(lost) == 1
    assert _actions(demo_engine, number) == ["report", "accept", "dispatch", "start", "report_back"]
    assert [len(step["photos"]) for step in act(number, action="rework", note="请再看一次")["steps"]] == [1, 0, 0, 0, 1, 0]

    page.click("#read-again")
    expect(card).to_be_visible()
    phone.set_offline(True)
    card.locator(".is-more").click()
    _report_back(page, number, "又看过了")
    act(number, action="prioritise", urgency=1)
    phone.set_offline(False)
    page.click("#outbox [data-state=refused]")
    expect(page.locator("#outbox-list .unsent-words")).to_have_text("又看过了")
    expect(page.locator("#outbox-list .unsent-why")).to_contain_text("更改")
    page.click("#outbox-list .is-main")
    expect(page.locator("#outbox-list")).to_be_hidden()
    expect(page.locator("#outbox")).to_be_hidden()
    assert _actions(demo_engine, number)[5:] == ["rework", "prioritise", "report_back"]


def test_places_are_inspected_in_walking_order_and_a_finding_opens_a_case_in_hand(page: Page, demo_engine: Engine) -> None:
    page.click("[data-tab=patrol]")
    lead = page.locator(".place-lead")
    expect(lead).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate(TOO_SMALL) == []
    first = lead.get_attribute("data-place")
    lead.locator("[data-outcome=fine]").click()
    expect(lead).not_to_have_attribute("data-place", str(first))
    second = lead.get_attribute("data-place")
    lead.locator("[data-outcome=finding]").click()
    _choose_a_matter(page)
    page.fill("#form textarea", "灭火器过期")
    page.set_input_files("#form input[type=file]", PHOTO)
    page.click("#form [type=submit]")
    number = _told_number(page)
    page.click("[data-tab=tasks]")
    expect(page.locator(f"[data-number='{number}']")).to_be_visible()
    with demo_engine.connect() as conn:
        made = conn.execute(
            text("""
                SELECT p.code, n.outcome, i.number FROM inspection n JOIN place p ON p.id = n.place_id
                LEFT JOIN incident i ON i.id = n.incident_id WHERE p.code IN (:first, :second) AND n.at > now() - interval '5 min'
                ORDER BY n.id
            """),
            {"first": first, "second": second},
        ).all()
    assert [tuple(row) for row in made] == [(first, "fine", None), (second, "finding", number)]
