"""Everyone sees their own part: the community of an incident, the department of an account, and lists that stay fast."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Know the community of every incident, and index what lists are ordered and filtered by."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Forget communities and departments again; the two functions go back to what they were."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0003_reach_down.sql").read_text(encoding="utf-8").replace("%", "%%"))
