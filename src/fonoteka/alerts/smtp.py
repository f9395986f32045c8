"""Handing a mail to the mail server: what it answers becomes an outcome that people can act on."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime

from fonoteka.alerts.alert_room import MailServer, MailTls
from fonoteka.alerts.deadline import Deadline, deadline
from fonoteka.alerts.network_errors import reason_of
from fonoteka.alerts.rendering import one_line
from fonoteka.domain.delivery import Attempt, Delivery, Letter, Outcome

_DETAIL_MAX = 300


def send_mail(server: MailServer, delivery: Delivery, letter: Letter | None = None) -> Attempt:
    """Hand the mail over, in the words of the letter or else of the delivery.

    Never raises for what server, network or address do.
    """
    try:
        mail = compose(server, delivery, letter)
    except ValueError as error:
        return Attempt(Outcome.ADDRESS_INVALID, str(error)[:_DETAIL_MAX], is_final=True)
    state = Deadline()
    connection: list[smtplib.SMTP] = []
    current = lambda: connection[0].sock if connection else None  # noqa: E731
    try:
        with deadline(server.attempt_s, current) as state, _connected(server, connection) as smtp:
            return _hand_over(smtp, server, mail, delivery.message.target)
    except (smtplib.SMTPException, ssl.SSLError, OSError, UnicodeError, ValueError) as error:
        return _failed(error, state)


def compose(server: MailServer, delivery: Delivery, letter: Letter | None = None) -> EmailMessage:
    """The mail itself. Its Message-ID is the delivery's, so that a repetition can be told.

    Raises ValueError when sender or recipient cannot stand in a header.
    """
    mail = EmailMessage(policy=SMTP_POLICY)
    message = delivery.message
    mail["From"] = _address(server.sender)
    mail["To"] = _address(message.target)
    mail["Subject"] = one_line(message.subject, 200)
    mail["Date"] = format_datetime(delivery.created_at)
    mail["Message-ID"] = f"<{delivery.id}@{server.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    said = letter or Letter(message.text, message.html)
    mail.set_content(said.text, charset="utf-8")
    if said.html:
        mail.add_alternative(said.html, subtype="html", charset="utf-8")
    for one in said.attachments:
        kind, _, subtype = one.media_type.partition("/")
        mail.add_attachment(one.data, kind, subtype, filename=one.file_name)
    return mail


def _address(text: str) -> Address:
    local, _, domain = text.rpartition("@")
    return Address("", local, domain)


@contextmanager
def _connected(server: MailServer, connection: list[smtplib.SMTP]) -> Iterator[smtplib.SMTP]:
    """A connection, encrypted and signed in as set; it stands in `connection` as soon as it exists."""
    context = ssl.create_default_context()
    if server.ca_file:
        context.load_verify_locations(server.ca_file)
    if server.tls is MailTls.TLS:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(timeout=server.attempt_s, context=context)
    else:
        smtp = smtplib.SMTP(timeout=server.attempt_s)
    connection.append(smtp)
    smtp._host = server.host  # type: ignore[attr-defined]  # the name that the certificate is checked against
    try:
        code, greeting = smtp.connect(server.host, server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, greeting)
        if server.tls is MailTls.STARTTLS:
            smtp.starttls(context=context)
        if server.user:
            smtp.login(server.user, server.password)
        yield smtp
        _say_goodbye(smtp)
    finally:
        smtp.close()


def _say_goodbye(smtp: smtplib.SMTP) -> None:
    """What happens after the mail was taken changes nothing any more."""
    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError):
        return


def _hand_over(smtp: smtplib.SMTP, server: MailServer, mail: EmailMessage, recipient: str) -> Attempt:
    options = []
    if not recipient.isascii():
        smtp.ehlo_or_helo_if_needed()
        if not smtp.has_extn("smtputf8"):
            detail = "The mail server does not take addresses outside ASCII (SMTPUTF8)."
            return Attempt(Outcome.ADDRESS_INVALID, detail, is_final=True)
        options = ["SMTPUTF8", "BODY=8BITMIME"]
        mail = _with_utf8(mail)
    smtp.sendmail(server.sender, [recipient], mail.as_bytes(), mail_options=options)
    return Attempt(Outcome.ACCEPTED)


def _with_utf8(mail: EmailMessage) -> EmailMessage:
    mail.policy = SMTP_POLICY.clone(utf8=True)
    return mail


def _failed(error: Exception, state: Deadline) -> Attempt:
    if state.is_over or isinstance(error, TimeoutError):
        return Attempt(Outcome.TIMED_OUT, "The mail server did not answer in time.")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        return _answered(code, text, Outcome.RECIPIENT_REFUSED)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Attempt(Outcome.SIGN_IN_REFUSED, _said(error.smtp_code, error.smtp_error))
    if isinstance(error, smtplib.SMTPResponseException):
        return _answered(error.smtp_code, error.smtp_error, Outcome.REFUSED)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Attempt(Outcome.TLS_UNAVAILABLE, str(error)[:_DETAIL_MAX])
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return Attempt(Outcome.BROKEN_OFF, str(error)[:_DETAIL_MAX])
    if isinstance(error, ssl.SSLCertVerificationError):
        return Attempt(Outcome.CERTIFICATE_INVALID, error.verify_message[:_DETAIL_MAX])
    if isinstance(error, ssl.SSLError):
        return Attempt(Outcome.TLS_UNAVAILABLE, str(error)[:_DETAIL_MAX])
    if isinstance(error, socket.gaierror):
        return Attempt(Outcome.NAME_UNKNOWN, reason_of(error))
    if isinstance(error, UnicodeError | ValueError):
        return Attempt(Outcome.ADDRESS_INVALID, str(error)[:_DETAIL_MAX], is_final=True)
    return Attempt(Outcome.UNREACHABLE, reason_of(error))


def _answered(code: int, text: bytes | str, refusal: Outcome) -> Attempt:
    """4xx: later (RFC 5321 §4.2.1), greylisting among it. 5xx: never, but for who signs in wrongly."""
    if code < 500:
        return Attempt(Outcome.TRY_LATER, _said(code, text))
    return Attempt(refusal, _said(code, text), is_final=True)


def _said(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return one_line(f"{code} {words}", _DETAIL_MAX)
