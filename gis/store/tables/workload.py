"""What there is to do: places, counted incidents, workload models, and the hours of cells and grids by them."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB

from gis.store.tables.columns import SRID, identity, metadata, moment, names, of_plan

place_kind = Table(
    "place_kind",
    metadata,
    Column("code", Text, primary_key=True),
    *names(),
    Column("standard_min", Float, nullable=False),
    Column("interval_d", Integer, nullable=False),
    CheckConstraint("standard_min > 0 AND interval_d > 0", name="standards"),
)

cell_place = Table(
    "cell_place",
    metadata,
    Column("cell_id", BigInteger, ForeignKey("cell.id"), primary_key=True),
    Column("kind", Text, ForeignKey("place_kind.code"), primary_key=True),
    Column("n", Integer, nullable=False),
    CheckConstraint("n > 0", name="n"),
)

cell_matter = Table(
    "cell_matter",
    metadata,
    Column("month", Date, primary_key=True),
    Column("cell_id", BigInteger, ForeignKey("cell.id"), primary_key=True),
    Column("matter_id", BigInteger, ForeignKey("matter.id"), primary_key=True),
    Column("n", Integer, nullable=False),
    CheckConstraint("n > 0", name="n"),
)

workload_model = Table(
    "workload_model",
    metadata,
    identity(),
    Column("version", Integer, nullable=False, unique=True),
    *names(),
    Column("weights", JSONB, nullable=False),
    Column("period", DATERANGE, nullable=False),
    Column("note", Text),
    Column("parent_id", BigInteger, ForeignKey("workload_model.id")),
    Column("author", Text, nullable=False),
    moment("created_at"),
    moment("counted_at"),
    CheckConstraint("NOT isempty(period) AND NOT lower_inf(period) AND NOT upper_inf(period)", name="period"),
)

cell_load = Table(
    "cell_load",
    metadata,
    Column("model_id", BigInteger, ForeignKey("workload_model.id", ondelete="CASCADE"), primary_key=True),
    Column("cell_id", BigInteger, ForeignKey("cell.id"), primary_key=True),
    *(Column(f"{part}_h", Float, nullable=False) for part in ("inspections", "incidents", "people", "walking")),
    Column("incidents", Integer, nullable=False),
    CheckConstraint(
        "inspections_h >= 0 AND incidents_h >= 0 AND people_h >= 0 AND walking_h >= 0 AND incidents >= 0", name="amounts"
    ),
)

LOADS_H = ("inspections_h", "incidents_h", "people_h", "walking_h", "spread_h", "fixed_h")

plan_load = Table(
    "plan_load",
    metadata,
    of_plan(),
    Column("model_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("grids_before", Integer),
    Column("variation_before", Float),
)

grid_load = Table(
    "grid_load",
    metadata,
    of_plan(),
    Column("model_id", BigInteger, primary_key=True, autoincrement=False),
    Column("grid_key", BigInteger, primary_key=True, autoincrement=False),
    Column("community_id", BigInteger, ForeignKey("area.id"), nullable=False),
    Column("cells", Integer, nullable=False),
    Column("area_m2", Float, nullable=False),
    Column("population", Integer, nullable=False),
    Column("households", Integer, nullable=False),
    *(Column(amount, Float, nullable=False) for amount in ("incidents", *LOADS_H, "compactness")),
    Column("pieces", Integer, nullable=False),
    Column("geom", Geometry("MULTIPOLYGON", srid=SRID, spatial_index=False)),
    Index("grid_load_community_id_idx", "plan_id", "model_id", "community_id"),
)

community_load = Table(
    "community_load", metadata,
    of_plan(),
    Column("model_id", BigInteger, primary_key=True, autoincrement=False),
    Column("community_id", BigInteger, ForeignKey("area.id"), primary_key=True),
    Column("grids", Integer, nullable=False),
    *(Column(amount, Float, nullable=False) for amount in ("hours", "variation", "deviation_max")),
    *(Column(amount, Integer, nullable=False) for amount in ("cells_moved", "residents_moved", "cells_cut")),
)
