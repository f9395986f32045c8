"""Every operation, asked with what its description allows and with what it does not: never a failure of ours.

schemathesis makes the requests from the description itself; the same ones in every run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.calls import make_call, shelve
from tests.api.conftest import Site, make_app, make_site, serve
from tests.api.test_openapi import current

EXAMPLES = 3
SCHEMA = schemathesis.openapi.from_dict(json.loads(current()))
OPERATIONS = {
    operation.definition.raw["operationId"]: operation
    for operation in (result.ok() for result in SCHEMA.get_all_operations())
}
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
NOTHING_TO_SAY = frozenset({"get_health"})
"""It takes no parameter at all, so there is nothing to get wrong."""
# Bytes that are no Opus cannot be made into MP3 or WAV; that is told as what it is.
MALFORMED = "audio.malformed"


@pytest.fixture(scope="module")
def own_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of these tests alone: what they ask for changes rules, plans and people."""
    made = make_site(tmp_path_factory.mktemp("schema"))
    for url in serve(make_app(made)):
        made.url = url
        yield made
    made.archive.store.close()


@pytest.fixture
def ids(own_site: Site) -> dict[str, str]:
    """Of a call and its recording; they are asked for in place of what the description makes up."""
    call = make_call()
    return {"call_id": call.id, "recording_id": shelve(own_site.archive, call, b"no Opus at all" * 9).id}


@pytest.mark.parametrize("operation_id", sorted(OPERATIONS))
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_any_request_is_answered_as_described(
    own_site: Site, ids: dict[str, str], operation_id: str, mode: GenerationMode
) -> None:
    operation: APIOperation = OPERATIONS[operation_id]
    if operation_id in NOTHING_TO_SAY and mode is GenerationMode.NEGATIVE:
        return

    @seed(20260424)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        case.path_parameters |= {name: ids[name] for name in case.path_parameters if name in ids}
        answer = case.call(
            base_url=own_site.url, headers={"Authorization": f"Bearer {own_site.token}"}, timeout=30
        )
        if answer.status_code == 500 and json.loads(answer.content)["code"] == MALFORMED:
            return
        case.validate_response(answer, checks=CHECKS)

    ask()
