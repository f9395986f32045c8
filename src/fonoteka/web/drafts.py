"""What the page of rules sends: rules as they stand on it, not saved yet."""

from __future__ import annotations

from dataclasses import replace

from fastapi import Request
from pydantic import BaseModel, ValidationError

from fonoteka.domain.errors import RequestInvalid
from fonoteka.domain.rules import RecordingRule, RuleSet
from fonoteka.web.rule_words import RuleWords

BODY_MAX = 4 * 1024 * 1024
_RULES_SHOWN_MAX = 1_000


class Draft(BaseModel):
    """Rules as they stand on the page. `open` is the id of the rule whose editor is open."""

    rule_set: RuleSet
    open: str = ""
    note: str = ""
    calling: str = ""
    called: str = ""

    def of_tenant(self, tenant_id: str) -> RuleSet:
        """The rules, as those of that tenant."""
        return replace(self.rule_set, tenant_id=tenant_id)


async def read_draft(request: Request) -> Draft:
    """The draft of a request. Raises `RequestInvalid`."""
    try:
        draft = Draft.model_validate_json(await read_body(request, BODY_MAX))
    except ValidationError as error:
        raise RequestInvalid("rule_set", "These are no rules.") from error
    if len(draft.rule_set.rules) > _RULES_SHOWN_MAX:
        raise RequestInvalid("rule_set", f"There are at most {_RULES_SHOWN_MAX} rules.")
    return draft


async def read_body(request: Request, size_max: int) -> bytes:
    """The body of a request, of a bounded size. Raises `RequestInvalid`."""
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > size_max:
            raise RequestInvalid("body", f"A body has at most {size_max} bytes.")
    return bytes(body)


def named(rule_set: RuleSet, words: RuleWords) -> RuleSet:
    """The rules, those without a name called by what they say."""

    def name(rule: RecordingRule) -> RecordingRule:
        return rule if rule.name.strip() else replace(rule, name=words.plain(rule))

    return replace(rule_set, rules=tuple(map(name, rule_set.rules)))


def unnamed(rule_set: RuleSet, words: RuleWords) -> RuleSet:
    """The inverse: names that only say the rule again are empty, so that they follow its changes."""
    return replace(rule_set, rules=tuple(replace(one, name=words.own_name(one)) for one in rule_set.rules))
