"""What the grids of plans and drafts have to do, kept beside them."""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; they fill themselves when somebody asks."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Without them."""
    op.execute("DROP INDEX draft_assignment_grid_key_idx")
    op.execute("DROP TABLE community_load, grid_load, plan_load")
