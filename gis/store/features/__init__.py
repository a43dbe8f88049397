"""The listed layers, described once; lists, exports and map services are derived from the descriptions."""

from collections.abc import Mapping

from gis.store.features.catalogue import DEPARTMENTS, FACILITIES, MATTERS
from gis.store.features.describing import FeatureLayer, Filter, Property
from gis.store.features.ground import AREAS, CELLS, GRIDS, PLANS
from gis.store.features.incidents import INCIDENTS
from gis.store.features.people import POSTINGS, STAFF

LAYERS: Mapping[str, FeatureLayer] = {
    layer.name: layer
    for layer in (AREAS, PLANS, GRIDS, CELLS, FACILITIES, DEPARTMENTS, MATTERS, STAFF, POSTINGS, INCIDENTS)
}

__all__ = ["LAYERS", "FeatureLayer", "Filter", "Property"]
