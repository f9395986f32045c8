"""`fonoteka topics`: from one installation to another, tried, read anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fonoteka.cli.main import build_app


def run(data: Path, *words: str, given: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(build_app("topics"), ["topics", *words, "--data", str(data)], input=given)
    return done.exit_code, done.output + (str(done.exception) if done.exception else "")


def test_topics_go_from_one_installation_to_another(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "topics.json"
    given = {
        "topics": [
            {"name": "Возврат", "phrases": ["# note", "вернуть [2] деньги @клиент"], "alerts": True},
            {"name": "Off", "description": "d", "phrases": ["refund"], "is_active": False},
        ]
    }
    file.write_text(json.dumps(given))
    assert run(data, "import", str(file), "--dry-run") == (0, "created\tВозврат\ncreated\tOff\n")
    assert run(data, "list") == (0, "")
    assert run(data, "import", str(file)) == (0, "created\tВозврат\ncreated\tOff\n")
    listed = [line.split("\t")[1:] for line in run(data, "list")[1].splitlines()]
    assert listed == [["Off", "off", "-", "1"], ["Возврат", "active", "alerts", "1"]]
    _, told = run(data, "export")
    exported = {one["name"]: one for one in json.loads(told)["topics"]}
    assert exported["Возврат"]["phrases"] == given["topics"][0]["phrases"]
    exported["Off"]["phrases"].append("money back")
    changed = json.dumps({"topics": list(exported.values())})
    assert run(data, "import", "-", given=changed) == (0, "changed\tOff\nunchanged\tВозврат\n")
    assert run(data, "status") == (0, "to read: 0\n")
    assert run(data, "rerun") == (0, "0 recordings are to be read\n")
    assert run(data, "try", "-", given="деньги")[1].endswith("0 of 0 calls\n")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("nonsense", "export"),
        ("[" * 100_000, "export"),
        ('{"topics": [{"name": 1, "phrases": []}]}', "export"),
        ('{"topics": [{"name": "x", "phrases": "a"}], "x": 1}', None),
        ('{"topics": [{"name": "x", "phrases": ["("]}]}', "Line 1, column 1"),
        ('{"topics": [{"name": "x", "phrases": []}]}', "needs a phrase"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, given: str, why: str | None) -> None:
    code, told = run(tmp_path / "data", "import", "-", given=given)
    assert (code == 0) == (why is None)
    assert why is None or why in told
