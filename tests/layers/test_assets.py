"""Every script and style of a page is our own copy."""

from pathlib import Path

import folium
import pytest
from branca.element import Figure
from folium.plugins import MarkerCluster

from layers.assets import COPIES, VENDOR, UnknownAsset, localise, own_copy

STATIC = Path(__file__).parents[2] / "server" / "static"


def a_rendered_figure(map_: folium.Map) -> Figure:
    figure = map_.get_root()
    assert isinstance(figure, Figure)
    figure.render()
    return figure


def test_a_plain_folium_page_keeps_only_our_own_links() -> None:
    figure = a_rendered_figure(folium.Map(tiles=None))
    localise(figure, static_url="/static")
    assert "https://" not in figure.header.render()
    assert f"/static/{VENDOR}/leaflet/dist/leaflet.js" in figure.header.render()


def test_a_plugin_without_a_copy_is_refused() -> None:
    map_ = folium.Map(tiles=None)
    MarkerCluster().add_to(map_)  # type: ignore[no-untyped-call]
    with pytest.raises(UnknownAsset, match="markercluster"):
        localise(a_rendered_figure(map_), static_url="/static")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/x.js",
        "//cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.js",
        "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.js.map",
        "https://cdn.jsdelivr.net/npm/leaflet.markercluster@1.5/dist/leaflet.markercluster.js",
    ],
)
def test_an_address_that_only_looks_familiar_is_refused(url: str) -> None:
    with pytest.raises(UnknownAsset) as refused:
        own_copy(url)
    assert refused.value.url == url


@pytest.mark.skipif(not (STATIC / VENDOR).exists(), reason="npm ci has not run")
@pytest.mark.parametrize("copy", COPIES.values())
def test_every_copy_is_there(copy: str) -> None:
    assert (STATIC / VENDOR / copy).is_file()
