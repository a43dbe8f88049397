"""The city: areas, plans, grids and their lives, facilities, matters, staff, incidents, journal."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "map_shape", "token", "account", "journal", "incident", "posting", "staff", "matter", "department", "facility",
    "facility_kind", "lineage", "cell_assignment", "cell", "grid_version", "grid", "plan", "area", "city",
)
FUNCTIONS = (
    "journal_ring()", "refuse_change()", "prepare_incident_month(date)", "incident_fill_grid()",
    "grid_at(geometry, timestamptz)", "place_rank(geometry, bigint, bigint)",
)


def upgrade() -> None:
    """Make every table. The extensions stay on the way down: others may use them."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Remove every table and function of the city."""
    op.execute("DROP MATERIALIZED VIEW grid_activity")
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
