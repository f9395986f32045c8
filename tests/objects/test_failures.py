"""An object store's words are read for what they say, whatever numbers stand among them."""

from __future__ import annotations

import pytest
from obstore.exceptions import GenericError

from fonoteka.domain.errors import ObjectMissing, ObjectsUnavailable, StorageFull
from fonoteka.objects.failures import Failure, typed

KEY = "default/2026/05/07/01a22bd3-0c67-7507-8d2d-30ae62e20507/a-audio.opus"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (FileNotFoundError(f"{KEY} not found in 2.515074ms: status code: 404 Not Found"), ObjectMissing),
        (GenericError(f"PUT {KEY}: status code: 507 Insufficient Storage"), StorageFull),
        (GenericError(f"PUT {KEY}: inner: Status {{ status: 507, body: None }}"), StorageFull),
        (GenericError(f"PUT {KEY}: <Code>QuotaExceeded</Code>"), StorageFull),
        (GenericError(f"PUT {KEY}: elapsed: 5.507s, status code: 503"), ObjectsUnavailable),
    ],
)
def test_what_is_missing_is_not_a_full_bucket(error: Exception, kind: type[Failure]) -> None:
    assert type(typed(error, KEY, "calls-507")) is kind
