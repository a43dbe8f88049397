"""Basic units: what grids are put together from, each with its residents."""

from typing import Final

from layers.vector_tiles import Paint, Source

LEAST_ZOOM: Final = 14
LEAST_ZOOM_OF_FILLS: Final = 9


def source(tiles_url: str, *, min_zoom: int = LEAST_ZOOM) -> Source:
    """Tiles of the basic units, below ``tiles_url`` (no slash at the end)."""
    return Source(name="cells", url=f"{tiles_url}/cells/{{z}}/{{x}}/{{y}}.mvt", min_zoom=min_zoom)


def fills() -> list[Paint]:
    """Basic units coloured by class, by their ids, from the zoom at which the whole city is seen."""
    return [
        Paint(
            name="cell-fill", source="cells", layer="cell", kind="fill", level="cell", together=True, min_zoom=LEAST_ZOOM_OF_FILLS
        )
    ]


def borders() -> list[Paint]:
    """Borders of the basic units, dashed and below those of the grids; the reader asks for them."""
    return [
        Paint(
            name="cell-border",
            source="cells",
            layer="cell",
            kind="line",
            colour="#a7b1bd",
            width=((14, 0.5), (17, 1)),
            dash=(2, 2),
            min_zoom=LEAST_ZOOM,
            visible=False,
        )
    ]
