"""Staff and their postings; accounts, tokens and tries to log in."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint

from gis.store.tables.columns import identity, metadata, names, one_of

staff = Table(
    "staff", metadata,
    identity(),
    Column("number", Text, nullable=False, unique=True),
    *names(),
    Column("duty", Text, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    one_of("duty", "dispatch", "patrol", "disposal", "enforcement"),
)

posting = Table(
    "posting", metadata,
    identity(),
    Column("staff_id", BigInteger, ForeignKey("staff.id"), nullable=False),
    Column("grid_id", BigInteger, ForeignKey("grid.id")),
    Column("area_id", BigInteger, ForeignKey("area.id")),
    Column("role", Text),
    Column("valid", TSTZRANGE, nullable=False),
    CheckConstraint("(grid_id IS NULL) <> (area_id IS NULL)", name="one_place"),
    CheckConstraint("role IS NULL OR role IN ('manager', 'assistant', 'police', 'supervisor')", name="role"),
    ExcludeConstraint(("staff_id", "="), ("valid", "&&"), name="posting_one_at_a_time_excl", using="gist"),
    Index("posting_grid_id_idx", "grid_id"),
    Index("posting_area_id_idx", "area_id"),
)

account = Table(
    "account", metadata,
    identity(),
    Column("login", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("area_id", BigInteger, ForeignKey("area.id"), nullable=False),
    Column("department", Text, ForeignKey("department.code")),
    Column("demo", Boolean, nullable=False, server_default=text("false")),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("must_change", Boolean, nullable=False, server_default=text("false")),
    Column("stamp", Integer, nullable=False, server_default="1"),
    Column("opened_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("last_login_at", DateTime(timezone=True)),
    Column("staff_id", BigInteger, ForeignKey("staff.id")),
    Index("account_staff_id_idx", "staff_id", unique=True, postgresql_where=text("active")),
    Index("account_area_id_idx", "area_id"),
    one_of("role", "administrator", "planner", "dispatcher", "auditor", "officer", "department", "viewer"),
)

token = Table(
    "token", metadata,
    Column("hash", Text, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("account.id"), nullable=False),
    Column("label", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("expires_at", DateTime(timezone=True)),
    Column("id", BigInteger, Identity(always=False), nullable=False, unique=True),
    Column("last_used_at", DateTime(timezone=True)),
    Index("token_account_id_idx", "account_id"),
)

login_attempt = Table(
    "login_attempt", metadata,
    Column("key", Text, primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
    Index("login_attempt_until_idx", "until"),
)
