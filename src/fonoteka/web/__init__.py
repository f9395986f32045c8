"""Pages: Jinja, htmx, a few small ES modules."""

from fonoteka.web.router import create_router, install

__all__ = ["create_router", "install"]
