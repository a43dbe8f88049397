"""The administrative tree, the plans, and the grids and cells that they are made of."""

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
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint

from gis.store.tables.columns import WEB_MERCATOR, Ltree, identity, metadata, names, one_of, shape, valid_shape

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
    shape("MULTIPOLYGON"),
    shape("POINT", name="label_point"),
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
    shape("MULTIPOLYGON"),
    shape("POINT", name="label_point"),
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
    shape("POLYGON"),
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
