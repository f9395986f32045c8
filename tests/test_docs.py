"""What exists is documented: settings, commands, audit events. (Errors and metrics: tests/api.)"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from fonoteka.cli.main import build_app
from fonoteka.domain.audit import AuditAction

ROOT = Path(__file__).parent.parent
OPERATE = ROOT / "docs" / "operate"


def test_settings_page_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("docs_script", ROOT / "scripts" / "docs.py")
    assert spec
    assert spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert (OPERATE / "settings.md").read_text("utf-8") == script.settings_page(), "run `make docs`"


def commands() -> list[str]:
    found = []
    root = typer.main.get_command(build_app())
    assert isinstance(root, TyperGroup)
    for name, command in root.commands.items():
        inner = list(command.commands) if isinstance(command, TyperGroup) else [""]
        found += [f"fonoteka {name} {one}".strip() for one in inner]
    return found


@pytest.mark.parametrize("command", commands())
def test_commands_are_documented(command: str) -> None:
    assert command in (OPERATE / "commands.md").read_text("utf-8")


@pytest.mark.parametrize("action", list(AuditAction))
def test_audit_events_are_documented(action: AuditAction) -> None:
    assert f"`{action}`" in (OPERATE / "audit.md").read_text("utf-8")


def test_no_path_of_a_machine_or_registry_in_the_repository() -> None:
    needles = [
        "--index" + "-url",
        "--find" + "-links",
        '"resolved": ' + '"http',
        "/ro" + "ot/",
        "files.python" + "hosted",
    ]
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        if (
            path.suffix in {".py", ".md", ".txt", ".json", ".toml", ""}
            and path.is_file()
            and not _ignored(parts)
        ):
            text = path.read_text("utf-8", errors="replace")
            assert not [needle for needle in needles if needle in text], path


def _ignored(parts: tuple[str, ...]) -> bool:
    return any(part.startswith(".") and part != ".ci" for part in parts) or bool(
        {"node_modules", "vendor", "build", "dist", "__pycache__"} & set(parts)
    )
