"""Whether a call was forwarded outside, told from who took part."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from fonoteka.domain.ports import Policy


def is_forwarded_outside(
    policy: Policy, tenant_id: str, at: datetime, calling: str, numbers: Iterable[str]
) -> bool:
    """Whether an outside number took part after an own extension other than the calling one.

    `numbers` in the order in which they took part.
    """
    called_by = policy.facts_of(tenant_id, "", at, [calling] if calling else [])
    through_own = False
    for number in numbers:
        one = policy.facts_of(tenant_id, "", at, [number])
        if through_own and one.outside_numbers - called_by.outside_numbers:
            return True
        through_own = through_own or bool(one.extensions - called_by.extensions)
    return False
