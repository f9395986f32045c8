"""The description of the API (OpenAPI 3.1), made from the routes themselves."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi

from fonoteka import __version__
from fonoteka.api.errors import MEDIA_TYPE, STATUS
from fonoteka.api.examples import add_examples
from fonoteka.api.models import Problem, UploadedCall

_REFERENCE = "#/components/schemas/{model}"
_DESCRIPTION = """Find, play, download, delete and upload recorded calls; say which are recorded.

Sign in with `Authorization: Bearer TOKEN` (make one with `fonoteka token create NAME`); only `/health` and
`/shared` ask for none. Instants are RFC 3339 in UTC, durations milliseconds. Every error is an RFC 9457
problem (`application/problem+json`) with a stable `code`. Unknown parameters are errors, never passed over.
Every GET may be asked as HEAD.
"""
_TAGS = [
    {"name": "calls", "description": "Calls and who took part in them."},
    {"name": "annotations", "description": "Tags, marks, notes and comments."},
    {"name": "scorecards", "description": "Forms, evaluations of calls, appeals, results."},
    {"name": "recordings", "description": "Recorded audio: state, sound, waveform."},
    {"name": "topics", "description": "Phrase dictionaries, and where they were heard."},
    {"name": "sharing", "description": "Calls given to others by link or e-mail."},
    {"name": "live", "description": "Calls in progress."},
    {"name": "rules", "description": "Which calls are recorded."},
    {"name": "people", "description": "Extensions, groups and trunks."},
    {"name": "ledger", "description": "Every call known, and what became of it."},
    {"name": "reports", "description": "Figures of a period, for the heads of departments."},
    {"name": "alerts", "description": "What is wrong, and who is told."},
    {"name": "webhooks", "description": "Programs that are told of call events."},
    {"name": "storage", "description": "Room, plans, terms, the bin and legal holds."},
    {"name": "accounts", "description": "Users, browsers that are signed in, and tokens."},
    {"name": "audit", "description": "Who did what."},
    {"name": "system", "description": "How Fonoteka itself is."},
]
_EVERYWHERE = (500, 503)

Responses = dict[int | str, dict[str, Any]]


def problems(*statuses: int) -> Responses:
    """The documentation of an operation's error answers: those given, and those that any may have."""
    return {status: _problem_response(status) for status in (*statuses, *_EVERYWHERE)}


def _problem_response(status: int) -> dict[str, Any]:
    codes = ", ".join(f"`{code}`" for code in sorted(STATUS) if STATUS[code] == status)
    return {
        "description": f"Problem: {codes}.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": _REFERENCE.format(model=Problem.__name__)}}},
    }


def _header(description: str, **schema: Any) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string", **schema}}


_BINARY = {
    media_type: {"schema": {"type": "string", "format": "binary"}}
    for media_type in ("audio/ogg", "audio/mpeg", "audio/wav", "audio/flac")
}
_AUDIO_HEADERS = {
    "Accept-Ranges": _header("`bytes`: parts can be asked for with Range."),
    "ETag": _header("Changes when the bytes do; give it back in If-Range or If-None-Match."),
    "Content-Disposition": _header("A telling file name (RFC 6266)."),
}
UPLOAD_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["call"],
                "properties": {
                    "call": {"$ref": _REFERENCE.format(model="UploadedCall")},
                    "audio": {
                        "type": "string",
                        "format": "binary",
                        "description": "A sound file of any usual kind with one or two channels.",
                    },
                    "audio_calling": {
                        "type": "string",
                        "format": "binary",
                        "description": "What the calling party says, one channel; instead of `audio`.",
                    },
                    "audio_called": {
                        "type": "string",
                        "format": "binary",
                        "description": "What the called party says, one channel; instead of `audio`.",
                    },
                },
            },
            "encoding": {"call": {"contentType": "application/json"}},
        }
    },
}
AUDIO_RESPONSES: Responses = {
    200: {"description": "The whole file.", "content": _BINARY, "headers": _AUDIO_HEADERS},
    206: {
        "description": "The part that Range asked for.",
        "content": _BINARY,
        "headers": {
            **_AUDIO_HEADERS,
            "Content-Range": _header("Which part it is, and of how much.", examples=["bytes 0-1023/561720"]),
        },
    },
    304: {"description": "The copy that If-None-Match names is up to date."},
    **problems(401, 403, 404, 409, 410, 416, 422, 507),
}
ZIP_RESPONSES: Responses = {
    200: {
        "description": "The ZIP.",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        "headers": {"Content-Disposition": _header("A telling file name (RFC 6266).")},
    },
    **problems(400, 401, 403, 422, 507),
}


def describe(router: APIRouter) -> dict[str, Any]:
    """The OpenAPI document of a router's routes."""
    document = get_openapi(
        title="Fonoteka",
        version=__version__,
        description=_DESCRIPTION,
        tags=_TAGS,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        routes=router.routes,
    )
    components = document["components"]["schemas"]
    for model in (Problem, UploadedCall):
        schema = model.model_json_schema(ref_template=_REFERENCE)
        components.update(schema.pop("$defs", {}))
        components[model.__name__] = schema
    document["components"]["schemas"] = dict(sorted(components.items()))
    add_examples(document)
    return document
