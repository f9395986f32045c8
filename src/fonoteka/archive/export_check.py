"""Whether an export, a folder or a ZIP, is still what its manifest says. It needs no archive."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from fonoteka.archive.folder_export import sha256_of_file
from fonoteka.archive.manifest import JSON_NAME
from fonoteka.domain.errors import ImportInvalid

_BLOCK_BYTES = 1 << 20


def check_export(target: Path) -> Iterator[tuple[str, bool]]:
    """Each file that the manifest names, and whether it is there with those bytes.

    Raises `ImportInvalid` where there is no manifest, OSError.
    """
    with ExitStack() as stack:
        try:
            if target.is_dir():
                manifest: IO[bytes] = stack.enter_context((target / JSON_NAME).open("rb"))
                archive = None
            else:
                archive = stack.enter_context(zipfile.ZipFile(target))
                manifest = stack.enter_context(archive.open(JSON_NAME))
        except (FileNotFoundError, KeyError, zipfile.BadZipFile) as error:
            raise ImportInvalid(f"{target} is no whole export: {error}.") from error
        for name, sha256 in _named(manifest):
            found = _of_folder(target / name) if archive is None else _of_zip(archive, name)
            yield name, found == sha256


def _named(manifest: IO[bytes]) -> Iterator[tuple[str, str]]:
    """Names and hashes, read a line at a time: the manifest has a line a file."""
    for line in manifest:
        text = line.strip().removesuffix(b",")
        if text.startswith(b'{"file":'):
            value = json.loads(text)
            if value["file"]:
                yield value["file"], value["sha256"]


def _of_folder(path: Path) -> str:
    return sha256_of_file(path)[0] if path.is_file() else ""


def _of_zip(archive: zipfile.ZipFile, name: str) -> str:
    hashed = hashlib.sha256()
    try:
        with archive.open(name) as file:
            while block := file.read(_BLOCK_BYTES):
                hashed.update(block)
    except (KeyError, zipfile.BadZipFile):
        return ""
    return hashed.hexdigest()
