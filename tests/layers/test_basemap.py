"""What a city may put under its grids."""

import re
from pathlib import Path

import pytest

from layers.basemap import NONE, BadBasemap, Basemap


@pytest.mark.parametrize("setting", ["", "none"])
def test_none_is_the_default(setting: str) -> None:
    assert Basemap.from_setting(setting) == NONE


def test_tianditu_is_web_mercator_with_labels_on_top() -> None:
    chosen = Basemap.from_setting("tianditu", key="0123abcd")
    assert [url.split("/")[3] for url in chosen.urls] == ["vec_w", "cva_w"]
    assert all("tk=0123abcd" in url and "TILEMATRIXSET=w" in url for url in chosen.urls)
    assert "天地图" in chosen.attribution


def test_an_xyz_template_is_taken_as_it_is() -> None:
    assert Basemap.from_setting("https://tiles.city.example/{z}/{x}/{y}.png").urls == (
        "https://tiles.city.example/{z}/{x}/{y}.png",
    )


def test_a_wmts_address_is_completed_to_a_request() -> None:
    (url,) = Basemap.from_setting(
        "https://maps.city.example/wmts?layer=vec&tilematrixset=w&format=image/jpeg&tk=k"
    ).urls
    assert "REQUEST=GetTile" in url
    assert "TILEMATRIX={z}&TILEROW={y}&TILECOL={x}" in url
    assert "FORMAT=image/jpeg" in url


@pytest.mark.parametrize(
    ("setting", "because"),
    [
        ("osm", "Not 'none'"),
        ("javascript:alert(1)", "Not 'none'"),
        ("tianditu", "key"),
        ("https://tiles.example/{z}/{x}.png", "lacks"),
        ("https://maps.example/wmts?layer=vec", "TILEMATRIXSET"),
        ("https://webrd01.is.autonavi.com/tile?x={x}&y={y}&z={z}", "300 to 600 m"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(setting: str, because: str) -> None:
    with pytest.raises(BadBasemap, match=because):
        Basemap.from_setting(setting)


@pytest.mark.parametrize("key", [None, "", "a&b", "a b"])
def test_tianditu_without_a_usable_key_is_refused(key: str | None) -> None:
    with pytest.raises(BadBasemap, match="key"):
        Basemap.from_setting("tianditu", key=key)


def test_the_address_that_the_how_to_gives_is_taken() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/how-to/set-a-basemap.md").read_text(encoding="utf-8")
    for address in re.findall(r"WANGGE_BASEMAP='([^']+)'", page):
        assert Basemap.from_setting(address, key=None, attribution="")
