"""The description of the API: what changes in it changes for customers, so it is compared with a copy.

After a change on purpose, write the copy anew and look at the difference:

    PYTHONPATH=src:. .venv/bin/python -m tests.api.test_openapi
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs

from fonoteka.api.openapi import describe
from fonoteka.api.router import make_api

COPY = Path(__file__).with_name("openapi.json")


OPEN = frozenset({"get_health", "get_shared_audio", "get_shared_peaks"})
"""What needs no sign-in."""


def current() -> str:
    """The description as it is now, as committed text."""
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


def test_the_copy_is_up_to_date() -> None:
    assert COPY.read_text("utf-8") == current(), "see the top of this file for how to write the copy anew"


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
    COPY.write_text(current(), "utf-8")
