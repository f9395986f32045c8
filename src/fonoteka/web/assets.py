"""Style sheets, scripts and fonts, under an address that changes when any of them does."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import os
from functools import cache
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Scope

from fonoteka.web.compression import takes_gzip

_TEXTS = frozenset({".css", ".js", ".svg"})
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

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """As the parent, and cacheable for a year; texts in gzip for whoever takes it."""
        path = Path(full_path)
        if path.suffix in _TEXTS and takes_gzip(scope):
            kind = mimetypes.guess_type(path.name)[0]
            response = Response(_packed(path), status_code, {"Content-Encoding": "gzip"}, kind)
        else:
            response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers.add_vary_header("Accept-Encoding")
        return response


@cache
def _packed(path: Path) -> bytes:
    """Files do not change while the program runs: their address is made of what they hold."""
    return gzip.compress(path.read_bytes(), 9, mtime=0)
