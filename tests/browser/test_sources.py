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
