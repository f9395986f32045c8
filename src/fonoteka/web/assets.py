"""Style sheets, scripts and fonts, under an address that changes when any of them does."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles

STATIC_FOLDER = Path(__file__).parent / "static"


@cache
def assets_address() -> str:
    """The folder's address. Modules import each other by relative paths, so all of them share one version."""
    digest = hashlib.sha256()
    for path in sorted(STATIC_FOLDER.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(STATIC_FOLDER).as_posix().encode() + b"\0" + path.read_bytes())
    return f"/static/{digest.hexdigest()[:12]}"


class Assets(StaticFiles):
    """Files that never change under their address, so that a browser asks for them once."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """As the parent, and cacheable for a year."""
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
