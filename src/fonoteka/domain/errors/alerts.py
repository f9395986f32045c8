"""Alerts, and the channels that tell them."""

from __future__ import annotations

from fonoteka.domain.errors.base import FonotekaError


class AlertNotFound(FonotekaError):
    """There is no such alert."""

    code = "alert.not_found"


class AddressInvalid(FonotekaError):
    """An e-mail or web address cannot be used; the context names the field."""

    code = "address.invalid"


class ChannelNotFound(FonotekaError):
    """There is no such channel."""

    code = "channel.not_found"


class ChannelInvalid(FonotekaError):
    """A channel cannot be saved or used as it is; the context names the field."""

    code = "channel.invalid"


class DeliveryNotFound(FonotekaError):
    """There is no such delivery."""

    code = "delivery.not_found"


class DeliveryFailed(FonotekaError):
    """A test message could not be delivered."""

    code = "delivery.failed"
