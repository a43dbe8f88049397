"""Management grids: the finest division, of which there are thousands."""

from typing import Final

from layers.vector_tiles import Paint, Source

LEAST_ZOOM: Final = 8


def source(tiles_url: str) -> Source:
    """Tiles of the plan in force, below ``tiles_url`` (no slash at the end)."""
    return Source(name="grids", url=f"{tiles_url}/grids/{{z}}/{{x}}/{{y}}.mvt", min_zoom=LEAST_ZOOM)


def fills() -> list[Paint]:
    """Grids coloured by class."""
    return [Paint(name="grid-fill", source="grids", layer="grid", kind="fill", level="grid")]


def borders() -> list[Paint]:
    """Grid borders, from the zoom at which they are more than a grey veil."""
    return [
        Paint(
            name="grid-border",
            source="grids",
            layer="grid",
            kind="line",
            colour="#8b98a9",
            width=((12, 0.35), (14, 0.8), (17, 1.4)),
            min_zoom=12,
        )
    ]
