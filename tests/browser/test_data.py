"""The page of data: a file of every list, on a desk and on a phone."""

import csv
from pathlib import Path

from playwright.sync_api import BrowserContext, Page


def test_a_list_is_downloaded_with_a_click(page: Page, base_url: str, tmp_path: Path) -> None:
    page.goto(f"{base_url}/data")
    with page.expect_download() as coming:
        page.click("a[href='/api/v1/exports/grids.csv']")
    coming.value.save_as(tmp_path / "grids.csv")
    with (tmp_path / "grids.csv").open(encoding="utf-8-sig", newline="") as file:
        assert sum(1 for _ in csv.DictReader(file)) == 2_958
    assert coming.value.suggested_filename == "grids.csv"


def test_lists_without_a_place_offer_no_map_formats(page: Page, base_url: str) -> None:
    page.goto(f"{base_url}/data")
    assert page.locator("a[href='/api/v1/exports/staff.xlsx']").count() == 1
    assert page.locator("a[href='/api/v1/exports/staff.gpkg']").count() == 0


def test_the_page_fits_a_phone(context: BrowserContext, base_url: str) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    for language in ("zh", "en"):
        page.goto(f"{base_url}/language/{language}?next=/data")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
