"""The coverage map's parts: no outside address, and a colour for every band."""

from layers.basemap import NONE
from layers.coverage import MOST_BANDS, WITHIN, _page_options, coverage_map
from layers.palette import lightness
from tests.layers.test_overview import CITY, TILES, read

MAY = {"keep": True, "publish": True, "scenarios": True, "sites": True}


def test_the_page_loads_nothing_from_another_host() -> None:
    addresses = read(coverage_map(bbox=CITY, tiles_url=TILES, rights=MAY)).addresses
    assert addresses != []
    assert all(address.startswith("/static/") for address in addresses)


def test_every_number_of_bands_has_its_colours_and_near_is_dark() -> None:
    assert WITHIN.keys() == set(range(1, MOST_BANDS + 1))
    for bands, colours in WITHIN.items():
        shades = [lightness(colour) for colour in colours]
        assert len(set(colours)) == bands and shades == sorted(shades)


def test_who_is_served_and_who_is_not_never_share_a_colour() -> None:
    colours = _page_options(CITY, rights=MAY, basemap=NONE, language="en")["colours"]
    single = [colours[name] for name in ("beyond", "unreached", "empty", "gained", "lost")]
    assert len(set(single)) == 5 and not set(single) & {each for shades in colours["within"].values() for each in shades}
