"""Recording rules: read, saved, tried on past calls, undone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from fonoteka import policy
from fonoteka.api import rule_models as models
from fonoteka.api.authentication import SignedIn
from fonoteka.api.instants import Instant
from fonoteka.api.limited_route import LimitedRoute
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.parameters import PlainText
from fonoteka.api.services import GivenServices

router = APIRouter(tags=["rules"], route_class=LimitedRoute)
_CHANGE = problems(400, 401, 403, 404, 409, 422)


@readable(router, "/rules", operation_id="get_rules", responses=problems(401, 403, 422))
def get_rules(actor: SignedIn, services: GivenServices) -> models.RuleSet:
    """The rules in force, in their order."""
    return models.RuleSet.model_validate(policy.rule_set(services.policy, actor))


@router.put("/rules", operation_id="save_rules", responses=_CHANGE)
def save_rules(actor: SignedIn, services: GivenServices, change: models.RuleSetChange) -> models.RuleSet:
    """Put rules in force. They reach a running recorder within 2 seconds.

    409 when somebody else has saved since `based_on_version`; rules that are in force already make no new
    version. `keep_at_least_days` of a rule that leaves it out stays as it is.
    """
    known = policy.rule_set(services.policy, actor)
    saved = policy.save_rule_set(services.policy, actor, **models.change_values(change, known))
    return models.RuleSet.model_validate(saved)


@readable(router, "/rules/history", operation_id="get_rule_history", responses=problems(401, 403, 422))
def get_rule_history(
    actor: SignedIn,
    services: GivenServices,
    limit: Annotated[int, Query(ge=1, le=200, description="How many versions at most.")] = 50,
) -> models.RuleHistory:
    """The versions of the rules, newest first."""
    found = policy.rule_history(services.policy, actor, limit)
    return models.RuleHistory(items=tuple(models.RuleVersion.model_validate(one) for one in found))


@router.post("/rules/restore", operation_id="restore_rules", responses=_CHANGE)
def restore_rules(actor: SignedIn, services: GivenServices, wanted: models.RestoreVersion) -> models.RuleSet:
    """Put a former version in force again, as a new one."""
    restored = policy.restore_version(services.policy, actor, wanted.version, wanted.note)
    return models.RuleSet.model_validate(restored)


@router.post("/rules/dry-run", operation_id="try_rules", responses=problems(400, 401, 403, 422))
def try_rules(actor: SignedIn, services: GivenServices, wanted: models.DryRunRequest) -> models.DryRun:
    """What rules would have done with the calls of the last days, against those in force."""
    candidate = wanted.rule_set.value(actor.tenant_id)
    return models.DryRun.model_validate(policy.dry_run(services.policy, actor, candidate, wanted.days))


@readable(router, "/rules/which", operation_id="which_rule", responses=problems(401, 403, 422))
def which_rule(
    actor: SignedIn,
    services: GivenServices,
    calling: Annotated[PlainText, Query(max_length=200, description="Who calls: extension or number.")],
    called: Annotated[PlainText, Query(max_length=200, description="Who is called.")],
    at: Annotated[Instant | None, Query(description="When; left out, now.")] = None,
    forwarded_outside: Annotated[bool, Query(description="Whether it is forwarded outside.")] = False,
) -> models.RuleAnswer:
    """Which rule decides a call between two numbers, and why not those before it."""
    answer = policy.which_rule(
        services.policy, actor, calling, called, at, forwarded_outside=forwarded_outside
    )
    return models.RuleAnswer.model_validate(answer)
