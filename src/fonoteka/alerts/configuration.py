"""Settings of mail and webhooks as the room of alerts takes them."""

from __future__ import annotations

import socket
from ipaddress import ip_network
from pathlib import Path

from fonoteka.alerts.alert_room import MailServer, MailTls, WebhookLimits
from fonoteka.domain.addresses import clean_email, host_of
from fonoteka.domain.errors import AddressInvalid, SettingInvalid
from fonoteka.settings import Settings

_PORTS = {MailTls.STARTTLS: 587, MailTls.TLS: 465, MailTls.NONE: 25}


def mail_server_of(settings: Settings) -> MailServer | None:
    """The mail server, or None without one. Raises `SettingInvalid`."""
    if not settings.smtp_host:
        return None
    if settings.smtp_user and settings.smtp_tls == MailTls.NONE:
        raise SettingInvalid("smtp_tls: a password is not sent over an open line; use starttls or tls.")
    host = settings.smtp_host if ":" in settings.smtp_host else host_of(settings.smtp_host)
    if not host:
        raise SettingInvalid(f"smtp_host: “{settings.smtp_host}” is no host name.")
    tls = MailTls(settings.smtp_tls)
    return MailServer(
        host=host,
        port=settings.smtp_port or _PORTS[tls],
        tls=tls,
        user=settings.smtp_user,
        password=settings.smtp_password,
        sender=_sender(settings),
        attempt_s=settings.smtp_attempt_s,
        ca_file=_ca_file(settings),
    )


def webhook_limits_of(settings: Settings) -> WebhookLimits:
    """What webhooks may reach. Raises `SettingInvalid`."""
    try:
        networks = [ip_network(one.strip()) for one in settings.webhook_networks.split(",") if one.strip()]
    except ValueError as error:
        raise SettingInvalid(f"webhook_networks: {error}.") from error
    return WebhookLimits(tuple(networks), settings.webhook_attempt_s, _ca_file(settings))


def _sender(settings: Settings) -> str:
    if not settings.smtp_sender:
        return f"fonoteka@{host_of(socket.getfqdn()) or 'localhost'}"
    try:
        sender = clean_email(settings.smtp_sender)
    except AddressInvalid as error:
        raise SettingInvalid(f"smtp_sender: {error}") from error
    if not sender.isascii():
        raise SettingInvalid("smtp_sender: the part before @ holds letters outside ASCII.")
    return sender


def _ca_file(settings: Settings) -> str:
    if settings.tls_ca_file and not Path(settings.tls_ca_file).is_file():
        raise SettingInvalid(f"tls_ca_file: there is no file {settings.tls_ca_file}.")
    return settings.tls_ca_file
