"""Lists that stay fast: what is open, and the incidents of a grid, in the order of every list."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index what lists are ordered and filtered by."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """The indexes as they were."""
    op.execute("DROP INDEX incident_open_idx")
    op.execute("DROP INDEX incident_grid_id_idx")
    op.execute("CREATE INDEX incident_grid_id_idx ON incident (grid_id, reported_at)")
