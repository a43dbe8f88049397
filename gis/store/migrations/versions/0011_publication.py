"""Publishing the whole city at once, and grids that come back to life."""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Look references of assignments up by statement; count incidents by the life of a grid that they were reported in."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Look them up row by row again."""
    op.get_bind().exec_driver_sql(
        Path(__file__).with_name("0011_publication_down.sql").read_text(encoding="utf-8").replace("%", "%%")
    )
