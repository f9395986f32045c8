"""Posting to a webhook: signed, bounded in time and size, to no address that was not meant.

Who may set a channel could otherwise make this machine ask others inside its network (SSRF). So a name is
resolved once, every address it has must be public or allowed by the settings, the connection goes to the
address that was looked at, and no redirection is followed.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from datetime import timedelta
from email.message import Message
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from fonoteka import __version__
from fonoteka.alerts.alert_room import WebhookLimits
from fonoteka.alerts.deadline import Deadline, deadline
from fonoteka.alerts.network_errors import reason_of
from fonoteka.alerts.rendering import one_line
from fonoteka.alerts.secrets import sign
from fonoteka.domain.delivery import Attempt, Delivery, Outcome

_DETAIL_MAX = 300
_RETRY_AFTER_MAX = 86_400
# Translated or tunnelled, these reach IPv4 addresses that are looked at no more.
_TRANSLATED = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


def post_webhook(limits: WebhookLimits, delivery: Delivery, secret: str) -> Attempt:
    """Post the body. Never raises for what receiver, network or address do."""
    parts = urlsplit(delivery.message.target)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        address = _address_of(limits, parts.hostname or "", port)
    except socket.gaierror as error:
        return Attempt(Outcome.NAME_UNKNOWN, reason_of(error))
    except UnicodeError:
        return Attempt(Outcome.ADDRESS_INVALID, "The host name cannot be resolved.", is_final=True)
    if isinstance(address, Attempt):
        return address
    return _post(limits, delivery, secret, parts, address, port)


def is_allowed(limits: WebhookLimits, address: IPv4Address | IPv6Address) -> bool:
    """Whether a webhook may go there: a public address, or one of the networks that the settings allow."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if any(address.version == network.version and address in network for network in limits.allowed):
        return True
    return address.is_global and not address.is_multicast and not _is_translated(address)


def _is_translated(address: IPv4Address | IPv6Address) -> bool:
    return any(address.version == one.version and address in one for one in _TRANSLATED)


def _address_of(limits: WebhookLimits, host: str, port: int) -> str | Attempt:
    """The address to connect to. One that is not allowed among several refuses them all."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    for one in addresses:
        if not is_allowed(limits, ip_address(one)):
            detail = f"{host} is {one}, which is not public; allow its network in webhook_networks."
            return Attempt(Outcome.ADDRESS_FORBIDDEN, detail)
    return addresses[0]


def _post(
    limits: WebhookLimits, delivery: Delivery, secret: str, parts: SplitResult, address: str, port: int
) -> Attempt:
    state = Deadline()
    opened: list[socket.socket] = []
    try:
        with deadline(limits.attempt_s, lambda: opened[-1] if opened else None) as state:
            connection = http.client.HTTPConnection(parts.hostname or "", port, timeout=limits.attempt_s)
            try:
                opened.append(socket.create_connection((address, port), timeout=limits.attempt_s))
                if parts.scheme == "https":
                    opened.append(_encrypted(limits, opened[0], parts.hostname or ""))
                connection.sock = opened[-1]
                return _ask(connection, delivery, secret, parts)
            finally:
                connection.close()
                for one in opened:
                    one.close()
    except (http.client.HTTPException, ssl.SSLError, OSError, ValueError) as error:
        return _failed(error, state)


def _encrypted(limits: WebhookLimits, plain: socket.socket, host: str) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    if limits.ca_file:
        context.load_verify_locations(limits.ca_file)
    return context.wrap_socket(plain, server_hostname=host)


def _ask(
    connection: http.client.HTTPConnection, delivery: Delivery, secret: str, parts: SplitResult
) -> Attempt:
    body = delivery.message.text.encode()
    timestamp = int(time.time())
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"fonoteka/{__version__}",
        "Fonoteka-Delivery": delivery.id,
        "Fonoteka-Event": delivery.message.subject,
        "Fonoteka-Timestamp": str(timestamp),
        "Fonoteka-Signature": sign(secret, timestamp, body),
        "Connection": "close",
    }
    connection.request("POST", path, body, headers)
    # The status says it all: the body is left unread, however long it is.
    response = connection.getresponse()
    return _answered(response.status, response.reason, response.headers)


def _answered(status: int, reason: str, headers: Message) -> Attempt:
    said = one_line(f"{status} {reason}", _DETAIL_MAX)
    if 200 <= status < 300:
        return Attempt(Outcome.ACCEPTED, said)
    if 300 <= status < 400:
        where = one_line(headers.get("Location", ""), 200)
        return Attempt(Outcome.REDIRECTED, f"{said}; not followed, set the address itself: {where}")
    if status == 410:
        return Attempt(Outcome.GONE, said, is_final=True)
    later = headers.get("Retry-After", "")
    seconds = min(int(later), _RETRY_AFTER_MAX) if later.isdecimal() and len(later) < 10 else 0
    outcome = Outcome.TRY_LATER if status in (408, 425, 429, 503) else Outcome.REFUSED
    return Attempt(outcome, said, retry_after=timedelta(seconds=seconds) if seconds else None)


def _failed(error: Exception, state: Deadline) -> Attempt:
    if state.is_over or isinstance(error, TimeoutError):
        return Attempt(Outcome.TIMED_OUT, "The receiver did not answer in time.")
    if isinstance(error, ssl.SSLCertVerificationError):
        return Attempt(Outcome.CERTIFICATE_INVALID, error.verify_message[:_DETAIL_MAX])
    if isinstance(error, ssl.SSLError):
        return Attempt(Outcome.TLS_UNAVAILABLE, str(error)[:_DETAIL_MAX])
    if isinstance(error, http.client.HTTPException | ConnectionResetError | BrokenPipeError | ValueError):
        return Attempt(Outcome.BROKEN_OFF, one_line(str(error), _DETAIL_MAX) or type(error).__name__)
    return Attempt(Outcome.UNREACHABLE, reason_of(error))
