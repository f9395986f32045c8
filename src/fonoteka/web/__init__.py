"""Pages: Jinja, htmx, a few small ES modules."""

from fonoteka.web.desk import Desk
from fonoteka.web.router import create_router, install

__all__ = ["Desk", "create_router", "install"]
