"""What went wrong with an object, as one of our errors that says what to do."""

from __future__ import annotations

import errno
import re

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

from fonoteka.domain.errors import ObjectMissing, ObjectsUnavailable, StorageFull

_FULL = tuple(f"(os error {number})" for number in (errno.ENOSPC, errno.EDQUOT))
# Never a bare number: keys, buckets and times in the text have it too.
_BUCKET_FULL = re.compile(r"QuotaExceeded|InsufficientStorage|status(?: code)?: 507\b")
_CODE = re.compile("<Code>([A-Za-z0-9]{1,80})</Code>")
_NO_BUCKET = "NoSuchBucket"
_REFUSED = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "AuthorizationHeaderMalformed")

Failure = ObjectMissing | StorageFull | ObjectsUnavailable


def typed(error: BaseError | OSError, key: str, bucket: str) -> Failure:
    """The error to raise for an object in a bucket, or in a folder where `bucket` is empty."""
    text = str(error)
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT) or any(sign in text for sign in _FULL):
        return StorageFull(f"There is no room left for the object {key}.")
    if bucket and _BUCKET_FULL.search(text):
        return StorageFull(f"The bucket {bucket} has no room left for the object {key}.")
    if bucket and _NO_BUCKET in text:
        return bucket_missing(bucket)
    if isinstance(error, FileNotFoundError):
        return ObjectMissing(f"The object {key} is missing.")
    refused = isinstance(error, (PermissionDeniedError, UnauthenticatedError, PermissionError))
    if bucket and (refused or any(sign in text for sign in _REFUSED)):
        return ObjectsUnavailable(
            f"The object store refuses us the bucket {bucket}: check s3_access_key_id, s3_secret_access_key, "
            f"s3_region and what this key may do. It said: {_said(text)}"
        )
    return ObjectsUnavailable(f"The object store does not answer: {key}: {_said(text)}")


def bucket_missing(bucket: str) -> ObjectsUnavailable:
    """Of a bucket that is not there, nothing may be taken for deleted."""
    return ObjectsUnavailable(f"The bucket {bucket} does not exist: make it, or mend objects_url.")


def _said(text: str) -> str:
    named = _CODE.search(text)
    return named[1] if named else " ".join(text.split("\n\nDebug source:")[0].split())[:500]
