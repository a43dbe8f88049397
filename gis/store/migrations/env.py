"""Alembic's entry: runs the migrations on the connection that `gis.store.schema` hands over."""

from alembic import context
from geoalchemy2 import alembic_helpers

from gis.store.schema import is_ours
from gis.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_object=is_ours,
    render_item=alembic_helpers.render_item,
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
