"""Fetches a model's files from a hub with Hugging Face's addresses; only when a person asks for it."""

from __future__ import annotations

import hashlib
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from fonoteka import __version__
from fonoteka.domain.errors import ModelInvalid, ModelMissing
from fonoteka.speech.model_catalogue import CATALOGUE, KnownModel
from fonoteka.speech.models import InstalledModel, read_model, sha256_of, write_about

HUB = "https://huggingface.co"
_BLOCK = 1 << 18
_LIST_BYTES_MAX = 4_000_000
_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file on the hub: its checksum is SHA-256 of a large one, Git's of a small one."""

    path: str
    size_bytes: int
    sha256: str
    git_sha1: str


def pull_model(
    models: Path, name: str, hub: str = HUB, progress: Callable[[int, int], None] = lambda *_: None
) -> InstalledModel:
    """Fetch a model of the catalogue into the folder; what is there and whole is not fetched again.

    What was cut off goes on where it was. `progress` is told bytes done and in all. Every file's checksum
    is compared before it gets its name. Raises `ModelMissing`, `ModelInvalid`.
    """
    known = next((one for one in CATALOGUE if one.name == name), None)
    if known is None:
        names = ", ".join(one.name for one in CATALOGUE)
        raise ModelMissing(f"“{name[:64]}” is in no catalogue; known: {names}.")
    folder = models / name
    folder.mkdir(parents=True, exist_ok=True)
    files = _listed(hub, known)
    total = sum(one.size_bytes for one in files)
    done = 0
    for one in files:
        _fetch(hub, known, folder, one, lambda more, before=done: progress(before + more, total))  # type: ignore[misc]
        done += one.size_bytes
    progress(total, total)
    told = [
        {"path": one.path, "size_bytes": one.size_bytes, "sha256": sha256_of(folder / one.path)}
        for one in files
    ]
    write_about(folder, known.kind, known.quantization, told)
    return read_model(models, name)


def _listed(hub: str, known: KnownModel) -> tuple[RemoteFile, ...]:
    address = f"{hub.rstrip('/')}/api/models/{known.repository}/tree/main?recursive=true"
    with _open(address) as answer:
        try:
            entries = json.loads(answer.read(_LIST_BYTES_MAX))
            files = [_remote(one) for one in entries if one["type"] == "file"]
        except (ValueError, KeyError, TypeError) as error:
            raise ModelInvalid(f"{address} does not answer with a list of files.") from error
    wanted = tuple(one for one in files if _matches(one.path, known.files))
    lacking = [pattern for pattern in known.files if not any(_matches(one.path, [pattern]) for one in wanted)]
    if [pattern for pattern in lacking if pattern != "config.json"]:
        raise ModelInvalid(f"{known.repository} has no {', '.join(lacking)} (any more).")
    return wanted


def _remote(entry: dict[str, Any]) -> RemoteFile:
    path = str(entry["path"])
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise ValueError(path)
    large = entry.get("lfs") or {}
    return RemoteFile(path, int(entry["size"]), str(large.get("oid", "")), str(entry.get("oid", "")))


def _matches(path: str, patterns: Sequence[str]) -> bool:
    # The weights of a large model lie beside it.
    return any(fnmatch(path, one) or fnmatch(path, f"{one}?data") for one in patterns)


def _fetch(
    hub: str, known: KnownModel, folder: Path, file: RemoteFile, progress: Callable[[int], None]
) -> None:
    path = folder / file.path
    if path.is_file() and _is_right(path, file):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    have = part.stat().st_size if part.exists() else 0
    if have > file.size_bytes:
        part.unlink()
        have = 0
    if have < file.size_bytes or not have:
        address = f"{hub.rstrip('/')}/{known.repository}/resolve/main/{quote(file.path)}"
        _append(part, address, have, progress)
    if part.stat().st_size < file.size_bytes:
        raise ModelInvalid(f"{file.path} was cut off; pulling again goes on from there.")
    if not _is_right(part, file):
        part.unlink()
        raise ModelInvalid(f"{file.path} came with another checksum than the hub names; pull it again.")
    part.rename(path)


def _append(part: Path, address: str, have: int, progress: Callable[[int], None]) -> None:
    with _open(address, {"Range": f"bytes={have}-"} if have else {}) as answer:
        goes_on = have > 0 and answer.status == 206
        with part.open("ab" if goes_on else "wb") as writing:
            try:
                while block := answer.read(_BLOCK):
                    writing.write(block)
                    progress(writing.tell())
            except (OSError, http.client.HTTPException) as error:
                raise ModelInvalid(f"{address} was cut off ({error}); pulling again goes on.") from error


def _is_right(path: Path, file: RemoteFile) -> bool:
    if path.stat().st_size != file.size_bytes:
        return False
    if file.sha256:
        return sha256_of(path) == file.sha256
    data = path.read_bytes()
    git = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False)
    return git.hexdigest() == file.git_sha1


def _open(address: str, headers: dict[str, str] | None = None) -> Any:
    if not address.startswith(("https://", "http://")):
        raise ModelInvalid(f"{address} is no address of a hub.")
    request = urllib.request.Request(  # noqa: S310 - the scheme was looked at
        address, headers={"User-Agent": f"fonoteka/{__version__}", **(headers or {})}
    )
    try:
        return urllib.request.urlopen(request, timeout=_TIMEOUT_S)  # noqa: S310
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise ModelInvalid(f"{address} cannot be fetched: {error}") from error
