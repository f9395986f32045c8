"""Alembic's migrations, packaged; `store.migrate` runs them."""
