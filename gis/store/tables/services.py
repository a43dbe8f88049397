"""What the city offers and who is responsible for what: facilities, departments, matters."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gis.store.tables.columns import identity, metadata, names, one_of, shape

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
    shape("POINT"),
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
    Column("kind", Text, nullable=False, server_default="matter"),
    Column("visibility", Text, nullable=False, server_default="shown"),
    Column("icon", Text),
    Column("by_citizens", Boolean, nullable=False, server_default=text("true")),
    one_of("kind", "matter", "wish"),
    one_of("visibility", "shown", "blurred", "hidden"),
    UniqueConstraint("code", "version"),
    CheckConstraint("time_limit_h > 0 AND standard_min > 0", name="limits"),
    CheckConstraint("inspection_interval_d > 0", name="inspection_interval_d"),
    CheckConstraint("urgency BETWEEN 1 AND 3", name="urgency"),
    CheckConstraint("retired_on > admitted_on", name="life"),
)
