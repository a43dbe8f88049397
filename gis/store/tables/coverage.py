"""The walking network, the services of facilities, audits of who reaches them, scenarios and where to build next."""

from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gis.store.tables.columns import identity, metadata, moment, names, one_of, shape


def _run() -> list[Column[object]]:
    """How far a run is: waiting, running, done, stopped or failed."""
    return [
        Column("state", Text, nullable=False, server_default="waiting"),
        Column("done", Integer, nullable=False, server_default="0"),
        Column("total", Integer, nullable=False, server_default="0"),
        Column("stop_asked", Boolean, nullable=False, server_default=text("false")),
        Column("problem", Text),
        Column("outcome", JSONB),
        Column("author", Text, nullable=False),
        moment("at"),
        Column("ended_at", DateTime(timezone=True)),
    ]


def _of(parent: str) -> Column[int]:
    """The record that a row belongs to, and goes with."""
    key = ForeignKey(f"{parent}.id", ondelete="CASCADE")
    return Column(f"{parent}_id", BigInteger, key, primary_key=True, autoincrement=False)


network = Table(
    "network", metadata,
    identity(),
    Column("name", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("in_force", Boolean, nullable=False, server_default=text("false")),
    Column("edges", Integer, nullable=False),
    Column("length_m", Float, nullable=False),
    Column("author", Text, nullable=False),
    moment("at"),
    Column("synthetic", Boolean, nullable=False),
    CheckConstraint("edges > 0 AND length_m > 0", name="amounts"),
    Index("network_in_force_idx", "in_force", unique=True, postgresql_where=text("in_force")),
)

network_edge = Table(
    "network_edge", metadata,
    Column("network_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("class", Text, nullable=False),
    shape("LINESTRING"),
    Index("network_edge_geom_idx", "geom", postgresql_using="gist"),
)

network_barrier = Table(
    "network_barrier", metadata,
    _of("network"),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    shape("LINESTRING"),
    one_of("kind", "river", "expressway", "railway", "wall"),
)

service = Table(
    "service", metadata,
    Column("code", Text, primary_key=True),
    Column("category_zh", Text, nullable=False),
    Column("category_en", Text, nullable=False),
    *names(),
    Column("at_station", Boolean, nullable=False),
)

facility_service = Table(
    "facility_service", metadata,
    _of("facility"),
    Column("service", Text, ForeignKey("service.code"), primary_key=True),
    Index("facility_service_service_idx", "service"),
)

facility_standard = Table(
    "facility_standard", metadata,
    Column("kind", Text, ForeignKey("facility_kind.code"), primary_key=True),
    *(Column(name, Float) for name in ("floor_area_m2", "m2_per_resident", "residents_per_place")),
    Column("source", Text, nullable=False),
    CheckConstraint("floor_area_m2 > 0 AND m2_per_resident > 0 AND residents_per_place > 0", name="amounts"),
)

audit = Table(
    "audit", metadata,
    identity(),
    Column("name", Text, nullable=False),
    Column("question", JSONB, nullable=False),
    Column("area_id", BigInteger, ForeignKey("area.id"), nullable=False),
    *_run(),
    Column("inputs", JSONB),
    Column("repeats_id", BigInteger, ForeignKey("audit.id")),
    Column("key", Text, unique=True),
    Column("statement", Text),
    Column("published_by", Text),
    Column("published_at", DateTime(timezone=True)),
    one_of("state", "waiting", "running", "done", "stopped", "failed"),
    CheckConstraint("(published_at IS NULL) = (key IS NULL)", name="published"),
    CheckConstraint("state <> 'done' OR (inputs IS NOT NULL AND outcome IS NOT NULL)", name="done"),
)

audit_row = Table(
    "audit_row", metadata,
    _of("audit"),
    Column("level", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    *names(),
    Column("parent_code", Text),
    Column("residents", Integer, nullable=False),
    Column("covered_residents", Float, nullable=False),
    Column("households", Integer, nullable=False),
    Column("covered_households", Float, nullable=False),
    Column("area_m2", Float, nullable=False),
    Column("covered_area_m2", Float, nullable=False),
    Column("cells", Integer, nullable=False),
    Column("covered_cells", Integer, nullable=False),
    Column("covered", Boolean, nullable=False),
    Column("mean_m", Float),
    Column("accessibility", Float),
    one_of("level", "district", "town", "community", "grid"),
)

audit_cells = Table(
    "audit_cells", metadata,
    _of("audit"),
    Column("cell_id", ARRAY(BigInteger), nullable=False),
    Column("metres", ARRAY(REAL), nullable=False),
    Column("within", ARRAY(SmallInteger), nullable=False),
    Column("accessibility", ARRAY(REAL)),
)

audit_gap = Table(
    "audit_gap", metadata,
    _of("audit"),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    shape("POLYGON"),
    Column("residents", Float, nullable=False),
    Column("households", Float, nullable=False),
    Column("area_m2", Float, nullable=False),
    Column("community_code", Text, nullable=False),
)

audit_facility = Table(
    "audit_facility", metadata,
    _of("audit"),
    Column("facility_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    *names(),
    shape("POINT"),
    Column("floor_area_m2", Float),
    Column("capacity", Integer),
    Column("residents_within", Float, nullable=False),
    Column("residents_nearest", Float, nullable=False),
    Column("off_network_m", Float),
    Column("fails", ARRAY(Text), nullable=False, server_default=text("'{}'")),
)

scenario = Table(
    "scenario", metadata,
    identity(),
    Column("name", Text, nullable=False),
    Column("question", JSONB, nullable=False),
    Column("changes", JSONB, nullable=False),
    Column("outcome", JSONB, nullable=False),
    Column("author", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    moment("at"),
    moment("changed_at"),
)

siting = Table(
    "siting", metadata,
    identity(),
    Column("question", JSONB, nullable=False),
    Column("wish", JSONB, nullable=False),
    *_run(),
    one_of("state", "waiting", "running", "done", "stopped", "failed"),
)
