"""Places that are inspected come in from files."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KINDS = "'areas', 'cells', 'grids', 'population', 'facilities', 'incidents'"


def upgrade() -> None:
    """Admit the kind of import."""
    _admit(f"{KINDS}, 'places'")


def downgrade() -> None:
    """Take it back, with the imports of that kind."""
    op.get_bind().exec_driver_sql("DELETE FROM import_job WHERE kind = 'places'")
    _admit(KINDS)


def _admit(kinds: str) -> None:
    op.get_bind().exec_driver_sql("ALTER TABLE import_job DROP CONSTRAINT import_job_kind_check")
    op.get_bind().exec_driver_sql(f"ALTER TABLE import_job ADD CONSTRAINT import_job_kind_check CHECK (kind IN ({kinds}))")
