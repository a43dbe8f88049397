"""The journal as a stream that readers follow without a gap."""

from pathlib import Path

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

HERE = Path(__file__)


def upgrade() -> None:
    """Announce whoever appends."""
    op.get_bind().exec_driver_sql(HERE.with_suffix(".sql").read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Without announcements."""
    op.get_bind().exec_driver_sql(HERE.with_name(f"{HERE.stem}_down.sql").read_text(encoding="utf-8").replace("%", "%%"))
