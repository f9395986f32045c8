"""What all recording sessions of a recorder share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fonoteka.capture.refused_calls import RefusedCalls
from fonoteka.capture.sip_message import IncomingRequest
from fonoteka.capture.sip_transactions import TransactionLayer
from fonoteka.domain.ports import MediaReceiver, Policy, SpoolWriter


@dataclass(frozen=True, slots=True)
class SessionTools:
    """The functions tell our addresses as the peer of a request sees them: Contact, Via's sent-by, RTP."""

    spool: SpoolWriter
    media: MediaReceiver
    policy: Policy
    layer: TransactionLayer
    refused: RefusedCalls
    session_expires_s: int
    contact: Callable[[IncomingRequest], str]
    sent_by: Callable[[IncomingRequest], str]
    media_address: Callable[[IncomingRequest], str]
