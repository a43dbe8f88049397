"""Service points, one mark per kind."""

from typing import Final

from layers.vector_tiles import Paint, Source

LEAST_ZOOM: Final = 13


def source(tiles_url: str) -> Source:
    """Tiles of all kinds, from the zoom at which single points are told apart."""
    return Source(name="facilities", url=f"{tiles_url}/facilities/{{z}}/{{x}}/{{y}}.mvt", min_zoom=LEAST_ZOOM)


def marks() -> list[Paint]:
    """Shape and colour by ``kind``; which kinds are shown is the reader's choice in the page."""
    return [
        Paint(
            name="facility",
            source="facilities",
            layer="facility",
            kind="mark",
            property="kind",
            radius=((13, 4), (15, 5.5), (17, 7)),
            min_zoom=LEAST_ZOOM,
            visible=False,
        )
    ]
