"""The workload map's parts: no outside address, and as many colours as classes."""

from layers.basemap import NONE
from layers.workload import CHANGE_LIMITS, CLASSES, _page_options, workload_map
from tests.layers.test_overview import CITY, TILES, read


def test_the_page_loads_nothing_from_another_host() -> None:
    addresses = read(workload_map(bbox=CITY, tiles_url=TILES, may_save=True)).addresses
    assert addresses != []
    assert all(address.startswith("/static/") for address in addresses)


def test_every_class_has_its_colour() -> None:
    colours = _page_options(CITY, basemap=NONE, language="en", may_save=False)["colours"]
    assert len(colours["change"]) == len(CHANGE_LIMITS) + 1
    assert len(colours["hours"]) == CLASSES
