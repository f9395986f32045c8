"""The customer of a call as pages show it: who it is, the note, the latest calls."""

from __future__ import annotations

from dataclasses import dataclass

from fonoteka.archive import Archive, customer_calls, get_customer
from fonoteka.domain.access import Actor
from fonoteka.domain.annotations import Customer
from fonoteka.domain.errors import CustomerUnknown
from fonoteka.web.listing import CallRow, row_of

_SHOWN = 6


@dataclass(frozen=True, slots=True)
class CustomerPanel:
    """The latest other calls with the customer of a call; `more`: there are further ones."""

    customer: Customer
    rows: tuple[CallRow, ...]
    more: bool


def customer_panel(archive: Archive, actor: Actor, call_id: str) -> CustomerPanel | None:
    """None for a call without an outside number. Raises `CallNotFound`."""
    try:
        customer = get_customer(archive, actor, call_id)
    except CustomerUnknown:
        return None
    page = customer_calls(archive, actor, call_id, None, _SHOWN + 1)
    others = tuple(row_of(one, page.gists.get(one.id)) for one in page.items if one.id != call_id)
    return CustomerPanel(customer, others[:_SHOWN], page.next is not None or len(others) > _SHOWN)
