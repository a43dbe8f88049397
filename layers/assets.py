"""Every script and style of a page is our own copy.

Folium writes links to half a dozen hosts into each page. ``localise`` points the needed ones to the copies that npm
put under ``/static/vendor``, drops those that the product does not use, and refuses what it does not know: a new plugin
fails in its first test instead of in a city network without a way out.
"""

from typing import Final

from branca.element import CssLink, Element, Figure, JavascriptLink

VENDOR: Final = "vendor/node_modules"

# How the address begins, without its version, and our copy. Versions are npm's business (package.json).
COPIES: Final = {
    ("https://cdn.jsdelivr.net/npm/leaflet@", "/dist/leaflet.js"): "leaflet/dist/leaflet.js",
    ("https://cdn.jsdelivr.net/npm/leaflet@", "/dist/leaflet.css"): "leaflet/dist/leaflet.css",
}

# Folium brings these for markers with icons and for pop-ups made with jQuery. Our layers use neither, and the frame
# of the page has its own Bootstrap.
UNUSED: Final = (
    "https://code.jquery.com/jquery-",
    "https://cdn.jsdelivr.net/npm/bootstrap@",
    "https://netdna.bootstrapcdn.com/bootstrap/3.0.0/css/bootstrap-glyphicons.css",
    "https://cdnjs.cloudflare.com/ajax/libs/Leaflet.awesome-markers/",
    "https://cdn.jsdelivr.net/npm/@fortawesome/fontawesome-free@",
    "https://cdn.jsdelivr.net/gh/python-visualization/folium/folium/templates/leaflet.awesome.rotate.min.css",
)


class UnknownAsset(Exception):
    """A page asks for a script or style of which there is neither a copy nor a decision to leave it out."""

    def __init__(self, url: str) -> None:
        super().__init__(f"No local copy of {url}. Add it to layers.assets, or list it as unused.")
        self.url = url


def localise(figure: Figure, *, static_url: str) -> None:
    """Point every link in a *rendered* figure's header to our copies; drop unused ones. Raises UnknownAsset.

    ``static_url`` is the folder of static files as the page sees it, e.g. ``/static``.
    """
    for part in (figure.header, figure.html, figure.script):
        for name, child in list(part._children.items()):
            if isinstance(child, JavascriptLink | CssLink):
                _localise_link(part, name, child, static_url=static_url)


def own_copy(url: str) -> str | None:
    """Path of our copy below the static folder, or None for an asset left out. Raises UnknownAsset."""
    for (start, end), copy in COPIES.items():
        if url.startswith(start) and url.endswith(end):
            return f"{VENDOR}/{copy}"
    if url.startswith(UNUSED):
        return None
    raise UnknownAsset(url)


def _localise_link(part: Element, name: str, link: JavascriptLink | CssLink, *, static_url: str) -> None:
    copy = own_copy(link.url)
    if copy is None:
        del part._children[name]
    else:
        part._children[name] = type(link)(f"{static_url.rstrip('/')}/{copy}")
