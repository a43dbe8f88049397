"""Incidents of the last days: single marks where they are sparse, counts where they are dense."""

from typing import Final

from layers.vector_tiles import Paint, Source

DAYS: Final = (7, 30, 365)


def source(tiles_url: str, *, days: int = 30) -> Source:
    """Tiles of one period. The page changes ``days`` when the reader does."""
    return Source(name="incidents", url=f"{tiles_url}/incidents/{{z}}/{{x}}/{{y}}.mvt?days={days}")


def marks() -> list[Paint]:
    """Counts below, single incidents above, coloured by state."""
    return [
        Paint(name="incident-count", source="incidents", layer="incident_count", kind="count", visible=False),
        Paint(
            name="incident",
            source="incidents",
            layer="incident",
            kind="mark",
            property="state",
            radius=((10, 3.5), (14, 4.5), (17, 6)),
            visible=False,
        ),
    ]
