"""S3 by configuration alone: a bucket's address and how to reach it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import S3Store

from fonoteka.domain.errors import SettingInvalid

_CONNECT_S = 5.0
_RETRIES = 3
_WRITE_TIMES = 6
"""A part of an upload may take so many times as long as an answer to a question."""


@dataclass(frozen=True, slots=True)
class S3Access:
    """How a bucket is reached. What is empty is taken from AWS's environment variables."""

    endpoint: str = ""
    region: str = ""
    access_key_id: str = ""
    secret_access_key: str = ""
    path_style: bool = True
    allow_http: bool = False
    timeout_s: float = 10.0
    """Longest wait for an answer; three tries may follow one another within twice that."""


def bucket_of(url: str) -> str:
    """The bucket that `s3://bucket/prefix` names."""
    return urlsplit(url).netloc


def open_bucket(url: str, access: S3Access, writes: bool) -> S3Store:
    """The bucket of `s3://bucket/prefix`; nothing is asked of it yet. Raises `SettingInvalid`."""
    if not bucket_of(url):
        raise SettingInvalid("objects_url: s3:// is followed by the name of a bucket.")
    if access.endpoint.startswith("http://") and not access.allow_http:
        raise SettingInvalid(
            "s3_endpoint is http://: use https://, or set s3_allow_http in a private network."
        )
    given: dict[str, Any] = {
        "endpoint": access.endpoint.rstrip("/"),
        "region": access.region,
        "access_key_id": access.access_key_id,
        "secret_access_key": access.secret_access_key,
    }
    patience_s = access.timeout_s * (_WRITE_TIMES if writes else 1)
    try:
        return S3Store(
            bucket_of(url),
            prefix=urlsplit(url).path.strip("/") or None,
            virtual_hosted_style_request=not access.path_style,
            client_options={
                "allow_http": access.allow_http,
                "connect_timeout": timedelta(seconds=min(_CONNECT_S, access.timeout_s)),
                "timeout": timedelta(seconds=patience_s),
            },
            retry_config={
                "max_retries": _RETRIES,
                "retry_timeout": timedelta(seconds=2 * patience_s),
                "backoff": {"max_backoff": timedelta(seconds=2)},
            },
            **{name: value for name, value in given.items() if value},
        )
    except (BaseError, ValueError, TypeError) as error:
        raise SettingInvalid(f"objects_url: {error}") from error
