"""Who people are: users, passwords, sign-in, tokens."""

from fonoteka.accounts.accounts import Accounts
from fonoteka.accounts.administrators import ensure_first_administrator
from fonoteka.accounts.emails import email_of, set_own_email
from fonoteka.accounts.links import create_sign_in_link, redeem_sign_in_link
from fonoteka.accounts.sessions import actor_of_session, sign_out
from fonoteka.accounts.sign_in import sign_in
from fonoteka.accounts.tokens import actor_of_token, create_token, revoke_token

__all__ = [
    "Accounts",
    "actor_of_session",
    "actor_of_token",
    "create_sign_in_link",
    "create_token",
    "email_of",
    "ensure_first_administrator",
    "redeem_sign_in_link",
    "revoke_token",
    "set_own_email",
    "sign_in",
    "sign_out",
]
