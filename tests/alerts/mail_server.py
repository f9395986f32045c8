"""A real mail server on loopback (aiosmtpd), which can be as difficult as those outside."""

from __future__ import annotations

import email
import email.policy
import socket
import threading
import time
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from fonoteka.alerts import MailServer, MailTls
from tests.certificates import Certificate

USER, PASSWORD = "fonoteka", "a pass phrase of the mail server"
SENDER = "fonoteka@example.com"


class TestMailServer:
    """Takes mails from who signs in over TLS.

    `refuse` are answers for recipients, `later` how many attempts are greylisted first.
    """

    __test__ = False

    def __init__(
        self,
        certificate: Certificate,
        tls: MailTls = MailTls.STARTTLS,
        refuse: dict[str, str] | None = None,
        later: int = 0,
        takes_utf8: bool = True,
        data_answer: str = "250 taken",
        data_delay_s: float = 0.0,
    ) -> None:
        self.certificate, self.tls = certificate, tls
        self.refuse, self.later = refuse or {}, later
        self.data_answer, self.data_delay_s = data_answer, data_delay_s
        self.mails: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.attempts = 0
        context = certificate.server_context()
        options: dict[str, Any] = {"hostname": "127.0.0.1", "port": 0, "enable_SMTPUTF8": takes_utf8}
        if tls is MailTls.TLS:
            self._controller = _Implicit(self, ssl_context=context, authenticator=_check, **options)
        elif tls is MailTls.STARTTLS:
            self._controller = _Controller(
                self,
                tls_context=context,
                require_starttls=True,
                authenticator=_check,
                auth_required=True,
                **options,
            )
        else:
            self._controller = _Controller(self, **options)

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop(no_assert=True)

    @property
    def port(self) -> int:
        return int(self._controller.server.sockets[0].getsockname()[1])

    def settings(self, **how: Any) -> MailServer:
        """How to reach it."""
        signs_in = self.tls is not MailTls.NONE
        given: dict[str, Any] = {
            "host": "localhost",
            "port": self.port,
            "tls": self.tls,
            "user": USER if signs_in else "",
            "password": PASSWORD if signs_in else "",
            "sender": SENDER,
            "attempt_s": 5.0,
            "ca_file": str(self.certificate.ca_file),
        }
        return MailServer(**{**given, **how})

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.attempts += 1
        if self.attempts <= self.later:
            return "451 4.7.1 greylisted, come back in five minutes"
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        content = envelope.content
        assert isinstance(content, bytes)
        parsed = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        self.mails.append(parsed)
        return self.data_answer


class _Controller(Controller):
    """Listens on a free port."""

    def _trigger_server(self) -> None:
        """The library connects to the port that it was told; that was 0, so it is told the one it got."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def factory(self) -> SMTP:
        return SMTP(self.handler, **self.SMTP_kwargs)


class _Implicit(_Controller):
    """As `_Controller`: aiosmtpd allows signing in over its own STARTTLS only, but for this."""

    def factory(self) -> SMTP:
        return SMTP(self.handler, auth_require_tls=False, **self.SMTP_kwargs)


def _check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and data == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


class SilentServer:
    """Accepts connections and says nothing; with `drip`, a byte every 0.2 s without ever ending the line."""

    def __init__(self, drip: bytes = b"") -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._drip, self._ended = drip, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._socket.close()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            until = time.monotonic() + 30
            while not self._ended.wait(0.2) and time.monotonic() < until:
                try:
                    if self._drip:
                        connection.sendall(self._drip)
                except OSError:
                    return
