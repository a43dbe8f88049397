"""Departments' sources and deliveries, calls to them, decisions on matters."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gis.store.tables.columns import identity, metadata, moment, one_of

source = Table(
    "source", metadata,
    identity(),
    Column("code", Text, nullable=False, unique=True),
    Column("department", Text, ForeignKey("department.code"), nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("mapping", JSONB, nullable=False),
    Column("pull_url", Text),
    Column("pull_every_min", Integer),
    Column("pull_token", Text),
    Column("pull_state", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("hook_url", Text),
    Column("hook_secret", Text),
    Column("hook_seq", BigInteger),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("opened_by", Text, nullable=False),
    moment("opened_at"),
    CheckConstraint("pull_every_min > 0", name="pull_every_min"),
)

delivery = Table(
    "delivery", metadata,
    identity(),
    Column("source_id", BigInteger, ForeignKey("source.id"), nullable=False),
    Column("way", Text, nullable=False),
    Column("name", Text),
    Column("sent_by", Text, nullable=False),
    moment("at"),
    Column("ended_at", DateTime(timezone=True)),
    Column("rows", Integer, nullable=False, server_default="0"),
    Column("accepted", Integer, nullable=False, server_default="0"),
    Column("repeated", Integer, nullable=False, server_default="0"),
    Column("late", Integer, nullable=False, server_default="0"),
    Column("rejected", Integer, nullable=False, server_default="0"),
    Column("fault", Text),
    one_of("way", "push", "file", "pull", "replay"),
    Index("delivery_source_id_idx", "source_id", "at"),
)

received = Table(
    "received", metadata,
    Column("source_id", BigInteger, ForeignKey("source.id"), primary_key=True, autoincrement=False),
    Column("source_key", Text, primary_key=True),
    Column("number", Text, nullable=False),
    moment("at"),
    Index("received_number_idx", "number"),
)

reject = Table(
    "reject", metadata,
    identity(),
    Column("source_id", BigInteger, ForeignKey("source.id"), nullable=False),
    Column("delivery_id", BigInteger, ForeignKey("delivery.id"), nullable=False),
    Column("row", Integer, nullable=False),
    Column("source_key", Text),
    Column("record", JSONB, nullable=False),
    Column("reasons", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("number", Text),
    Column("note", Text),
    Column("settled_by", Text),
    Column("settled_at", DateTime(timezone=True)),
    one_of("state", "open", "replayed", "dropped"),
    Index("reject_source_id_idx", "source_id", "state"),
    Index("reject_open_idx", "source_id", "source_key", postgresql_where=text("state = 'open'")),
)

hook_call = Table(
    "hook_call", metadata,
    identity(),
    Column("source_id", BigInteger, ForeignKey("source.id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("number", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    moment("at"),
    Column("next_at", DateTime(timezone=True), server_default=func.now()),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Column("status", Integer),
    Column("fault", Text),
    Column("done_at", DateTime(timezone=True)),
    UniqueConstraint("source_id", "seq"),
    Index("hook_call_next_at_idx", "next_at", postgresql_where=text("done_at IS NULL AND next_at IS NOT NULL")),
)

matter_decision = Table(
    "matter_decision", metadata,
    identity(),
    Column("code", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="proposed"),
    Column("content", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decision", Text),
    Column("effective_on", Date),
    Column("proposed_by", Text, nullable=False),
    moment("proposed_at"),
    Column("decided_by", Text),
    Column("decided_at", DateTime(timezone=True)),
    one_of("what", "admit", "revise", "retire"),
    one_of("state", "proposed", "decided", "refused"),
    CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
    Index("matter_decision_code_idx", "code"),
)
