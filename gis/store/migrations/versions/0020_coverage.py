"""Coverage: walking network, services, audits, scenarios, sitings."""

from pathlib import Path

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

HERE = Path(__file__)


def upgrade() -> None:
    """Make the tables."""
    op.get_bind().exec_driver_sql(HERE.with_suffix(".sql").read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Remove them."""
    op.get_bind().exec_driver_sql(HERE.with_name(f"{HERE.stem}_down.sql").read_text(encoding="utf-8").replace("%", "%%"))
