"""Local speech models: which are in the folder, which is used for which language, whether they are whole."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fonoteka.domain.errors import ModelInvalid, ModelMissing
from fonoteka.speech.model_catalogue import CATALOGUE, KINDS

ABOUT_NAME = "fonoteka.json"
"""Beside a model's files: what it is, and their checksums."""
USE_NAME = "use.json"
ANY_LANGUAGE = "*"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model in the folder. `kind` is onnx-asr's name of it; `digest` is over its files' checksums."""

    name: str
    kind: str
    folder: Path
    quantization: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model as it should be."""

    path: str
    size_bytes: int
    sha256: str


def installed_models(models: Path) -> tuple[InstalledModel, ...]:
    """What lies in the folder and says what it is, by name."""
    found = (entry for entry in sorted(models.glob(f"*/{ABOUT_NAME}")) if _NAME.fullmatch(entry.parent.name))
    return tuple(read_model(models, entry.parent.name) for entry in found)


def read_model(models: Path, name: str) -> InstalledModel:
    """The model of that name. Raises `ModelMissing`, `ModelInvalid`."""
    folder = models / name
    if not _NAME.fullmatch(name) or not folder.is_dir():
        raise ModelMissing(f"There is no model “{name[:64]}” in {models}.")
    about = _read_about(folder)
    digest = hashlib.sha256(json.dumps(about["files"], sort_keys=True).encode()).hexdigest()
    return InstalledModel(name, str(about["kind"]), folder, str(about.get("quantization", "")), digest)


def describe_model(folder: Path, kind: str, quantization: str = "") -> None:
    """Write beside a model's files what it is; they are as they should be now. Raises `ModelInvalid`."""
    if kind not in KINDS:
        raise ModelInvalid(f"“{kind[:64]}” is no kind of model; known: {', '.join(sorted(KINDS))}.")
    files = [asdict(_measured(folder, path)) for path in _files_of(folder)]
    if not files:
        raise ModelInvalid(f"There is no file in {folder}.")
    write_about(folder, kind, quantization, files)


def write_about(folder: Path, kind: str, quantization: str, files: list[dict[str, object]]) -> None:
    """Write what a model is and the checksums of its files."""
    about = {"kind": kind, "quantization": quantization, "files": files}
    (folder / ABOUT_NAME).write_text(json.dumps(about, ensure_ascii=False, indent=1), "utf-8")


def verify_model(model: InstalledModel, progress: Callable[[int], None] = lambda _: None) -> tuple[str, ...]:
    """Compare every file with its checksum; what is wrong, in words. `progress` is told bytes read."""
    wrong = []
    for one in _read_about(model.folder)["files"]:
        path = model.folder / one["path"]
        if not path.is_file():
            wrong.append(f"{one['path']}: missing")
        elif path.stat().st_size != one["size_bytes"] or sha256_of(path, progress) != one["sha256"]:
            wrong.append(f"{one['path']}: differs")
    return tuple(wrong)


def use_model(models: Path, model: InstalledModel, language: str) -> None:
    """Use a model for a language from now on (`*`: for those that have none of their own)."""
    used = models_in_use(models)
    used[language] = model.name
    making = models / f"{USE_NAME}.making"
    making.write_text(json.dumps(used, indent=1), "utf-8")
    making.rename(models / USE_NAME)


def models_in_use(models: Path) -> dict[str, str]:
    """The name of the model by language. Raises `ModelInvalid` when the file was broken by hand."""
    try:
        value = json.loads((models / USE_NAME).read_text("utf-8"))
        return {str(language): str(name) for language, name in value.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError, OSError) as error:
        raise ModelInvalid(f"{models / USE_NAME} cannot be read: {error}") from error


def languages_in_use(models: Path) -> dict[str, str]:
    """As `models_in_use`; nothing where that cannot be read."""
    try:
        return models_in_use(models)
    except ModelInvalid:
        return {}


def name_for(models: Path, language: str) -> str | None:
    """The model used for a language; “” is the only one in use, or the one for any language."""
    used = models_in_use(models)
    if language:
        return used.get(language, used.get(ANY_LANGUAGE))
    return used.get(ANY_LANGUAGE) or (next(iter(used.values())) if len(used) == 1 else None)


def language_for(models: Path, language: str) -> str:
    """What language is meant when none is said: that of the only model in use."""
    used = models_in_use(models)
    only = next(iter(used)) if len(used) == 1 else ""
    return language or ("" if only == ANY_LANGUAGE else only)


def sha256_of(path: Path, progress: Callable[[int], None] = lambda _: None) -> str:
    """The checksum of a file; `progress` is told how many bytes more were read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            progress(len(block))
    return digest.hexdigest()


def known_names() -> tuple[str, ...]:
    """The models that can be pulled by name."""
    return tuple(one.name for one in CATALOGUE)


def _files_of(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != ABOUT_NAME and not path.name.endswith(".part"):
            yield path


def _measured(folder: Path, path: Path) -> ModelFile:
    return ModelFile(path.relative_to(folder).as_posix(), path.stat().st_size, sha256_of(path))


def _read_about(folder: Path) -> dict[str, Any]:
    try:
        about = json.loads((folder / ABOUT_NAME).read_text("utf-8"))
        if not isinstance(about["kind"], str) or not isinstance(about["files"], list):
            raise TypeError("it does not say kind and files")
        return dict(about)
    except FileNotFoundError as error:
        raise ModelInvalid(f"{folder} does not say what it is: use it with --kind once.") from error
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise ModelInvalid(f"{folder / ABOUT_NAME} cannot be read: {error}") from error
