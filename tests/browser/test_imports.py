"""Bringing files in as people do: a real Chromium, a real server, and a real worker beside it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from playwright.sync_api import Dialog, Page, expect
from shapely import affinity
from sqlalchemy import Connection, Engine, text

from tests.browser.hearing import Heard
from tests.browser.test_overview import ask, wait_until_drawn

EVIL = "<script>alert(1)</script>"
CHECKED_WITHIN_MS = 90_000
PHONE = {"width": 390, "height": 844}

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture
def imports(page: Page, base_url: str) -> Iterator[Page]:
    """The page of imports; afterwards no script of a file has run, nothing went wrong, and nothing is left behind."""
    heard, dialogs = Heard(page), []

    def refuse(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", refuse)
    page.emulate_media(reduced_motion="reduce")  # the map then goes to a finding at once
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{base_url}/language/en?next=/imports")
    yield page
    assert dialogs == []
    assert [error for error in heard.errors if "status of 422" not in error] == []
    assert all(address.startswith((base_url, "data:", "blob:", "about:")) for address in heard.addresses)
    page.goto(f"{base_url}/imports")
    put_away(page, base_url)


def put_away(page: Page, base_url: str) -> None:
    for job in ask(page, base_url, "/imports")["imports"]:
        page.evaluate(
            """async (id) => {
                const headers = { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content };
                await fetch(`/api/v1/imports/${id}/cancel`, { method: "POST", headers });
                await fetch(`/api/v1/imports/${id}`, { method: "DELETE", headers });
            }""",
            job["id"],
        )


@pytest.fixture
def opened(demo_engine: Engine) -> Iterator[str]:
    """What the names of facilities begin with that a test brings in; they are taken out again for the other tests."""
    yield "新开便民点"
    with demo_engine.begin() as conn:
        conn.execute(text("DELETE FROM facility WHERE name_zh LIKE '新开便民点%'"))


def places(page: Page, base_url: str) -> list[tuple[float, float]]:
    """A place inside each community."""
    return [(label["lon"], label["lat"]) for label in ask(page, base_url, "/labels?level=community")["labels"]]


def facilities_file(folder: Path, at: list[tuple[float, float]], *, name: str = "便民点") -> Path:
    """Four facilities: one sound, one with a name that looks like a script, one swapped, one of an unknown kind."""
    rows = [
        (f"{name}甲", "health_station", *at[0]),
        (f"{name}{EVIL}", "health_station", *at[1]),
        (f"{name}丙", "health_station", at[2][1], at[2][0]),
        (f"{name}丁", "飞船场", *at[3]),
    ]
    path = folder / "facilities.csv"
    path.write_text("点名,类型,经度,纬度\n" + "".join(",".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
    return path


def grids_file(folder: Path, demo: Connection) -> Path:
    """Some grids of one community, one of them pushed over its neighbours, one with a code that looks like a script."""
    query = """
        SELECT g.code, ST_AsText(v.geom) FROM grid_version v JOIN grid g ON g.id = v.grid_id
        WHERE now() <@ v.valid ORDER BY g.code LIMIT 6
    """
    features = []
    for at, (code, wkt) in enumerate(demo.execute(text(query)).all()):
        shape = affinity.translate(shapely.from_wkt(wkt), 0.0005 if at == 1 else 0, 0)
        told = {"网格编码": EVIL if at == 2 else code}
        features.append({"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": told})
    path = folder / "grids.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def bring(page: Page, kind: str, path: Path) -> None:
    page.locator(".kind", has=page.locator(f"input[value={kind}]")).click()
    page.set_input_files("#file", path)
    page.wait_for_url(re.compile(r"/imports/\d+"))


def wait_for_state(page: Page, state: str) -> None:
    expect(page.locator("#state")).to_have_text(state, timeout=CHECKED_WITHIN_MS)


def rule_names(page: Page) -> list[str]:
    return [name.splitlines()[-1] for name in page.locator(".findings tbody .cell-rule").all_inner_texts()]


def view(page: Page) -> Any:
    return page.evaluate("[wangge.map.getCenter().lng, wangge.map.getCenter().lat, wangge.map.getZoom()]")


def test_a_planner_brings_facilities_in_and_leaves_the_faulty_rows_out(
    imports: Page, base_url: str, tmp_path: Path, opened: str
) -> None:
    page, at = imports, places(imports, base_url)
    bring(page, "facilities", facilities_file(tmp_path, at, name=opened))
    wait_for_state(page, "Blocked")
    expect(page.locator("#tab-report")).to_have_attribute("aria-selected", "true")
    page.wait_for_selector(".findings tbody tr[data-key]")
    assert sorted(rule_names(page)) == ["Missing column", "Swapped coordinates", "Unknown kind"]
    page.click("#tab-apply")
    expect(page.locator("#apply")).to_be_disabled()
    expect(page.locator("#apply-words")).to_contain_text("3 errors block the import.")
    page.click("#tab-columns")
    expect(page.locator("#changed")).to_be_hidden()
    expect(page.locator("#field-name_zh")).to_have_class(re.compile("is-missing"))  # nothing in the file is called a name
    page.select_option("#field-name_zh", "点名")
    expect(page.locator("tr", has=page.locator("#field-name_zh")).locator(".samples")).to_contain_text("新开便民点甲")
    page.check("[name=leave_out]")
    expect(page.locator("#changed")).to_contain_text("Settings were changed")
    page.click("#check-again")
    wait_for_state(page, "Checked")
    expect(page.locator(".report-summary")).to_contain_text("Applying it writes: 2 facilities")
    page.click("#tab-apply")
    page.click("#apply")
    expect(page.locator("#apply-counts")).to_have_text("2 facilities")
    page.click("#apply-dialog button[value=no]")
    wait_for_state(page, "Checked")
    page.click("#apply")
    page.click("#apply-dialog button[value=yes]")
    wait_for_state(page, "Applied")
    expect(page.locator(".done-box")).to_contain_text("2 facilities")
    page.click(".done-box a")
    wait_until_drawn(page)
    page.fill("#search-input", "新开便民点甲")
    expect(page.locator("#search-results [role=option]").first).to_contain_text("Xinkaibianmindianjia")


def test_a_finding_and_its_place_show_each_other(imports: Page, demo: Connection, tmp_path: Path) -> None:
    page = imports
    bring(page, "grids", grids_file(tmp_path, demo))
    wait_for_state(page, "Blocked")
    page.select_option("[name=rule]", "overlap")
    row = page.locator(".findings tbody tr[data-key]").first
    expect(row).to_contain_text("Overlap")
    expect(row.locator(".is-number")).to_contain_text(re.compile(r"\d (m²|km²)"))
    before = view(page)
    row.click()
    expect(page.locator(".leaflet-popup-content")).to_contain_text("Overlap")
    expect(page.locator(".detail-row")).to_contain_text("Two units claim the same ground.")
    after = view(page)
    assert after[2] > before[2]
    page.keyboard.press("ArrowDown")
    expect(page.locator(".findings tr[aria-selected=true]")).to_have_count(1)
    assert view(page)[:2] != after[:2]
    # Back on the first, then its mark on the map selects it again.
    page.keyboard.press("Home")
    chosen = page.locator(".findings tr[aria-selected=true]").get_attribute("data-key")
    page.keyboard.press("End")
    at = page.evaluate(
        """(key) => {
            const finding = wangge.import.report.report.findings[key];
            wangge.map.setView([finding.lat, finding.lon], 17, { animate: false });
            const { x, y } = wangge.map.latLngToContainerPoint([finding.lat, finding.lon]);
            const box = wangge.map.getContainer().getBoundingClientRect();
            return [box.x + x, box.y + y];
        }""",
        int(chosen or 0),
    )
    page.evaluate("wangge.map.closePopup()")
    page.mouse.click(*at)
    expect(page.locator(".findings tr[aria-selected=true]")).to_have_attribute("data-key", chosen or "")


def test_thousands_of_findings_come_page_by_page_and_filtered(imports: Page, demo: Connection, tmp_path: Path) -> None:
    page = imports
    bring(page, "grids", grids_file(tmp_path, demo))
    wait_for_state(page, "Blocked")
    expect(page.locator(".report-summary")).to_contain_text("2,000 of")
    expect(page.locator(".findings tbody tr[data-key]")).to_have_count(100)
    expect(page.locator(".findings .pager")).to_contain_text("1–100 of 2,000")
    page.get_by_role("button", name="Next page").first.click()
    expect(page.locator(".findings .pager")).to_contain_text("101–200 of 2,000")
    page.locator(".severity-chips label", has_text="Errors").click()
    expect(page.locator(".findings tbody .cell-gravity", has_text="Error")).to_have_count(0)


def test_changed_units_are_listed_and_sorted(imports: Page, demo: Connection, tmp_path: Path) -> None:
    page = imports
    bring(page, "grids", grids_file(tmp_path, demo))
    wait_for_state(page, "Blocked")
    page.get_by_text("Changed units").click()
    head = page.locator(".changes th", has_text="Lost")
    head.locator("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    rows = page.locator(".changes tbody tr[data-key]")
    assert rows.count() > 1
    rows.first.click()
    expect(page.locator(".leaflet-popup-content")).to_contain_text("→")


def test_what_looks_like_a_script_in_a_file_stays_text(imports: Page, base_url: str, demo: Connection, tmp_path: Path) -> None:
    page = imports
    bring(page, "grids", grids_file(tmp_path, demo))
    wait_for_state(page, "Blocked")
    page.wait_for_selector(".findings tbody tr[data-key]")
    page.evaluate("wangge.import.report.selectRow(3)")
    expect(page.locator(".leaflet-popup-content")).to_contain_text(EVIL)
    expect(page.locator(".findings tr[aria-selected=true]")).to_contain_text(EVIL)
    page.goto(f"{base_url}/imports")
    named = tmp_path / "<img src=x onerror=alert(1)>.csv"
    named.write_bytes(facilities_file(tmp_path, places(page, base_url)).read_bytes())
    bring(page, "facilities", named)
    expect(page.locator("h1")).to_have_text(named.name)


def test_a_running_check_is_cancelled_and_can_be_begun_again(imports: Page, base_url: str, tmp_path: Path) -> None:
    page = imports
    lon, lat = places(page, base_url)[0]
    path = tmp_path / "many.csv"
    lines = (f"站{at},health_station,{lon + at * 1e-8:.8f},{lat:.8f}\n" for at in range(120_000))
    path.write_text("点名,类型,经度,纬度\n" + "".join(lines), encoding="utf-8")
    bring(page, "facilities", path)
    expect(page.locator("#run")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
    page.click("#cancel-run")
    wait_for_state(page, "Cancelled")
    expect(page.locator("#problem")).to_contain_text("nothing was written")
    page.click("#tab-columns")
    expect(page.locator("#check-again")).to_be_visible()
    number = page.url.split("/")[-1].split("#")[0]
    page.click("#abandon")
    page.click("#abandon-dialog button[value=yes]")
    page.wait_for_url(f"{base_url}/imports")
    expect(page.locator("#import-list .bone")).to_have_count(0)
    expect(page.locator(f"#import-list tr[data-id='{number}']")).to_have_count(0)


def test_garbage_is_refused_with_a_sentence(imports: Page, tmp_path: Path) -> None:
    path = tmp_path / "holiday.gpkg"
    path.write_bytes(b"\x00\x01 not a GeoPackage" * 50)
    imports.set_input_files("#file", path)
    expect(imports.locator("#upload-fault")).to_contain_text("holiday.gpkg")
    expect(imports.locator(".drop-zone")).to_be_visible()


def test_areas_of_a_city_that_has_them_are_refused_with_what_to_do(imports: Page, demo: Connection, tmp_path: Path) -> None:
    bring(imports, "areas", grids_file(tmp_path, demo))
    wait_for_state(imports, "Failed")
    expect(imports.locator("#problem")).to_contain_text("The city is divided down to its community areas already")


def test_an_encoding_is_looked_at_before_it_is_checked(imports: Page, base_url: str, tmp_path: Path) -> None:
    page = imports
    path = facilities_file(tmp_path, places(page, base_url))
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    bring(page, "facilities", path)
    wait_for_state(page, "Blocked")
    page.click("#tab-columns")
    page.select_option("[name=encoding]", "gb18030")
    expect(page.locator("#changed")).to_be_visible()
    expect(page.locator("#field-kind")).to_have_value("类型")
    page.select_option("[name=system]", "epsg")
    expect(page.locator("#crs")).to_be_visible()


def test_on_a_phone_the_map_is_above_the_list_and_nothing_sticks_out(
    imports: Page, base_url: str, tmp_path: Path
) -> None:
    page = imports
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    bring(page, "facilities", facilities_file(tmp_path, places(page, base_url)))
    wait_for_state(page, "Blocked")
    page.locator(".findings tbody tr[data-key]").last.click()
    frame, steps = page.locator("#import-map").bounding_box(), page.locator(".steps").bounding_box()
    assert frame and steps
    assert frame["y"] + frame["height"] <= steps["y"]
    assert frame["height"] == pytest.approx((PHONE["height"] - 48) / 3, abs=12)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_in_chinese_the_rules_have_chinese_names(imports: Page, base_url: str, tmp_path: Path) -> None:
    page = imports
    page.goto(f"{base_url}/language/zh?next=/imports")
    bring(page, "facilities", facilities_file(tmp_path, places(page, base_url)))
    wait_for_state(page, "有错误，不能导入")
    expect(page.locator(".findings")).to_contain_text("经纬度颠倒")
