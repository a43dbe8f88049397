"""A planner connects a department: opens a source, tries the mapping on a file, sees what came and corrects what did not."""

import secrets
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Connection, text


def test_a_department_is_connected_and_its_bad_record_corrected(
    page: Page, base_url: str, demo: Connection, tmp_path: Path, browser: Browser, session_state: dict, worker: object
) -> None:
    x, y = demo.execute(text("SELECT ST_X(label_point), ST_Y(label_point) FROM area WHERE level = 'community' LIMIT 1")).one()
    code = f"b-{secrets.token_hex(4)}"
    file = tmp_path / "案件.csv"
    file.write_text(
        f"编号,类型,经度,纬度,时间\nA-1,通道,{x},{y},2026-03-01 9:00\nA-2,飞船,{x},{y},2026-03-01 9:00\n", encoding="gb18030"
    )
    page.goto(f"{base_url}/sources")
    page.click("#open-source")
    for name, value in {"name_zh": "消防平台", "name_en": "Fire platform", "code": code, "id": "编号"}.items():
        page.fill(f"#source-form [name={name}]", value)
    page.click("#source-form [type=submit]")
    expect(page.locator("#source-form .form-error")).to_contain_text("经度")
    expect(page.locator("#source-form [name=matter]")).to_have_attribute("aria-invalid", "true")
    for name, value in {"matter": "类型", "lon": "经度", "lat": "纬度", "reported_at": "时间"}.items():
        page.fill(f"#source-form [name={name}]", value)
    page.click("#source-form [type=submit]")
    page.wait_for_url(f"{base_url}/sources/{code}")

    page.set_input_files("#sample", file)
    expect(page.locator("#preview .is-bad")).to_have_count(2)
    page.fill("#mapping [name=matters]", "通道 = 0101")
    page.click("#try")
    expect(page.locator("#preview .is-bad")).to_have_count(1)
    page.click("#mapping [type=submit]")
    expect(page.locator("#mapping-told")).not_to_be_empty()

    page.set_input_files("#upload", file)
    expect(page.locator("#rejects li[data-id]")).to_have_count(1, timeout=40_000)
    expect(page.locator("#rejects .reasons")).to_contain_text("飞船")
    page.click("#rejects button")
    page.fill("#r-类型", "通道")
    page.click("#reject-form [type=submit]")
    expect(page.locator("#reject-count")).to_have_text("0")
    expect(page.locator("#deliveries tr")).to_have_count(2)
    expect(page.locator("#state .light-green")).to_be_visible()

    phone = browser.new_context(storage_state=session_state, viewport={"width": 390, "height": 844}, locale="zh-CN")
    held = phone.new_page()
    for path in ("/sources", f"/sources/{code}"):
        held.goto(base_url + path)
        expect(held.locator(".light").first).to_be_visible()
        assert held.evaluate("document.documentElement.scrollWidth") <= 390
    phone.close()


def test_a_matter_is_proposed_and_decided_and_its_versions_are_told(page: Page, base_url: str) -> None:
    code = f"T{secrets.randbelow(90_000) + 10_000}"
    page.goto(f"{base_url}/matters")
    expect(page.locator(".matter-row").first).to_be_visible()
    page.click("#admit")
    page.fill("#p-code", code)
    page.click("#proposal-form [type=submit]")
    expect(page.locator("#proposal-form .form-error")).to_be_visible()
    for name, value in {
        "category_zh": "试验", "category_en": "Trial", "name_zh": f"事项{code}", "name_en": f"Matter {code}", "time_limit_h": "4",
        "standard_min": "20", "reason": "需要",
    }.items():  # fmt: skip
        page.fill(f"#proposal-form [name={name}]", value)
    page.click("#proposal-form [type=submit]")
    page.locator("#proposals li", has_text=code).locator("button").click()
    page.fill("#d-text", "令 7")
    page.click("#decision-form [type=submit]")
    expect(page.locator("#decision-sheet")).to_be_hidden()
    page.fill("#q", code)
    expect(page.locator(".matter-row .is-open")).to_have_count(1)
    page.click(".matter-row button")
    expect(page.locator("#versions li")).to_have_count(1)
    expect(page.locator("#history")).to_contain_text("令 7")
    page.click("#retire")
    page.fill("#p-reason", "试验结束")
    page.click("#proposal-form [type=submit]")
    expect(page.locator("#proposals li", has_text=code)).to_have_count(1)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
