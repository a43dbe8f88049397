"""The tables of planners, as SQLAlchemy knows them: workload models, drafts with their edits, proposals put to residents."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, TSTZRANGE

from gis.store.tables import SRID, identity, metadata, names, one_of, valid_shape

GRID_KINDS = ("basic", "dedicated")
UNIT_TYPES = ("estate", "rental", "commercial", "factory", "rural", "old_estate", "resettlement")
EDIT_KINDS = ("split", "merge", "reshape", "transfer", "carve", "attributes", "lock", "proposal", "file", "rebase")
STAGES = ("collect", "topic", "deliberate", "form", "carry_out", "evaluate")


def _plan_key(*, primary: bool = True) -> Column[int]:
    key = ForeignKey("plan.id", ondelete="CASCADE")
    return Column("plan_id", BigInteger, key, primary_key=primary, autoincrement=False, nullable=False)


def _now(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


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
    _now("created_at"),
    _now("counted_at"),
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

plan_scope = Table(
    "plan_scope",
    metadata,
    _plan_key(),
    Column("area_id", BigInteger, ForeignKey("area.id"), primary_key=True),
)

draft_grid = Table(
    "draft_grid",
    metadata,
    _plan_key(),
    Column("grid_key", BigInteger, primary_key=True, autoincrement=False),
    Column("community_id", BigInteger, ForeignKey("area.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("unit_type", Text, nullable=False),
    Column("name_zh", Text),
    Column("name_en", Text),
    Column("locked", Boolean, nullable=False, server_default=text("false")),
    Column("alive", Boolean, nullable=False, server_default=text("true")),
    CheckConstraint("grid_key <> 0", name="key"),
    one_of("kind", *GRID_KINDS),
    one_of("unit_type", *UNIT_TYPES),
)

draft_cell = Table(
    "draft_cell",
    metadata,
    _plan_key(),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("root_id", BigInteger, ForeignKey("cell.id"), nullable=False),
    Column("parent_id", BigInteger, nullable=False),
    Column("community_id", BigInteger, ForeignKey("area.id"), nullable=False),
    Column("geom", Geometry("POLYGON", srid=SRID, spatial_index=False), nullable=False),
    Column("area_m2", Float, nullable=False),
    Column("population", Integer, nullable=False),
    Column("households", Integer, nullable=False),
    Column("unit_type", Text, nullable=False),
    Column("fraction", Float, nullable=False),
    valid_shape(),
    CheckConstraint("area_m2 > 0 AND population >= 0 AND households >= 0 AND fraction > 0 AND fraction <= 1", name="amounts"),
    Index("draft_cell_community_id_idx", "plan_id", "community_id"),
)

draft_assignment = Table(
    "draft_assignment",
    metadata,
    _plan_key(),
    Column("cell_id", BigInteger, primary_key=True, autoincrement=False),
    Column("grid_key", BigInteger, nullable=False),
    Index("draft_assignment_grid_key_idx", "plan_id", "grid_key"),
)

shelved_row = Table(
    "shelved_row",
    metadata,
    identity(),
    Column("plan_id", BigInteger, ForeignKey("plan.id", ondelete="CASCADE"), nullable=False),
    Column("source", Text, nullable=False),
    Column("kept", Text, nullable=False),
    one_of("source", "draft_grid", "draft_cell", "draft_assignment"),
    Index("shelved_row_plan_id_idx", "plan_id"),
)

carried_posting = Table(
    "carried_posting",
    metadata,
    _plan_key(),
    Column("begun_id", BigInteger, primary_key=True, autoincrement=False),
    Column("ended_id", BigInteger),
    Column("staff_id", BigInteger, nullable=False),
    Column("grid_id", BigInteger, nullable=False),
    Column("role", Text),
    Column("valid", TSTZRANGE, nullable=False),
)

LOADS_H = ("inspections_h", "incidents_h", "people_h", "walking_h", "spread_h", "fixed_h")

plan_load = Table(
    "plan_load",
    metadata,
    _plan_key(),
    Column("model_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("grids_before", Integer),
    Column("variation_before", Float),
)

grid_load = Table(
    "grid_load",
    metadata,
    _plan_key(),
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
    _plan_key(),
    Column("model_id", BigInteger, primary_key=True, autoincrement=False),
    Column("community_id", BigInteger, ForeignKey("area.id"), primary_key=True),
    Column("grids", Integer, nullable=False),
    *(Column(amount, Float, nullable=False) for amount in ("hours", "variation", "deviation_max")),
    *(Column(amount, Integer, nullable=False) for amount in ("cells_moved", "residents_moved", "cells_cut")),
)

plan_edit = Table(
    "plan_edit",
    metadata,
    _plan_key(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("request", JSONB, nullable=False),
    Column("delta", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="done"),
    Column("author", Text, nullable=False),
    _now("at"),
    one_of("kind", *EDIT_KINDS),
    one_of("state", "done", "undone", "dropped"),
)

draft_step = Table(
    "draft_step",
    metadata,
    Column("plan_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("author", Text, nullable=False),
    _now("at"),
    ForeignKeyConstraint(
        ["plan_id", "seq"], ["plan_edit.plan_id", "plan_edit.seq"], name="draft_step_plan_id_fkey", ondelete="CASCADE"
    ),
    one_of("action", "do", "undo", "redo"),
)

balancing = Table(
    "balancing",
    metadata,
    identity(),
    _plan_key(primary=False),
    Column("plan_version", Integer, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("wish", JSONB, nullable=False),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("stop_asked", Boolean, nullable=False, server_default=text("false")),
    Column("outcome", JSONB),
    Column("problem", Text),
    Column("author", Text, nullable=False),
    _now("opened_at"),
    Column("ended_at", DateTime(timezone=True)),
    one_of("state", "waiting", "running", "done", "stopped", "failed"),
    Index("balancing_plan_id_idx", "plan_id"),
)

balancing_community = Table(
    "balancing_community",
    metadata,
    Column("balancing_id", BigInteger, ForeignKey("balancing.id", ondelete="CASCADE"), primary_key=True),
    Column("community_id", BigInteger, ForeignKey("area.id"), primary_key=True),
    *(Column(name, Integer, nullable=False) for name in ("grids_before", "grids_after", "cells_moved")),
    *(Column(f"{what}_{when}", Float, nullable=False) for what in ("deviation", "variation") for when in ("before", "after")),
    Column("bound", Float, nullable=False),
    Column("bound_cell_id", BigInteger),
    Column("moves", JSONB, nullable=False),
    Column("taken_at_seq", Integer),
)

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
    _now("created_at"),
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
    _now("at"),
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
    _now("at"),
    UniqueConstraint("proposal_id", "voter"),
    Index("opinion_community_id_idx", "proposal_id", "community_id"),
)
