"""What maps are drawn from: prepared shapes, counts of incidents, the marks of what changed."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    text,
)

from gis.store.tables.columns import WEB_MERCATOR, metadata, one_of, shape

map_shape = Table(
    "map_shape", metadata,
    Column("layer", Text, primary_key=True),
    Column("ref_id", BigInteger, primary_key=True),
    Column("band", SmallInteger, primary_key=True),
    shape("MULTIPOLYGON", srid=WEB_MERCATOR),
    Column("plan_id", BigInteger),
    Column("code", Text),
    Column("community", Text),
    one_of("layer", "district", "town", "community", "grid"),
    CheckConstraint(
        "(layer = 'grid') = (plan_id IS NOT NULL AND code IS NOT NULL AND community IS NOT NULL)", name="grids_are_named"
    ),
    Index("map_shape_area_idx", "band", "geom", postgresql_using="gist", postgresql_where=text("layer <> 'grid'")),
    Index("map_shape_grid_idx", "plan_id", "band", "geom", postgresql_using="gist", postgresql_where=text("layer = 'grid'")),
)

incident_counted = Table(
    "incident_counted", metadata,
    Column("singleton", Boolean, primary_key=True, server_default=text("true")),
    Column("as_of", DateTime(timezone=True), nullable=False),
    CheckConstraint("singleton", name="one_row"),
)

incident_count = Table(
    "incident_count", metadata,
    Column("z", SmallInteger, primary_key=True),
    Column("x", Integer, primary_key=True),
    Column("y", Integer, primary_key=True),
    Column("community_id", BigInteger, primary_key=True),
    Column("department", Text, primary_key=True),
    Column("square", SmallInteger, primary_key=True),
    *(Column(f"{what}_{days}", Integer, nullable=False) for days in (7, 30, 365) for what in ("n", "open")),
)

incident_delta = Table(
    "incident_delta", metadata,
    Column("x", Integer, nullable=False),
    Column("y", Integer, nullable=False),
    Column("community_id", BigInteger, nullable=False),
    Column("department", Text, nullable=False),
    Column("reported_at", DateTime(timezone=True), nullable=False),
    Column("n", Integer, nullable=False),
    Column("open", Integer, nullable=False),
)

layer_change = Table(
    "layer_change", metadata,
    Column("layer", Text, nullable=False),
    Column("mark", BigInteger, nullable=False),
    one_of("layer", "areas", "grids", "cells", "facilities", "incidents"),
)
