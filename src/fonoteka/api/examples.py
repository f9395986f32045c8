"""Examples in the description of the API: each is made of the examples of its fields, so none grows stale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fonoteka.api.instants import EXAMPLE as EXAMPLE_INSTANT
from fonoteka.api.models import EXAMPLE_CALL_ID

_DEPTH_MAX = 8
_JSON = "application/json"
_BY_FORMAT = {"date-time": EXAMPLE_INSTANT, "date": "2026-03-02", "binary": ""}
Schema = Mapping[str, Any]


def add_examples(document: dict[str, Any]) -> None:
    """Give each parameter, body and good answer of the document an example where it has none."""
    maker = _Maker(document["components"]["schemas"])
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if not {"example", "examples"} & parameter.keys():
                    parameter["example"] = maker.make(parameter["schema"], parameter["name"])
            answers = [one for status, one in operation["responses"].items() if status.startswith("2")]
            for part in (operation.get("requestBody", {}), *answers):
                content = part.get("content", {}).get(_JSON)
                if content and content.get("schema") and not {"example", "examples"} & content.keys():
                    content["example"] = maker.make(content["schema"])


class _Maker:
    """Makes values of schemas: of their own examples, else their defaults, else the plainest there are."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas

    def make(self, schema: Schema, name: str = "", depth: int = 0) -> Any:
        """A value that the schema allows. `name` is that of the field."""
        if "$ref" in schema:
            return self.make(self._schemas[schema["$ref"].rpartition("/")[2]], name, depth)
        for known in ("examples", "enum"):
            if schema.get(known):
                return schema[known][0]
        if "const" in schema:
            return schema["const"]
        if schema.get("default") is not None:
            return schema["default"]
        if choices := schema.get("anyOf") or schema.get("oneOf"):
            whole = [one for one in choices if one.get("type") != "null"]
            return self.make(whole[0], name, depth) if depth < _DEPTH_MAX else None
        if "allOf" in schema:
            return self.make(schema["allOf"][0], name, depth)
        return self._plainest(schema, name, depth)

    def _plainest(self, schema: Schema, name: str, depth: int) -> Any:
        match schema.get("type"):
            case "object":
                fields = schema.get("properties", {})
                return {key: self.make(one, key, depth + 1) for key, one in fields.items()}
            case "array":
                items: Schema = schema.get("items") or {}
                is_deep = depth >= _DEPTH_MAX or not items or schema.get("maxItems") == 0
                return [] if is_deep else [self.make(items, name, depth + 1)]
            case "boolean":
                return False
            case "integer" | "number":
                least = schema.get("minimum", schema.get("exclusiveMinimum", 0))
                return least + 1 if "exclusiveMinimum" in schema else least
            case "string":
                return self._text(schema, name)
        return None

    def _text(self, schema: Schema, name: str) -> str:
        if schema.get("format") in _BY_FORMAT:
            return _BY_FORMAT[schema["format"]]
        if name == "id" or name.endswith("_id"):
            return EXAMPLE_CALL_ID[: schema.get("maxLength", 100)]
        if name == "cursor":
            return ""
        return "text"[: schema.get("maxLength", 4)].ljust(schema.get("minLength", 0), "x")
