"""REST under /api/v1."""

from fonoteka.api.authentication import SESSION_COOKIE
from fonoteka.api.errors import install_errors
from fonoteka.api.router import create_router
from fonoteka.api.services import Services

__all__ = ["SESSION_COOKIE", "Services", "create_router", "install_errors"]
