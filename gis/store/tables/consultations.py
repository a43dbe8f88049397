"""What is put to residents, and what they say."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB

from gis.store.tables.columns import SRID, identity, metadata, moment, one_of

STAGES = ("collect", "topic", "deliberate", "form", "carry_out", "evaluate")

proposal = Table(
    "proposal",
    metadata,
    identity(),
    Column("kind", Text, nullable=False),
    Column("plan_id", BigInteger, ForeignKey("plan.id")),
    Column("area_id", BigInteger, ForeignKey("area.id"), nullable=False),
    *(Column(f"{what}_{language}", Text, nullable=False) for what in ("title", "summary") for language in ("zh", "en")),
    Column("stage", Text, nullable=False, server_default="collect"),
    Column("open", DATERANGE, nullable=False),
    Column("support_needed", Float, nullable=False),
    Column("outcome", Text),
    Column("override_reason", Text),
    Column("override_by", Text),
    Column("override_at", DateTime(timezone=True)),
    Column("heard_version", Integer),
    Column("heard_since", DateTime(timezone=True)),
    Column("heard_map", JSONB),
    Column("author", Text, nullable=False),
    moment("created_at"),
    one_of("kind", "plan", "facility", "other"),
    CheckConstraint("(kind = 'plan') = (plan_id IS NOT NULL)", name="plan"),
    one_of("stage", *STAGES),
    CheckConstraint("support_needed BETWEEN 0 AND 1", name="support"),
    CheckConstraint("(override_reason IS NULL) = (override_by IS NULL)", name="override"),
    Index("proposal_plan_id_idx", "plan_id"),
)

proposal_step = Table(
    "proposal_step",
    metadata,
    Column("proposal_id", BigInteger, ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("stage", Text, nullable=False),
    Column("note", Text),
    Column("author", Text, nullable=False),
    moment("at"),
)

opinion = Table(
    "opinion",
    metadata,
    identity(),
    Column("proposal_id", BigInteger, ForeignKey("proposal.id", ondelete="CASCADE"), nullable=False),
    Column("support", Boolean, nullable=False),
    Column("words", Text),
    Column("geom", Geometry("POINT", srid=SRID, spatial_index=False)),
    Column("community_id", BigInteger, ForeignKey("area.id")),
    Column("voter", Text, nullable=False),
    Column("hidden", Boolean, nullable=False, server_default=text("false")),
    moment("at"),
    UniqueConstraint("proposal_id", "voter"),
    Index("opinion_community_id_idx", "proposal_id", "community_id"),
)
