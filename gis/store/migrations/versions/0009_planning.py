"""What planners work with: workload models, drafts with their edits, proposals put to residents."""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and let cells and grids carry what plans change of them."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Without them; published plans stay, drafts go."""
    op.get_bind().exec_driver_sql(
        Path(__file__).with_name("0009_planning_down.sql").read_text(encoding="utf-8").replace("%", "%%")
    )
