"""Officers in the field: shifts, positions, tracks, places and their inspections."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, DateTime, Float, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint

from gis.store.tables.columns import identity, metadata, one_of, shape

shift = Table(
    "shift", metadata,
    identity(),
    Column("staff_id", BigInteger, ForeignKey("staff.id"), nullable=False),
    Column("during", TSTZRANGE, nullable=False),
    ExcludeConstraint(("staff_id", "="), ("during", "&&"), name="shift_one_at_a_time_excl", using="gist"),
    Index("shift_now_idx", "staff_id", postgresql_where=text("upper_inf(during)")),
)

position = Table(
    "position", metadata,
    Column("staff_id", BigInteger, ForeignKey("staff.id"), primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False),
    shape("POINT"),
    Column("accuracy_m", Float),
    Index("position_geom_idx", "geom", postgresql_using="gist"),
    Index("position_at_idx", "at"),
)

track = Table(
    "track", metadata,
    Column("staff_id", BigInteger, ForeignKey("staff.id"), primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), primary_key=True),
    shape("POINT"),
    Index("track_at_idx", "at"),
)

place = Table(
    "place", metadata,
    identity(),
    Column("code", Text, nullable=False, unique=True),
    Column("kind", Text, ForeignKey("place_kind.code"), nullable=False),
    Column("name", Text, nullable=False),
    Column("address", Text),
    shape("POINT"),
    Column("interval_d", Integer),
    Column("inspected_at", DateTime(timezone=True)),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("synthetic", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("interval_d > 0", name="interval_d"),
    Index("place_geom_idx", "geom", postgresql_using="gist"),
)

inspection = Table(
    "inspection", metadata,
    identity(),
    Column("place_id", BigInteger, ForeignKey("place.id"), nullable=False),
    Column("staff_id", BigInteger, ForeignKey("staff.id"), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("note", Text),
    shape("POINT", nullable=True),
    Column("incident_id", BigInteger),
    one_of("outcome", "fine", "finding", "closed", "refused"),
    Index("inspection_place_id_idx", "place_id", "at"),
    Index("inspection_staff_id_idx", "staff_id", "at"),
)
