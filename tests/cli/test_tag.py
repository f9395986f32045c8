"""Tags by the command line."""

from __future__ import annotations

from tests.cli.test_commands import fonoteka
from tests.service import Service


def test_tags_are_made_merged_and_deleted(service: Service) -> None:
    made = fonoteka(service, "tag", "create", "Жалоба", "--colour", "red")
    assert made.returncode == 0, made.stderr
    assert fonoteka(service, "tag", "create", "жалоба").stderr.endswith("(tag.taken)\n")
    fonoteka(service, "tag", "create", "Оплата")
    asked = fonoteka(service, "tag", "merge", "ОПЛАТА", made.stdout.strip())
    assert asked.returncode == 1  # nobody answers
    assert "on 0 calls?" in asked.stdout
    assert fonoteka(service, "tag", "merge", "ОПЛАТА", made.stdout.strip(), "--yes").returncode == 0
    listed = fonoteka(service, "tag", "list").stdout
    assert listed == f"{made.stdout.strip()}\tЖалоба\tred\t0\n"
    assert fonoteka(service, "tag", "delete", "жалоба", "--yes").returncode == 0
    assert fonoteka(service, "tag", "list").stdout == ""
