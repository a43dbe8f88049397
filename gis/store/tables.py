"""The tables, as SQLAlchemy knows them. Geometry is stored in EPSG:4326 and measured in the city's projected zone.

CGCS2000 (EPSG:4490) equals WGS 84 to within centimetres for our purposes; 4326 was taken because GeoJSON, vector
tiles and every client speak it.
"""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint
from sqlalchemy.types import UserDefinedType

SRID = 4326
WEB_MERCATOR = 3857

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "ix": "%(table_name)s_%(column_0_name)s_idx",
    }
)


class Ltree(UserDefinedType[str]):
    """A label path of the `ltree` extension: the codes from the root of the tree down to an area."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The type's name in SQL."""
        return "ltree"


class Xid8(UserDefinedType[int]):
    """A full transaction number, for readers that must not overtake a commit."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The type's name in SQL."""
        return "xid8"


def identity() -> Column[int]:
    """The number that the database gives each row."""
    return Column("id", BigInteger, Identity(always=False), primary_key=True)


def names() -> list[Column[str]]:
    """A name in both languages of the product."""
    return [Column("name_zh", Text, nullable=False), Column("name_en", Text, nullable=False)]


def one_of(column: str, *values: str) -> CheckConstraint:
    """The only values that a column may hold."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _shape(kind: str, *, srid: int = SRID, nullable: bool = False, name: str = "geom") -> Column[object]:
    # The GiST index is declared beside the table, so that its name is ours and migrations see it.
    return Column(name, Geometry(kind, srid=srid, spatial_index=False), nullable=nullable)


def valid_shape(name: str = "geom") -> CheckConstraint:
    """A shape that GEOS calls valid, with ground in it."""
    return CheckConstraint(f"ST_IsValid({name}) AND NOT ST_IsEmpty({name})", name=f"{name}_valid")


city = Table(
    "city", metadata,
    Column("singleton", Boolean, primary_key=True, server_default=text("true")),
    Column("code", Text, nullable=False),
    *names(),
    Column("metric_srid", Integer, nullable=False),
    Column("timezone", Text, nullable=False, server_default="Asia/Shanghai"),
    Column("code_scheme", Text, nullable=False, server_default="cjt349"),
    Column("synthetic", Boolean, nullable=False),
    Column("founded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("singleton", name="one_city"),
    one_of("code_scheme", "cjt349", "beijing15"),
)

area = Table(
    "area", metadata,
    identity(),
    Column("parent_id", BigInteger, ForeignKey("area.id")),
    Column("code", Text, nullable=False, unique=True),
    Column("path", Ltree(), nullable=False),
    Column("level", Text, nullable=False),
    *names(),
    _shape("MULTIPOLYGON"),
    _shape("POINT", name="label_point"),
    Column("area_m2", Float, nullable=False),
    Column("population_official", Integer),
    Column("synthetic", Boolean, nullable=False),
    valid_shape(),
    CheckConstraint("area_m2 > 0", name="area_m2"),
    Index("area_geom_idx", "geom", postgresql_using="gist"),
    Index("area_path_idx", "path", postgresql_using="gist"),
    Index("area_parent_id_idx", "parent_id"),
    Index("area_level_idx", "level"),
)

plan = Table(
    "plan", metadata,
    identity(),
    Column("parent_id", BigInteger, ForeignKey("plan.id")),
    Column("scope_area_id", BigInteger, ForeignKey("area.id"), nullable=False),
    *names(),
    Column("state", Text, nullable=False),
    Column("valid", TSTZRANGE),
    Column("decision", Text),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("workload_model_id", BigInteger, ForeignKey("workload_model.id")),
    Column("author", Text),
    Column("published_by", Text),
    Column("restores_id", BigInteger, ForeignKey("plan.id")),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    one_of("state", "draft", "consultation", "published", "superseded", "withdrawn"),
    CheckConstraint("(state IN ('published', 'superseded')) = (valid IS NOT NULL)", name="in_force_has_dates"),
    CheckConstraint("NOT isempty(valid)", name="valid_not_empty"),
    ExcludeConstraint(("valid", "&&"), name="plan_one_in_force_excl", using="gist"),
)

grid = Table(
    "grid", metadata,
    identity(),
    Column("code", Text, nullable=False, unique=True),
    CheckConstraint("code ~ '^[0-9]{14,15}$'", name="code_digits"),
)

grid_version = Table(
    "grid_version", metadata,
    identity(),
    Column("grid_id", BigInteger, ForeignKey("grid.id"), nullable=False),
    Column("plan_id", BigInteger, ForeignKey("plan.id"), nullable=False),
    Column("community_id", BigInteger, ForeignKey("area.id"), nullable=False),
    Column("unit_type", Text, nullable=False),
    _shape("MULTIPOLYGON"),
    _shape("POINT", name="label_point"),
    Column("area_m2", Float, nullable=False),
    Column("population", Integer, nullable=False),
    Column("households", Integer, nullable=False),
    Column("cells", Integer, nullable=False),
    Column("valid", TSTZRANGE, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("kind", Text, nullable=False, server_default="basic"),
    Column("name_zh", Text),
    Column("name_en", Text),
    valid_shape(),
    one_of("kind", "basic", "dedicated"),
    CheckConstraint("area_m2 > 0 AND population >= 0 AND households >= 0 AND cells > 0", name="amounts"),
    one_of("unit_type", "estate", "rental", "commercial", "factory", "rural", "old_estate", "resettlement"),
    ExcludeConstraint(("grid_id", "="), ("valid", "&&"), name="grid_version_one_life_excl", using="gist"),
    Index("grid_version_geom_idx", "geom", postgresql_using="gist"),
    Index("grid_version_plan_id_idx", "plan_id"),
    Index("grid_version_community_id_idx", "community_id"),
)

cell = Table(
    "cell", metadata,
    identity(),
    Column("community_id", BigInteger, ForeignKey("area.id"), nullable=False),
    _shape("POLYGON"),
    Column("area_m2", Float, nullable=False),
    Column("population", Integer, nullable=False),
    Column("households", Integer, nullable=False),
    Column("unit_type", Text, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column(
        "geom_3857", Geometry("POLYGON", srid=WEB_MERCATOR, spatial_index=False),
        Computed("ST_Transform(geom, 3857)", persisted=True),
    ),
    Column("parent_id", BigInteger, ForeignKey("cell.id")),
    Column("valid", TSTZRANGE, nullable=False, server_default=text("tstzrange(NULL, NULL)")),
    Index("cell_parent_id_idx", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
    valid_shape(),
    CheckConstraint("area_m2 > 0 AND population >= 0 AND households >= 0", name="amounts"),
    Index("cell_geom_idx", "geom", postgresql_using="gist"),
    Index("cell_geom_3857_idx", "geom_3857", postgresql_using="gist"),
    Index("cell_community_id_idx", "community_id"),
)

cell_assignment = Table(
    "cell_assignment", metadata,
    # What these refer to is looked up once per statement, by triggers: a plan is 44,000 rows.
    Column("plan_id", BigInteger, primary_key=True, autoincrement=False),
    Column("cell_id", BigInteger, primary_key=True, autoincrement=False),
    Column("grid_id", BigInteger, nullable=False),
    Index("cell_assignment_grid_id_idx", "grid_id", "plan_id"),
)

lineage = Table(
    "lineage", metadata,
    Column("plan_id", BigInteger, ForeignKey("plan.id"), primary_key=True),
    Column("from_grid_id", BigInteger, ForeignKey("grid.id"), primary_key=True),
    Column("to_grid_id", BigInteger, ForeignKey("grid.id"), primary_key=True),
    Column("area_fraction", Float, nullable=False),
    Column("resident_fraction", Float, nullable=False),
    Column("workload_fraction", Float),
    CheckConstraint("workload_fraction BETWEEN 0 AND 1", name="workload"),
    CheckConstraint("area_fraction BETWEEN 0 AND 1 AND resident_fraction BETWEEN 0 AND 1", name="fractions"),
    Index("lineage_to_grid_id_idx", "to_grid_id"),
    Index("lineage_from_grid_id_idx", "from_grid_id"),
)

facility_kind = Table(
    "facility_kind", metadata,
    Column("code", Text, primary_key=True),
    *names(),
)

facility = Table(
    "facility", metadata,
    identity(),
    Column("kind", Text, ForeignKey("facility_kind.code"), nullable=False),
    Column("community_id", BigInteger, ForeignKey("area.id"), nullable=False),
    *names(),
    Column("level", Text, nullable=False),
    _shape("POINT"),
    Column("floor_area_m2", Float),
    Column("capacity", Integer),
    Column("opening_hours", Text),
    Column("synthetic", Boolean, nullable=False),
    one_of("level", "city", "town", "community", "estate"),
    CheckConstraint("floor_area_m2 > 0", name="floor_area_m2"),
    CheckConstraint("capacity > 0", name="capacity"),
    Index("facility_geom_idx", "geom", postgresql_using="gist"),
    Index("facility_kind_idx", "kind"),
    Index("facility_community_id_idx", "community_id"),
)

department = Table(
    "department", metadata,
    Column("code", Text, primary_key=True),
    *names(),
)

matter = Table(
    "matter", metadata,
    identity(),
    Column("code", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("category_zh", Text, nullable=False),
    Column("category_en", Text, nullable=False),
    *names(),
    Column("department", Text, ForeignKey("department.code"), nullable=False),
    Column("time_limit_h", Float, nullable=False),
    Column("standard_min", Integer, nullable=False),
    Column("inspection_interval_d", Integer),
    Column("urgency", SmallInteger, nullable=False),
    Column("admitted_on", Date, nullable=False),
    Column("retired_on", Date),
    UniqueConstraint("code", "version"),
    CheckConstraint("time_limit_h > 0 AND standard_min > 0", name="limits"),
    CheckConstraint("inspection_interval_d > 0", name="inspection_interval_d"),
    CheckConstraint("urgency BETWEEN 1 AND 3", name="urgency"),
    CheckConstraint("retired_on > admitted_on", name="life"),
)

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

INCIDENT_STATES = (
    "collected", "accepted", "dispatched", "handling", "feedback", "verified", "closed", "returned", "suspended",
    "rejected",
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
    _shape("POINT"),
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
    one_of("state", *INCIDENT_STATES),
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

IMPORT_KINDS = ("areas", "cells", "grids", "population", "facilities", "incidents", "places")
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

map_shape = Table(
    "map_shape", metadata,
    Column("layer", Text, primary_key=True),
    Column("ref_id", BigInteger, primary_key=True),
    Column("band", SmallInteger, primary_key=True),
    _shape("MULTIPOLYGON", srid=WEB_MERCATOR),
    Column("plan_id", BigInteger),
    Column("code", Text),
    Column("community", Text),
    one_of("layer", "district", "town", "community", "grid"),
    CheckConstraint(
        "(layer = 'grid') = (plan_id IS NOT NULL AND code IS NOT NULL AND community IS NOT NULL)", name="grids_are_named"
    ),
    Index("map_shape_area_idx", "band", "geom", postgresql_using="gist", postgresql_where=text("layer <> 'grid'")),
    Index("map_shape_grid_idx", "plan_id", "band", "geom", postgresql_using="gist", postgresql_where=text("layer = 'grid'")),
)

incident_counted = Table(
    "incident_counted", metadata,
    Column("singleton", Boolean, primary_key=True, server_default=text("true")),
    Column("as_of", DateTime(timezone=True), nullable=False),
    CheckConstraint("singleton", name="one_row"),
)

incident_count = Table(
    "incident_count", metadata,
    Column("z", SmallInteger, primary_key=True),
    Column("x", Integer, primary_key=True),
    Column("y", Integer, primary_key=True),
    Column("community_id", BigInteger, primary_key=True),
    Column("department", Text, primary_key=True),
    Column("square", SmallInteger, primary_key=True),
    *(Column(f"{what}_{days}", Integer, nullable=False) for days in (7, 30, 365) for what in ("n", "open")),
)

incident_delta = Table(
    "incident_delta", metadata,
    Column("x", Integer, nullable=False),
    Column("y", Integer, nullable=False),
    Column("community_id", BigInteger, nullable=False),
    Column("department", Text, nullable=False),
    Column("reported_at", DateTime(timezone=True), nullable=False),
    Column("n", Integer, nullable=False),
    Column("open", Integer, nullable=False),
)

layer_change = Table(
    "layer_change", metadata,
    Column("layer", Text, nullable=False),
    Column("mark", BigInteger, nullable=False),
    one_of("layer", "areas", "grids", "cells", "facilities", "incidents"),
)
