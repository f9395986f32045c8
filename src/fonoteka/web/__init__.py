"""Pages: Jinja, htmx, a few small ES modules."""
