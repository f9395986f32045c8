"""Registering what can be read: GET, and HEAD beside it (RFC 9110 §9.1 wants both)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter

_Endpoint = TypeVar("_Endpoint", bound=Callable[..., Any])


def readable(router: APIRouter, path: str, **options: Any) -> Callable[[_Endpoint], _Endpoint]:
    """A decorator like `router.get` that answers HEAD too; the API's description shows GET alone."""

    def register(endpoint: _Endpoint) -> _Endpoint:
        router.get(path, **options)(endpoint)
        router.head(path, **{**options, "include_in_schema": False})(endpoint)
        return endpoint

    return register
