"""Who people are: users, passwords, sign-in, tokens, and the log of what they did."""

from fonoteka.accounts.access_log import AuditPage, ChainReport, export_events, find_events, verify_chain
from fonoteka.accounts.accounts import Accounts
from fonoteka.accounts.administrators import ensure_first_administrator
from fonoteka.accounts.emails import email_of, set_own_email
from fonoteka.accounts.links import create_sign_in_link, redeem_sign_in_link
from fonoteka.accounts.own_password import change_password, has_password
from fonoteka.accounts.sessions import (
    actor_of_session,
    end_other_sessions,
    end_session,
    list_sessions,
    session_id_of,
    sign_out,
)
from fonoteka.accounts.sign_in import sign_in
from fonoteka.accounts.tokens import actor_of_token, create_token, list_tokens, revoke_token
from fonoteka.accounts.users import change_user, create_user, get_user, list_users, make_user_link

__all__ = [
    "Accounts",
    "AuditPage",
    "ChainReport",
    "actor_of_session",
    "actor_of_token",
    "change_password",
    "change_user",
    "create_sign_in_link",
    "create_token",
    "create_user",
    "email_of",
    "end_other_sessions",
    "end_session",
    "ensure_first_administrator",
    "export_events",
    "find_events",
    "get_user",
    "has_password",
    "list_sessions",
    "list_tokens",
    "list_users",
    "make_user_link",
    "redeem_sign_in_link",
    "revoke_token",
    "session_id_of",
    "set_own_email",
    "sign_in",
    "sign_out",
    "verify_chain",
]
