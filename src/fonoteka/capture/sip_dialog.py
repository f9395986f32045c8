"""Dialogs as a UAS sees them (RFC 3261 §12): identity, sequence numbers, route set, remote target."""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass
from enum import StrEnum

from fonoteka.capture.sip_headers import SIP_PORT, NameAddress, SipUri
from fonoteka.capture.sip_message import SERVER, Flow, IncomingRequest, render
from fonoteka.domain.errors import SignallingRefused, WireMalformed

DialogId = tuple[str, str, str]
"""Call-ID, our tag, their tag."""


class DialogState(StrEnum):
    """EARLY until we answer, then CONFIRMED, at last TERMINATED."""

    EARLY = "early"
    CONFIRMED = "confirmed"
    TERMINATED = "terminated"


def new_tag() -> str:
    """A tag that nobody can guess (RFC 3261 §19.3)."""
    return secrets.token_hex(8)


def dialog_id(request: IncomingRequest) -> DialogId:
    """Which dialog a request claims to be in."""
    return (request.call_id, request.to_tag, request.from_tag)


@dataclass(slots=True)
class Dialog:
    """One dialog, opened by an INVITE from the far end."""

    call_id: str
    local_tag: str
    remote_tag: str
    local_value: str
    remote_value: str
    remote_target: str
    route_set: tuple[str, ...]
    remote_cseq: int
    flow: Flow
    """Where the latest request came from."""
    local_cseq: int = 0
    state: DialogState = DialogState.EARLY

    @classmethod
    def open(cls, request: IncomingRequest) -> Dialog:
        """The dialog that an INVITE opens (§12.1.1). Raises `SignallingRefused` if Contact is none."""
        tag = new_tag()
        return cls(
            call_id=request.call_id,
            local_tag=tag,
            remote_tag=request.from_tag,
            local_value=f"{request.to_value};tag={tag}",
            remote_value=request.from_value,
            remote_target=_contact(request),
            route_set=tuple(request.values("Record-Route")),
            remote_cseq=request.cseq,
            flow=request.flow,
        )

    @property
    def id(self) -> DialogId:
        """How requests of the far end name this dialog."""
        return (self.call_id, self.local_tag, self.remote_tag)

    def receive(self, request: IncomingRequest) -> None:
        """Take note of a new request in the dialog (§12.2.2).

        Raises `SignallingRefused` 500 when it is out of order; a BYE never is, for it has one meaning only.
        """
        if request.cseq <= self.remote_cseq and request.method != "BYE":
            raise SignallingRefused(500, f"CSeq {request.cseq} after {self.remote_cseq}")
        self.remote_cseq = max(request.cseq, self.remote_cseq)
        self.flow = request.flow
        if request.method in ("INVITE", "UPDATE") and request.header("Contact"):
            self.remote_target = _contact(request)

    def request(
        self, method: str, branch: str, sent_by: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> tuple[bytes, Flow]:
        """A request of ours in this dialog (§12.2.1.1) and where it goes. `sent_by` is our HOST:PORT."""
        self.local_cseq += 1
        target, routes = self.remote_target, list(self.route_set)
        hop = target
        if routes:
            hop = NameAddress.parse(routes[0]).uri
            if not _is_loose(hop):
                # A strict router wants to stand in the request line itself.
                target, routes = hop, [*routes[1:], f"<{self.remote_target}>"]
        there = self._next_hop(hop)
        lines = [("Via", f"SIP/2.0/{there.transport} {sent_by};branch={branch};rport")]
        lines += [("Max-Forwards", "70"), *(("Route", route) for route in routes)]
        lines += [("From", self.local_value), ("To", self.remote_value), ("Call-ID", self.call_id)]
        lines += [("CSeq", f"{self.local_cseq} {method}"), ("User-Agent", SERVER), *headers]
        return render(f"{method} {target} SIP/2.0", lines, "", b""), there

    def _next_hop(self, uri: str) -> Flow:
        """The address of a URI; the latest request's where it names a host that only DNS knows.

        A recorder asks no name server: the peer that has just spoken to us is there.
        """
        try:
            parsed = SipUri.parse(uri)
            host = str(ipaddress.ip_address(parsed.host))
        except (WireMalformed, ValueError):
            return self.flow
        transport = parsed.transport if parsed.transport in ("UDP", "TCP") else self.flow.transport
        port = parsed.port or SIP_PORT
        same_way = transport == self.flow.transport == "TCP" and host == self.flow.host
        return Flow(transport, host, port, self.flow.connection if same_way else 0)


def _contact(request: IncomingRequest) -> str:
    """The remote target: the Contact's URI, else the From's, for clients that forget it."""
    contacts = request.values("Contact")
    uri = NameAddress.parse(contacts[0]).uri if contacts else NameAddress.parse(request.from_value).uri
    if not uri or any(character.isspace() or character in "<>" for character in uri):
        raise SignallingRefused(400, "Contact cannot be read")
    return uri


def _is_loose(uri: str) -> bool:
    try:
        return SipUri.parse(uri).loose_route
    except WireMalformed:
        return True
