"""The description of the API: what changes in it changes for customers, so it is compared with a digest.

The digest has a line for each operation: method, path, id, then a hash of its shape (with all schemas that it
leads to) and one of its words (descriptions, examples). After a change on purpose, write it anew and look at
which operations it touched, and whether in more than words:

    PYTHONPATH=src:. .venv/bin/python -m tests.api.test_openapi
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs

from fonoteka.api.openapi import describe
from fonoteka.api.router import make_api

DIGEST = Path(__file__).with_name("openapi.txt")
PROBLEM = "application/problem+json"
WORDS = frozenset({"description", "example", "examples", "summary", "title"})

OPEN = frozenset({"get_health", "get_shared_audio", "get_shared_peaks"})
"""What needs no sign-in."""


@cache
def current() -> str:
    """The description as it is now, as text."""
    document = describe(make_api())
    document["info"]["version"] = "…"
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of each operation."""
    return [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def digest(document: dict[str, Any]) -> str:
    """A line for each operation, and one for what all share.

    Of a problem only the status belongs to an operation: a new error code does not touch them all.
    """
    schemas = document["components"]["schemas"]
    lines = []
    for method, path, operation in operations(document):
        answers = operation["responses"]
        own = {
            status: None if PROBLEM in told.get("content", {}) else told for status, told in answers.items()
        }
        whole = {**operation, "responses": own}
        lines.append(f"{path} {method.upper()} {operation['operationId']} {hashes(whole, schemas)}")
    problems = {
        status: told
        for _, _, operation in operations(document)
        for status, told in operation["responses"].items()
        if PROBLEM in told.get("content", {})
    }
    shared = {**document, "paths": None, "components": {**document["components"], "schemas": None}}
    lines += [f"problems {status} {hashes(told, schemas)}" for status, told in problems.items()]
    lines += [f"head {hashes(shared, schemas)}"]
    return "\n".join(sorted(lines)) + "\n"


def hashes(part: dict[str, Any], schemas: dict[str, Any]) -> str:
    """Of the shape and of the words of a part and all schemas that it leads to."""
    whole = [part, {name: schemas[name] for name in sorted(reached(part, schemas))}]
    shape, words = (
        hashlib.sha256(json.dumps(one, sort_keys=True).encode()).hexdigest()[:10]
        for one in (shape_of(whole), whole)
    )
    return f"shape {shape} words {words}"


def reached(part: object, schemas: dict[str, Any]) -> set[str]:
    """Names of the schemas that a part leads to, over any number of steps."""
    found: set[str] = set()
    waiting = [part]
    while waiting:
        new = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(waiting.pop()))) - found
        found |= new
        waiting += [schemas[name] for name in new]
    return found


def shape_of(part: Any, names: bool = False) -> Any:
    """A part without its words; the keys of `properties` are names of fields, whatever they are called."""
    if isinstance(part, list):
        return [shape_of(one) for one in part]
    if not isinstance(part, dict):
        return part
    kept = {key: value for key, value in part.items() if names or key not in WORDS}
    return {key: shape_of(value, names=key == "properties" and not names) for key, value in kept.items()}


def test_the_digest_is_up_to_date() -> None:
    now = digest(json.loads(current()))
    assert DIGEST.read_text("utf-8").splitlines() == now.splitlines(), (
        "the top of this file says how to renew it"
    )


def test_the_digest_tells_what_a_change_touches() -> None:
    before = digest(json.loads(current())).splitlines()
    for key, value, in_shape in (("maxLength", 7, True), ("description", "Other words.", False)):
        document = json.loads(current())
        document["components"]["schemas"]["CommentText"]["properties"]["text"][key] = value
        changed = [
            (old, new) for old, new in zip(before, digest(document).splitlines(), strict=True) if old != new
        ]
        assert [old.split()[:3] for old, _ in changed] == [
            ["/api/v1/calls/{call_id}/comments/{comment_id}", "PUT", "save_comment"]
        ]
        assert all((old.split()[4] != new.split()[4]) == in_shape for old, new in changed)


def test_it_is_served(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert document["paths"] == json.loads(current())["paths"]
    assert "/api/v1/rules/dry-run" in document["paths"]


def test_every_operation_is_described() -> None:
    document = json.loads(current())
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    for _, path, operation in operations(document):
        assert operation["tags"], path
        assert operation["description"], path
        for parameter in operation.get("parameters", []):
            assert parameter["description"], (path, parameter["name"])
        if operation["operationId"] not in OPEN:
            assert {tuple(scheme) for scheme in operation["security"]} == {("token",), ("session",)}
            assert {"401", "403"} <= set(operation["responses"])
        for status, response in operation["responses"].items():
            if int(status) >= 400 and operation["operationId"] != "get_health":
                assert list(response["content"]) == ["application/problem+json"], (path, status)


def test_every_field_of_an_answer_is_described() -> None:
    for name, schema in json.loads(current())["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            assert described.get("description") or "$ref" in described, f"{name}.{field}"


def test_every_operation_has_examples_that_are_as_described() -> None:
    document = json.loads(current())
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        given = [(one["schema"], one) for one in operation.get("parameters", [])]
        good = [one for status, one in operation["responses"].items() if status.startswith("2")]
        bodies = [operation.get("requestBody", {}), *good]
        for content in (one.get("content", {}).get("application/json") for one in bodies):
            if content and content.get("schema"):
                given.append((content["schema"], content))
        for schema, told in given:
            example = told["example"] if "example" in told else told["examples"][0]
            allowed = jsonschema_rs.Draft202012Validator({**schema, "components": document["components"]})
            assert [str(error) for error in allowed.iter_errors(example)] == [], where


def test_every_reference_leads_somewhere() -> None:
    text = current()
    schemas = json.loads(text)["components"]["schemas"]
    for part in text.split('"#/components/schemas/')[1:]:
        assert part.partition('"')[0] in schemas


if __name__ == "__main__":
    DIGEST.write_text(digest(json.loads(current())), "utf-8")
