"""Plans in the making: drafts that store what they change, their edits and steps, and what the machine proposes."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE

from gis.store.tables.columns import SRID, identity, metadata, moment, of_plan, one_of, valid_shape

GRID_KINDS = ("basic", "dedicated")
UNIT_TYPES = ("estate", "rental", "commercial", "factory", "rural", "old_estate", "resettlement")
EDIT_KINDS = ("split", "merge", "reshape", "transfer", "carve", "attributes", "lock", "proposal", "file", "rebase")

plan_scope = Table(
    "plan_scope",
    metadata,
    of_plan(),
    Column("area_id", BigInteger, ForeignKey("area.id"), primary_key=True),
)

draft_grid = Table(
    "draft_grid",
    metadata,
    of_plan(),
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
    of_plan(),
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
    of_plan(),
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
    of_plan(),
    Column("begun_id", BigInteger, primary_key=True, autoincrement=False),
    Column("ended_id", BigInteger),
    Column("staff_id", BigInteger, nullable=False),
    Column("grid_id", BigInteger, nullable=False),
    Column("role", Text),
    Column("valid", TSTZRANGE, nullable=False),
)

plan_edit = Table(
    "plan_edit",
    metadata,
    of_plan(),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("request", JSONB, nullable=False),
    Column("delta", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="done"),
    Column("author", Text, nullable=False),
    moment("at"),
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
    moment("at"),
    ForeignKeyConstraint(
        ["plan_id", "seq"], ["plan_edit.plan_id", "plan_edit.seq"], name="draft_step_plan_id_fkey", ondelete="CASCADE"
    ),
    one_of("action", "do", "undo", "redo"),
)

balancing = Table(
    "balancing",
    metadata,
    identity(),
    of_plan(primary=False),
    Column("plan_version", Integer, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("wish", JSONB, nullable=False),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("stop_asked", Boolean, nullable=False, server_default=text("false")),
    Column("outcome", JSONB),
    Column("problem", Text),
    Column("author", Text, nullable=False),
    moment("opened_at"),
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
