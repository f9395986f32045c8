"""A form of many fields, as a browser sends it without files."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from fonoteka.web.drafts import read_body

FORM_BYTES_MAX = 500_000


async def _form(request: Request) -> FormData:
    body = await read_body(request, FORM_BYTES_MAX)
    fields: list[tuple[str, str | UploadFile]] = [*parse_qsl(body.decode("utf-8", "replace"), True)]
    return FormData(fields)


GivenForm = Annotated[FormData, Depends(_form)]
