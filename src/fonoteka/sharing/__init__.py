"""Calls given to people who do not sign in: by links that end, by e-mail, and never without a trace."""

from fonoteka.sharing.giving import Wanted, share_calls
from fonoteka.sharing.letters import SHARE_KIND, letter_of
from fonoteka.sharing.listing import (
    SharePage,
    ShareView,
    change_sharing_terms,
    get_share,
    list_shares,
    revoke_share,
    sharing_terms,
)
from fonoteka.sharing.room import SharingRoom
from fonoteka.sharing.visiting import VISIT, LinkFace, Visit, look_at_link, open_link, visit_cookie, visit_of

__all__ = [
    "SHARE_KIND",
    "VISIT",
    "LinkFace",
    "SharePage",
    "ShareView",
    "SharingRoom",
    "Visit",
    "Wanted",
    "change_sharing_terms",
    "get_share",
    "letter_of",
    "list_shares",
    "look_at_link",
    "open_link",
    "revoke_share",
    "share_calls",
    "sharing_terms",
    "visit_cookie",
    "visit_of",
]
