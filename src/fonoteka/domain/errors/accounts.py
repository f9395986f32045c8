"""Who signs in, and what one may do."""

from __future__ import annotations

from fonoteka.domain.errors.base import FonotekaError


class SignInRequired(FonotekaError):
    """Nobody is signed in, or the token is unknown, revoked or expired."""

    code = "sign_in.required"


class SignInRefused(FonotekaError):
    """The login or the password does not fit."""

    code = "sign_in.refused"


class SignInThrottled(FonotekaError):
    """Too many failed attempts; try again later."""

    code = "sign_in.throttled"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            f"Too many failed attempts; try again in {retry_after_s} s.", retry_after_s=retry_after_s
        )
        self.retry_after_s = retry_after_s


class AccessDenied(FonotekaError):
    """This user may not do that."""

    code = "access.denied"


class UserInvalid(FonotekaError):
    """What is given of a user or a token cannot be so; `field` names it."""

    code = "user.invalid"

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail, field=field)
        self.field = field


class UserNotFound(FonotekaError):
    """There is no such user."""

    code = "user.not_found"


class SessionNotFound(FonotekaError):
    """There is no such session."""

    code = "session.not_found"


class TokenNotFound(FonotekaError):
    """There is no such token."""

    code = "token.not_found"
