"""Basic units: what grids are put together from, each with its residents."""

from typing import Final

from layers.vector_tiles import Paint, Source

LEAST_ZOOM: Final = 14


def source(tiles_url: str) -> Source:
    """Tiles of the basic units, below ``tiles_url`` (no slash at the end)."""
    return Source(name="cells", url=f"{tiles_url}/cells/{{z}}/{{x}}/{{y}}.mvt", min_zoom=LEAST_ZOOM)


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
