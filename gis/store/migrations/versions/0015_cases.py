"""Cases: command, holder, time limit and steps of an incident."""

from pathlib import Path

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

HERE = Path(__file__)


def upgrade() -> None:
    """Give incidents a command, a holder and steps."""
    op.get_bind().exec_driver_sql(HERE.with_suffix(".sql").read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Take them back."""
    op.get_bind().exec_driver_sql(HERE.with_name(f"{HERE.stem}_down.sql").read_text(encoding="utf-8").replace("%", "%%"))
