"""Steps of cases, who joins in, days that are worked, what is done once."""

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB

from gis.store.tables.columns import identity, metadata, moment, shape

incident_step = Table(
    "incident_step", metadata,
    identity(),
    Column("incident_id", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("state", Text, nullable=False),
    moment("at"),
    Column("actor", Text, nullable=False),
    Column("command_id", BigInteger, ForeignKey("area.id"), nullable=False),
    Column("staff_id", BigInteger, ForeignKey("staff.id")),
    Column("note", Text),
    shape("POINT", nullable=True),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    UniqueConstraint("incident_id", "version"),
    Index("incident_step_at_idx", "at"),
)

incident_party = Table(
    "incident_party", metadata,
    Column("incident_id", BigInteger, primary_key=True, autoincrement=False),
    Column("department", Text, ForeignKey("department.code"), primary_key=True),
    moment("since"),
    Index("incident_party_department_idx", "department"),
)

working_day = Table(
    "working_day", metadata,
    Column("day", Date, primary_key=True),
    Column("works", Boolean, nullable=False),
    Column("note", Text),
)

done_once = Table(
    "done_once", metadata,
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("answer", JSONB, nullable=False),
    moment("at"),
    Index("done_once_at_idx", "at"),
    Index("done_once_key_idx", "key"),
)
