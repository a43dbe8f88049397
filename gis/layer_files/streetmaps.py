"""OpenStreetMap's .pbf: of all that it holds its lines, with the keys that say who walks there and what bars the way."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gis.layer_files.drivers import pyogrio
from gis.rules.street_classes import TAGS

LAYER = "lines"
SHOWN = ("highway", "waterway", "railway", "barrier")
"""A line without one of these keys is neither walked nor in the way: a power line, a border."""
COLUMNS = ("name", *TAGS)
# A closed way is a line here too: a lane around a square, a wall around an estate.
_READING = f"""\
closed_ways_are_polygons=
attribute_name_laundering=no
[lines]
osm_id=yes
attributes={",".join(COLUMNS)}
other_tags=no
"""


def facts(opened: str) -> dict[str, Any]:
    """What GDAL says of the lines without reading them; it does not say how many there are."""
    with _as_lines() as options:
        told: dict[str, Any] = pyogrio.read_info(opened, layer=LAYER, **options)
        return told


def read(opened: str, *, upto: int | None) -> Any:
    """The lines that matter to people on foot, in the order of the file."""
    with _as_lines() as options:
        return pyogrio.raw.read(
            opened, layer=LAYER, columns=list(COLUMNS), where=" OR ".join(f"{key} IS NOT NULL" for key in SHOWN),
            max_features=upto, force_2d=True, **options,
        )  # fmt: skip


@contextmanager
def _as_lines() -> Iterator[dict[str, str]]:
    """GDAL takes its instructions for this format from a file only."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.ini"
        path.write_text(_READING)
        yield {"CONFIG_FILE": str(path)}
