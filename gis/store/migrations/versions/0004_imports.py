"""Imports: files that came in, what was found in them, and whether they were applied."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of imports."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget every import; what was applied stays in the city."""
    op.execute("DROP TABLE import_job")
