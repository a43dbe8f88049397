"""Photos, reporters and what is sent to them; views that people saved."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
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

photo = Table(
    "photo", metadata,
    Column("id", Text, primary_key=True),
    Column("incident_id", BigInteger),
    Column("step_id", BigInteger, ForeignKey("incident_step.id")),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("sent_by", Text, nullable=False),
    moment("at"),
    Index("photo_incident_id_idx", "incident_id"),
    Index("photo_waiting_idx", "at", postgresql_where=text("incident_id IS NULL")),
)

reporter = Table(
    "reporter", metadata,
    identity(),
    Column("incident_id", BigInteger, nullable=False),
    Column("name", Text),
    Column("phone", Text),
    Column("email", Text),
    Column("language", Text, nullable=False, server_default="zh"),
    Column("wants_mail", Boolean, nullable=False, server_default=text("false")),
    Column("key", Text, nullable=False, unique=True),
    Column("joined", Boolean, nullable=False, server_default=text("false")),
    Column("rating", SmallInteger),
    Column("rated_at", DateTime(timezone=True)),
    Column("words", Text),
    moment("at"),
    CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
    one_of("language", "zh", "en"),
    Index("reporter_incident_id_idx", "incident_id"),
)

notice = Table(
    "notice", metadata,
    identity(),
    Column("reporter_id", BigInteger, ForeignKey("reporter.id"), nullable=False),
    Column("seq", BigInteger),
    Column("kind", Text, nullable=False),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    moment("at"),
    Column("next_at", DateTime(timezone=True), server_default=func.now()),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Column("sent_at", DateTime(timezone=True)),
    Column("fault", Text),
    UniqueConstraint("reporter_id", "seq"),
    Index("notice_next_at_idx", "next_at", postgresql_where=text("sent_at IS NULL AND next_at IS NOT NULL")),
)

notice_read = Table(
    "notice_read", metadata,
    Column("the_one", Boolean, primary_key=True, server_default=text("true")),
    Column("seq", BigInteger, nullable=False),
    CheckConstraint("the_one", name="the_one"),
)

saved_view = Table(
    "saved_view", metadata,
    identity(),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("page", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("settings", JSONB, nullable=False),
    moment("at"),
    UniqueConstraint("account_id", "page", "name"),
)
