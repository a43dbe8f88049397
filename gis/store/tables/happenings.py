"""What happens: incidents, the journal of everything, files that come in."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gis.store.tables.columns import WEB_MERCATOR, Xid8, identity, metadata, one_of, shape

INCIDENT_STATES = (
    "collected", "accepted", "dispatched", "handling", "feedback", "verified", "closed", "returned", "suspended",
    "rejected", "merged",
)
INCIDENT_CHANNELS = ("patrol", "citizen", "hotline", "department")

incident = Table(
    "incident", metadata,
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    Column("reported_at", DateTime(timezone=True), primary_key=True),
    Column("number", Text, nullable=False),
    Column("matter_id", BigInteger, ForeignKey("matter.id"), nullable=False),
    Column("state", Text, nullable=False, server_default="collected"),
    Column("urgency", SmallInteger, nullable=False),
    Column("channel", Text, nullable=False),
    shape("POINT"),
    Column(
        "geom_3857", Geometry("POINT", srid=WEB_MERCATOR, spatial_index=False),
        Computed("ST_Transform(geom, 3857)", persisted=True),
    ),
    Column("grid_id", BigInteger, ForeignKey("grid.id")),
    Column("community_id", BigInteger, ForeignKey("area.id")),
    Column("placed", Boolean, nullable=False, server_default=text("false")),
    Column("description", Text),
    Column("closed_at", DateTime(timezone=True)),
    Column("synthetic", Boolean, nullable=False, server_default=text("false")),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("command_id", BigInteger, ForeignKey("area.id"), nullable=False),
    Column("holder_id", BigInteger, ForeignKey("staff.id")),
    Column("with_department", Boolean, nullable=False, server_default=text("false")),
    Column("due_at", DateTime(timezone=True)),
    Column("warn_at", DateTime(timezone=True)),
    Column("left_min", Float),
    Column("returns", SmallInteger, nullable=False, server_default="0"),
    Column("extensions", SmallInteger, nullable=False, server_default="0"),
    Column("supervised", Boolean, nullable=False, server_default=text("false")),
    Column("tier", Text),
    Column("merged_into", Text),
    Column("address", Text),
    one_of("state", *INCIDENT_STATES),
    one_of("tier", "now", "soon", "later"),
    CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="merged_into"),
    CheckConstraint("left_min IS NULL OR state = 'suspended'", name="left_min"),
    one_of("channel", *INCIDENT_CHANNELS),
    CheckConstraint("urgency BETWEEN 1 AND 3", name="urgency"),
    CheckConstraint("closed_at >= reported_at", name="closed_after_report"),
    Index("incident_geom_3857_idx", "geom_3857", postgresql_using="gist"),
    Index("incident_grid_id_idx", "grid_id", "reported_at", "id"),
    Index("incident_number_idx", "number"),
    Index("incident_reported_at_idx", "reported_at", "id"),
    Index("incident_community_id_idx", "community_id", "reported_at", "id"),
    Index("incident_matter_id_idx", "matter_id", "reported_at", "id"),
    Index("incident_state_idx", "state", "reported_at", "id", postgresql_where=text("state <> 'closed'")),
    Index("incident_open_idx", "reported_at", "id", postgresql_where=text("closed_at IS NULL AND state <> 'rejected'")),
    Index("incident_command_id_idx", "command_id", "due_at", postgresql_where=text("closed_at IS NULL")),
    Index("incident_holder_id_idx", "holder_id", postgresql_where=text("closed_at IS NULL")),
    Index("incident_merged_into_idx", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    Index("incident_due_at_idx", "due_at", postgresql_where=text("closed_at IS NULL")),
    Index("incident_closed_at_idx", "closed_at", postgresql_where=text("closed_at IS NOT NULL")),
    postgresql_partition_by="RANGE (reported_at)",
)

journal = Table(
    "journal", metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("xid", Xid8(), nullable=False, server_default=text("pg_current_xact_id()")),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("payload", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("actor", Text, nullable=False),
    Index("journal_kind_idx", "kind", "seq"),
)

IMPORT_KINDS = ("areas", "cells", "grids", "population", "facilities", "incidents", "places", "network")
IMPORT_STATES = ("uploaded", "checking", "checked", "applying", "applied", "failed", "cancelled", "abandoned")

import_job = Table(
    "import_job", metadata,
    identity(),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="uploaded"),
    Column("filename", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("source", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("options", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("step", Text),
    Column("done", BigInteger, nullable=False, server_default="0"),
    Column("total", BigInteger, nullable=False, server_default="0"),
    Column("cancel_asked", Boolean, nullable=False, server_default=text("false")),
    Column("outcome", JSONB),
    Column("problem", Text),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    one_of("kind", *IMPORT_KINDS),
    one_of("state", *IMPORT_STATES),
)
