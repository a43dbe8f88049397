"""The tables, as SQLAlchemy knows them. Geometry is stored in EPSG:4326 and measured in the city's projected zone.

CGCS2000 (EPSG:4490) equals WGS 84 to within centimetres for our purposes; 4326 was taken because GeoJSON, vector
tiles and every client speak it. `metadata` knows the tables of all files of this folder.
"""

from gis.store.tables import (
    cases,
    citizens,
    consultations,
    coverage,
    drafts,
    field,
    ground,
    happenings,
    maps,
    people,
    services,
    sources,
    workload,
)  # fmt: skip
from gis.store.tables.columns import SRID, WEB_MERCATOR, metadata

__all__ = [
    "SRID", "WEB_MERCATOR", "cases", "citizens", "consultations", "coverage", "drafts", "field", "ground", "happenings", "maps",
    "metadata", "people", "services", "sources", "workload",
]  # fmt: skip
