"""People: temporary passwords, sessions that end with a change of rights, tokens one can revoke, attempts counted."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Know what the administration of log-ins needs."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Forget it again."""
    op.execute("DROP TABLE login_attempt")
    op.execute("DROP INDEX token_account_id_idx, account_area_id_idx")
    op.execute("ALTER TABLE token DROP COLUMN id, DROP COLUMN last_used_at")
    op.execute(
        "ALTER TABLE account DROP COLUMN must_change, DROP COLUMN stamp, DROP COLUMN opened_at, DROP COLUMN last_login_at"
    )
