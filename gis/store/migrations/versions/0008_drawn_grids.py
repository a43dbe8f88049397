"""Grids drawn from one table: the shapes of maps know plan, code and community."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Write plan, code and community beside every shape of a grid."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Leave them to be looked up again."""
    op.get_bind().exec_driver_sql(
        Path(__file__).with_name("0008_drawn_grids_down.sql").read_text(encoding="utf-8").replace("%", "%%")
    )
