"""Districts, towns and communities: the administrative frame that grids lie in."""

from layers.vector_tiles import Paint, Source


def source(tiles_url: str) -> Source:
    """Tiles of all levels, below ``tiles_url`` (no slash at the end)."""
    return Source(name="areas", url=f"{tiles_url}/areas/{{z}}/{{x}}/{{y}}.mvt")


def fills() -> list[Paint]:
    """Towns and communities coloured by class."""
    return [_fill("community"), _fill("town")]


def borders() -> list[Paint]:
    """From community to district: the wider unit lies above and has the stronger line. Not every city has districts."""
    return [
        Paint(
            name="community-border",
            source="areas",
            layer="community",
            kind="line",
            colour="#5d6b7e",
            width=((9, 0.25), (11, 0.5), (13, 1.1), (16, 1.8)),
            min_zoom=10,
        ),
        Paint(
            name="town-border",
            source="areas",
            layer="town",
            kind="line",
            colour="#26344a",
            width=((8, 0.7), (11, 1.4), (14, 2.2), (17, 3)),
        ),
        Paint(
            name="district-border",
            source="areas",
            layer="district",
            kind="line",
            colour="#101a2b",
            width=((8, 1.4), (11, 2.2), (14, 3), (17, 4)),
        ),
    ]


def _fill(level: str) -> Paint:
    return Paint(name=f"{level}-fill", source="areas", layer=level, kind="fill", level=level)
