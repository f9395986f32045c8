"""Who people are: users, passwords, sign-in, tokens, and the log of what they did."""

from fonoteka.accounts.access_log import AuditPage, ChainReport, export_events, find_events, verify_chain
from fonoteka.accounts.accounts import Accounts
from fonoteka.accounts.actors import actor_by_id, actor_of_now
from fonoteka.accounts.administrators import ensure_first_administrator
from fonoteka.accounts.emails import email_of, set_own_email
from fonoteka.accounts.links import create_sign_in_link, redeem_sign_in_link
from fonoteka.accounts.own_password import change_password, has_password
from fonoteka.accounts.passwords import PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN, fits, hash_password
from fonoteka.accounts.secrets import make_secret, sha256_of
from fonoteka.accounts.sessions import (
    actor_of_session,
    end_other_sessions,
    end_session,
    list_sessions,
    session_id_of,
    sign_out,
)
from fonoteka.accounts.sign_in import sign_in
from fonoteka.accounts.throttle import begin_attempt, throttle_key
from fonoteka.accounts.tokens import actor_of_token, create_token, list_tokens, revoke_token
from fonoteka.accounts.users import change_user, create_user, get_user, list_users, make_user_link

__all__ = [
    "PASSWORD_CHARACTERS_MAX",
    "PASSWORD_CHARACTERS_MIN",
    "Accounts",
    "AuditPage",
    "ChainReport",
    "actor_by_id",
    "actor_of_now",
    "actor_of_session",
    "actor_of_token",
    "begin_attempt",
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
    "fits",
    "get_user",
    "has_password",
    "hash_password",
    "list_sessions",
    "list_tokens",
    "list_users",
    "make_secret",
    "make_user_link",
    "redeem_sign_in_link",
    "revoke_token",
    "session_id_of",
    "set_own_email",
    "sha256_of",
    "sign_in",
    "sign_out",
    "throttle_key",
    "verify_chain",
]
