"""Collections: the layers as map services offer them, each with one kind of geometry.

Areas are offered level by level, because who opens a map wants towns or communities, not both on top of each other. Layers
without a geometry are no collections.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from gis.errors import NoCity, NotFound
from gis.feature_records import Bbox
from gis.records import Name
from gis.store import city
from gis.store import collections as store
from gis.store.features import LAYERS, FeatureLayer, Filter
from gis.store.features.describing import FROM, UNTIL

AREA_LEVELS = {
    "city": ("city", Name("市域", "City"), Name("市域范围", "The city as a whole")),
    "district": ("districts", Name("区县", "Districts"), Name("区县", "Districts and counties")),
    "town": ("towns", Name("镇街", "Towns"), Name("镇街", "Towns and subdistricts")),
    "community": ("communities", Name("村（社区）", "Communities"), Name("村（社区）", "Villages and communities")),
}


@dataclass(frozen=True)
class Collection:
    """A layer, or the part of it that `fixed` filters leave, under a name of its own."""

    name: str
    title: Name
    description: Name
    layer: FeatureLayer
    fixed: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def filters(self) -> tuple[Filter, ...]:
        """What may be asked of its properties; moments are asked for by `datetime`."""
        return tuple(item for item in self.layer.filters if item.name not in self.fixed and item.test not in (FROM, UNTIL))

    @property
    def moments(self) -> tuple[Filter, Filter] | None:
        """The filters from and until that a layer of happenings has."""
        ends = {item.test: item for item in self.layer.filters if item.test in (FROM, UNTIL)}
        return (ends[FROM], ends[UNTIL]) if ends else None


@dataclass(frozen=True)
class Extent:
    """Where the city lies, in WGS 84, and since when it has a division and incidents."""

    bbox: Bbox
    first_plan_at: datetime | None
    first_incident_at: datetime | None

    def since(self, collection: Collection) -> datetime | None:
        """The first moment of a collection; None when it knows no moments."""
        if collection.moments:
            return self.first_incident_at
        return self.first_plan_at if collection.layer.as_of else None


def _all() -> dict[str, Collection]:
    areas = LAYERS["areas"]
    by_level = [
        Collection(name, title, description, areas, {"level": [level]}) for level, (name, title, description) in AREA_LEVELS.items()
    ]
    others = [
        Collection(layer.name, layer.title, layer.description, layer)
        for layer in LAYERS.values()
        if layer.geometry and layer is not areas
    ]
    return {collection.name: collection for collection in (*by_level, *others)}


COLLECTIONS: Mapping[str, Collection] = _all()


def offered(conn: Connection) -> list[Collection]:
    """The collections of this city: only the levels that it has."""
    levels = store.levels(conn)
    return [item for item in COLLECTIONS.values() if not item.fixed or item.fixed["level"][0] in levels]


def get(name: str) -> Collection:
    """A collection by its name. Raises NotFound."""
    if name not in COLLECTIONS:
        raise NotFound(f"There is no collection {name!r}; there are {', '.join(COLLECTIONS)}.")
    return COLLECTIONS[name]


def extent(conn: Connection) -> Extent:
    """Where and since when. Raises NoCity."""
    if city.get(conn) is None:
        raise NoCity("The database holds no city yet.")
    return Extent(city.extent(conn), store.first_plan_at(conn), store.first_incident_at(conn))
