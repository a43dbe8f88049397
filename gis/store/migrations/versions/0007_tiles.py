"""Tiles that stay fast: incidents counted by tile, changes of the drawn layers marked, cells in web mercator."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Count what is there, and from now on every change."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Forget counts and marks again."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0007_tiles_down.sql").read_text(encoding="utf-8").replace("%", "%%"))
