"""How an attempt to deliver ended, in words that say what to do."""

from __future__ import annotations

from fonoteka.domain.delivery import Outcome
from fonoteka.web.languages import Language


def outcome_text(language: Language, outcome: Outcome | None) -> str:
    """What happened, and what to do about it; empty before the first attempt."""
    gettext = language.gettext
    texts = {
        Outcome.ACCEPTED: gettext("Taken by the receiver"),
        Outcome.NOT_CONFIGURED: gettext("No mail server is set, or the channel was deleted"),
        Outcome.ADDRESS_INVALID: gettext("Nothing can be sent to this address; correct it"),
        Outcome.ADDRESS_FORBIDDEN: gettext(
            "The address is inside a network; the settings (webhook_networks) must allow it"
        ),
        Outcome.NAME_UNKNOWN: gettext("There is no server of this name; is the address right?"),
        Outcome.UNREACHABLE: gettext("The server cannot be reached; is it running, is the port right?"),
        Outcome.TIMED_OUT: gettext("The server did not answer in time"),
        Outcome.CERTIFICATE_INVALID: gettext(
            "The server's certificate is not trusted; set the company's CA in tls_ca_file"
        ),
        Outcome.TLS_UNAVAILABLE: gettext(
            "No encrypted connection could be made; is the kind of encryption right?"
        ),
        Outcome.SIGN_IN_REFUSED: gettext("The mail server refuses the user or the password"),
        Outcome.RECIPIENT_REFUSED: gettext("The mail server does not know this recipient"),
        Outcome.REFUSED: gettext("The receiver refused it"),
        Outcome.TRY_LATER: gettext("The receiver asks to try again later"),
        Outcome.REDIRECTED: gettext("The receiver points elsewhere, which is not followed; set that address"),
        Outcome.GONE: gettext("The receiver says that this address is gone for good"),
        Outcome.BROKEN_OFF: gettext("The receiver broke off the conversation"),
        Outcome.UNWRITTEN: gettext("It could not be written, or was not to be sent any more"),
    }
    return "" if outcome is None else texts[outcome]
