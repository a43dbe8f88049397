"""What residents were heard on, and plans that can be called off."""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the columns and tables."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Without them."""
    op.execute("DROP TABLE carried_posting, shelved_row")
    op.execute("ALTER TABLE proposal DROP COLUMN heard_version, DROP COLUMN heard_since, DROP COLUMN heard_map")
