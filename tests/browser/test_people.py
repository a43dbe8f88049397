"""Accounts as an administrator and the people use them, in a real Chromium against the real server."""

import re
import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from seed.people import DEMO_PASSWORD

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
OWN = "heron in the reeds"


@pytest.fixture
def somebody(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of somebody else."""
    made = browser.new_context(viewport=DESKTOP, locale="zh-CN")  # type: ignore[arg-type]
    yield made
    made.close()


@pytest.fixture
def admin(browser: Browser, base_url: str) -> Iterator[Page]:
    """The page of accounts, as the administrator has it; nothing may go wrong in its console."""
    made = browser.new_context(viewport=DESKTOP, locale="en-GB")  # type: ignore[arg-type]
    page = made.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    log_in(page, base_url, "admin", DEMO_PASSWORD)
    page.goto(f"{base_url}/language/en?next=/accounts")
    expect(page.locator("#rows:not([aria-busy])")).to_be_visible()
    yield page
    made.close()
    assert errors == []


def log_in(page: Page, base_url: str, login: str, password: str) -> None:
    page.goto(f"{base_url}/login")
    page.fill("#login", login)
    page.fill("#password", password)
    page.click("#log-in")


def open_account(page: Page, login: str, *, role: str = "viewer", area: str = "Humen") -> str:
    """Open an account by the sheet, choosing the area with the keyboard; returns the password shown once."""
    page.click("#open-account")
    page.fill("#f-login", login)
    page.fill("#f-name", "陈伟")
    page.select_option("#f-role", role)
    page.fill("#f-area-input", area)
    expect(page.locator("#f-area-list [role=option]").first).to_contain_text(area)
    page.press("#f-area-input", "Enter")
    page.click("#save-account")
    expect(page.locator("#secret")).to_be_visible()
    password = page.locator("#secret-value").inner_text()
    page.click("#secret .btn-primary")
    expect(page.locator("#secret-value")).to_have_text("")
    return password


@pytest.fixture
def name() -> str:
    return f"b-{secrets.token_hex(4)}"


def test_from_the_first_password_to_the_end_of_the_session(
    admin: Page, somebody: BrowserContext, base_url: str, name: str
) -> None:
    first = open_account(admin, name, role="dispatcher")
    expect(admin.locator(f"[data-login={name}] .row-state")).to_have_text("Temporary password")
    page = somebody.new_page()
    log_in(page, base_url, name, first)
    page.wait_for_url(f"{base_url}/me")
    page.goto(f"{base_url}/docs/api")  # public; all else leads back
    page.goto(f"{base_url}/")
    page.wait_for_url(f"{base_url}/me")
    expect(page.locator(".main-nav, #token-form")).to_have_count(0)
    page.fill("#f-old", first)
    page.fill("#f-new", OWN)
    page.fill("#f-again", f"{OWN}s")
    page.click("#change-password")
    expect(page.locator("#h-again")).to_have_text("两次输入不一致。")
    page.fill("#f-again", OWN)
    page.click("#change-password")
    page.wait_for_url(f"{base_url}/")
    page.goto(f"{base_url}/accounts")
    expect(page.locator(".notice-status")).to_have_text("403")
    admin.click(f"[data-login={name}] .row-open")
    admin.click("#close-account")
    admin.click("#question-yes")
    expect(admin.locator("#reopen-account")).to_be_visible()
    page.goto(f"{base_url}/")
    page.wait_for_url(re.compile("/login"))


def test_a_refusal_stands_beside_its_field_in_the_readers_words(admin: Page) -> None:
    admin.click("#open-account")
    admin.fill("#f-login", "planner")
    admin.fill("#f-name", "x")
    admin.click("#save-account")
    expect(admin.locator("#h-area")).to_contain_text("There is no such area")
    expect(admin.locator("#f-area-input")).to_be_focused()
    admin.press("#f-area-input", "Enter")  # takes the own area, which the empty field offers
    expect(admin.locator("#f-area-input")).to_have_value("Dongguan")
    admin.click("#save-account")
    expect(admin.locator("#h-login")).to_contain_text("This login is taken")
    expect(admin.locator("#f-login")).to_have_attribute("aria-invalid", "true")
    admin.fill("#f-login", "Chen Wei")
    admin.click("#save-account")
    expect(admin.locator("#h-login")).to_contain_text("2 to 40 small letters")
    admin.keyboard.press("Escape")
    expect(admin.locator("#account")).to_be_hidden()


def test_ones_own_rights_cannot_be_touched(admin: Page) -> None:
    admin.click("[data-login=admin] .row-open")
    expect(admin.locator("#own-note")).to_be_visible()
    for selector in ("#f-role", "#f-area-input"):
        expect(admin.locator(selector)).to_be_disabled()
    expect(admin.locator("#close-account, #reset-password").filter(visible=True)).to_have_count(0)


def _see_planners_alone(page: Page) -> None:
    expect(page.locator("#rows tbody tr").filter(has_not_text="planner")).to_have_count(0)
    expect(page.locator("[data-login=planner]")).to_be_visible()


def test_rows_are_filtered_and_an_empty_answer_says_so(admin: Page) -> None:
    admin.fill("#filter-words", "planner")
    _see_planners_alone(admin)
    admin.select_option("#filter-role", "officer")
    expect(admin.locator("#note")).to_contain_text("No account fits these filters.")
    admin.click("#note button")
    expect(admin.locator("[data-login=planner]")).to_be_visible()
    admin.fill("#filter-area-input", "Humen")
    expect(admin.locator("#filter-area-list [role=option]").first).to_contain_text("Humen")
    admin.press("#filter-area-input", "Enter")
    expect(admin.locator("[data-login=dispatcher]")).to_be_visible()
    expect(admin.locator("[data-login=planner]")).to_have_count(0)


def test_a_failing_list_says_so_and_can_be_tried_again(admin: Page) -> None:
    admin.route("**/api/v1/accounts?*", lambda route: route.fulfill(status=503, json={"detail": "away"}))
    admin.fill("#filter-words", "planner")
    expect(admin.locator("#note [role=alert]")).to_have_text("away")
    admin.unroute("**/api/v1/accounts?*")
    admin.click("#note button")
    _see_planners_alone(admin)


def test_names_from_the_server_stay_text(admin: Page, name: str) -> None:
    evil = '<img src=x onerror="window.broken=1">'
    open_account(admin, name)
    admin.click(f"[data-login={name}] .row-open")
    admin.fill("#f-name", evil)
    admin.click("#save-account")
    expect(admin.locator(f"[data-login={name}] .row-open")).to_have_text(evil)
    admin.click(f"[data-login={name}] .row-open")
    expect(admin.locator("#account-title")).to_have_text(evil)
    assert admin.evaluate("window.broken") is None


def test_a_token_is_issued_shown_once_and_revoked(admin: Page, base_url: str, name: str) -> None:
    admin.goto(f"{base_url}/me")
    admin.fill("#f-label", name)
    admin.click("#issue-token")
    expect(admin.locator("#secret")).to_be_visible()
    token = admin.locator("#secret-value").inner_text()
    answer = admin.request.get(f"{base_url}/api/v1/me", headers={"Authorization": f"Bearer {token}", "Cookie": ""})
    assert answer.json()["login"] == "admin"
    admin.click("#secret .btn-primary")
    row = admin.locator("#tokens li", has_text=name)
    row.get_by_role("button").click()
    admin.click("#question-yes")
    expect(row).to_have_count(0)


@pytest.mark.parametrize("path", ["/accounts", "/me"])
def test_on_a_phone_nothing_is_wider_than_the_page_and_everything_has_a_name(admin: Page, base_url: str, path: str) -> None:
    admin.set_viewport_size(PHONE)  # type: ignore[arg-type]
    admin.goto(f"{base_url}{path}")
    expect(admin.locator("#rows:not([aria-busy]), #tokens:not([aria-busy])").filter(visible=True).first).to_be_visible()
    if path == "/accounts":
        admin.click("#open-account")
    assert admin.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    nameless = admin.evaluate(
        """() => [...document.querySelectorAll("button, a, summary, select, input:not([type=hidden])")]
            .filter((each) => each.checkVisibility())
            .filter((each) => !(each.ariaLabel || each.textContent.trim() || each.title || each.labels?.length))
            .map((each) => each.outerHTML)"""
    )
    assert nameless == []


def test_the_sheet_is_worked_with_the_keyboard_alone(admin: Page, name: str) -> None:
    admin.focus("#open-account")
    admin.keyboard.press("Enter")
    expect(admin.locator("#f-login")).to_be_focused()
    admin.keyboard.type(name)
    for typed in ("陈伟", "", "Dongguan"):
        admin.keyboard.press("Tab")
        admin.keyboard.type(typed)
    expect(admin.locator("#f-area-list [aria-selected=true]")).to_contain_text("Dongguan")
    admin.keyboard.press("Enter")
    expect(admin.locator("#f-area-list")).to_be_hidden()
    admin.keyboard.press("Enter")
    expect(admin.locator("#secret")).to_be_visible()
    admin.keyboard.press("Escape")
    expect(admin.locator(f"[data-login={name}]")).to_be_visible()
