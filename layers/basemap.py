"""What lies under the grids: nothing, Tianditu, or any tiles the city has of its own.

``none`` is the default, because a command room may have no way out and Chinese law asks for approved base maps (map
approval numbers belong into the attribution). Tiles must be web mercator on WGS 84 or CGCS2000. Tiles in GCJ-02 (AMap,
Tencent) or BD-09 (Baidu) would put every border 300 to 600 m off: their hosts are refused.
"""

from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from folium import TileLayer

from layers.escaping import for_html

TIANDITU: Final = "https://t{s}.tianditu.gov.cn"
TIANDITU_SUBDOMAINS: Final = "01234567"
TIANDITU_MAX_ZOOM: Final = 18
TIANDITU_CREDIT: Final = "天地图 Tianditu"
DISPLACED_HOSTS: Final = (
    "autonavi.com",
    "amap.com",
    "is.autonavi.com",
    "gtimg.com",
    "map.qq.com",
    "bdimg.com",
    "baidu.com",
)
WMTS_REQUEST: Final = {
    "SERVICE": "WMTS",
    "REQUEST": "GetTile",
    "VERSION": "1.0.0",
    "STYLE": "default",
    "FORMAT": "image/png",
    "TILEMATRIX": "{z}",
    "TILEROW": "{y}",
    "TILECOL": "{x}",
}


class BadBasemap(ValueError):
    """The setting for the base map names neither a known service nor a usable address."""


@dataclass(frozen=True, kw_only=True)
class Basemap:
    """Tile addresses from bottom to top, with {z}, {x}, {y} and perhaps {s} (one of ``subdomains``)."""

    urls: tuple[str, ...] = ()
    attribution: str = ""
    subdomains: str = "abc"
    max_native_zoom: int = TIANDITU_MAX_ZOOM

    @classmethod
    def from_setting(cls, setting: str, *, key: str | None = None, attribution: str = "") -> Self:
        """Read ``none``, ``tianditu``, an XYZ template or a WMTS address with key-value pairs.

        ``key`` is the operator's key for Tianditu. Raises BadBasemap.
        """
        if setting in ("", "none"):
            return cls()
        if setting == "tianditu":
            return cls(
                urls=_tianditu(key or ""), attribution=attribution or TIANDITU_CREDIT, subdomains=TIANDITU_SUBDOMAINS
            )
        return cls(urls=(_own_tiles(setting),), attribution=attribution)


NONE: Final = Basemap()


def tile_layers(chosen: Basemap, *, max_zoom: int) -> list[TileLayer]:
    """Folium layers of a base map, lowest first; none for ``NONE``."""
    layers = []
    for number, url in enumerate(chosen.urls):
        layer = TileLayer(
            tiles=url,
            attr=for_html(chosen.attribution) or " ",
            name=f"basemap{number}",
            max_zoom=max_zoom,
            max_native_zoom=chosen.max_native_zoom,
            subdomains=chosen.subdomains,
            control=False,
            pane="basemap",
        )
        layer._id = f"basemap{number}"
        layers.append(layer)
    return layers


def _own_tiles(address: str) -> str:
    """A city's own tiles: an XYZ template, or a WMTS address completed to one."""
    if not address.startswith(("https://", "http://", "/")):
        raise BadBasemap(f"Not 'none', 'tianditu' or an address: {address!r}")
    _refuse_displaced(address)
    url = _wmts(address) if "wmts" in address.lower() and "{z}" not in address else address
    if not all(place in url for place in ("{z}", "{x}", "{y}")):
        raise BadBasemap(f"The address lacks {{z}}, {{x}} or {{y}}: {address!r}")
    return url


def _tianditu(key: str) -> tuple[str, ...]:
    """Vector base map and its labels, web mercator (``_w``), coordinates CGCS2000."""
    if not key.isalnum():
        raise BadBasemap("Tianditu needs the operator's key.")
    return tuple(
        f"{TIANDITU}/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default&TILEMATRIXSET=w"
        f"&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
        for layer in ("vec", "cva")
    )


def _wmts(address: str) -> str:
    """Complete a WMTS address to a GetTile request; what it says already stays."""
    for theirs, ours in (("{TileMatrix}", "{z}"), ("{TileRow}", "{y}"), ("{TileCol}", "{x}")):
        address = address.replace(theirs, ours)
    parts = urlsplit(address)
    given = {key.upper(): value for key, value in parse_qsl(parts.query)}
    missing = [name for name in ("LAYER", "TILEMATRIXSET") if name not in given]
    if missing:
        raise BadBasemap(f"The WMTS address lacks {' and '.join(missing)}: {address!r}")
    query = urlencode(WMTS_REQUEST | given, safe="{}/:")
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{query}"


def _refuse_displaced(address: str) -> None:
    host = (urlsplit(address).hostname or "").lower()
    if host.endswith(DISPLACED_HOSTS):
        raise BadBasemap(f"{host} serves GCJ-02 or BD-09 tiles: borders would lie 300 to 600 m off.")
