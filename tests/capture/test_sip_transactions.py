"""Transactions (RFC 3261 §17, RFC 6026) on a clock turned by hand."""

from __future__ import annotations

import pytest

from fonoteka.capture.sip_awaited_ack import AwaitedAck
from fonoteka.capture.sip_message import (
    Flow,
    IncomingRequest,
    IncomingResponse,
    read_request,
    read_response,
    respond,
)
from fonoteka.capture.sip_timing import SipTiming
from fonoteka.capture.sip_transaction import InviteTransaction, ServerTransaction, State
from fonoteka.capture.sip_transactions import TransactionLayer
from fonoteka.wire.sip import parse_message
from tests.capture.fake_clock import FakeClock

UDP = Flow("UDP", "192.0.2.9", 5070)
TCP = Flow("TCP", "192.0.2.9", 40000, connection=7)


def request(
    method: str = "INVITE",
    flow: Flow = UDP,
    *,
    branch: str = "z9hG4bK-1",
    cseq: int = 1,
    via: str = "192.0.2.9:5070",
    to_tag: str = "",
    call_id: str = "c1",
) -> IncomingRequest:
    via += f";branch={branch}" if branch else ""
    raw = (
        f"{method} sip:srs@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/{flow.transport} {via}\r\n"
        f"From: <sip:a@b>;tag=1\r\nTo: <sip:srs@192.0.2.1>{to_tag}\r\nCall-ID: {call_id}\r\n"
        f"CSeq: {cseq} {method}\r\nContent-Length: 0\r\n\r\n"
    ).encode()
    message = parse_message(raw)
    return read_request(message, raw, flow)  # type: ignore[arg-type]


class Bench:
    """A layer, what it sent, and what it gave to its user."""

    def __init__(self, limit: int = 100) -> None:
        self.clock = FakeClock()
        self.sent: list[tuple[bytes, Flow]] = []
        self.requests: list[ServerTransaction] = []
        self.cancels: list[tuple[ServerTransaction, InviteTransaction | None]] = []
        self.acks: list[IncomingRequest] = []
        self.layer = TransactionLayer(
            self, lambda data, there: self.sent.append((data, there)), self.clock, SipTiming(), limit
        )

    def on_request(self, transaction: ServerTransaction) -> None:
        self.requests.append(transaction)

    def on_cancel(self, transaction: ServerTransaction, invite: InviteTransaction | None) -> None:
        self.cancels.append((transaction, invite))

    def on_ack(self, request: IncomingRequest) -> None:
        self.acks.append(request)

    def answer(self, code: int, number: int = 0) -> None:
        transaction = self.requests[number]
        transaction.respond(respond(transaction.request, code, tag="t"), code)

    @property
    def codes(self) -> list[int]:
        return [int(data.split()[1]) for data, _ in self.sent]


def test_trying_comes_after_200_ms_and_answers_repetitions() -> None:
    bench = Bench()
    bench.layer.receive_request(request())
    bench.clock.turn(0.19)
    assert bench.codes == []
    bench.clock.turn(0.02)
    assert bench.codes == [100]
    bench.layer.receive_request(request())
    assert bench.codes == [100, 100]
    assert len(bench.requests) == 1


def test_a_repetition_before_that_is_answered_at_once() -> None:
    bench = Bench()
    bench.layer.receive_request(request())
    bench.layer.receive_request(request())
    assert bench.codes == [100]


def test_no_trying_after_an_answer() -> None:
    bench = Bench()
    bench.layer.receive_request(request())
    bench.answer(200)
    bench.clock.turn(1)
    assert bench.codes == [200]


def test_a_refusal_is_repeated_until_its_ack() -> None:
    bench = Bench()
    bench.layer.receive_request(request())
    bench.answer(488)
    bench.clock.turn(0.5 + 1 + 2 + 4 + 0.1)
    assert bench.codes == [488] * 5, "timer G: 0.5, 1, 2, 4 s"
    bench.layer.receive_request(request("ACK"))
    bench.clock.turn(60)
    assert bench.codes == [488] * 5
    assert bench.acks == []
    assert len(bench.layer) == 0
    assert bench.clock.pending == 0


def test_timer_h_ends_a_refusal_that_is_never_acknowledged() -> None:
    bench = Bench()
    bench.layer.receive_request(request())
    bench.answer(488)
    bench.clock.turn(31.9)
    assert len(bench.layer) == 1
    bench.clock.turn(0.2)
    assert len(bench.layer) == 0
    assert bench.clock.pending == 0


def test_over_tcp_a_refusal_is_not_repeated() -> None:
    bench = Bench()
    bench.layer.receive_request(request(flow=TCP))
    bench.answer(488)
    bench.clock.turn(10)
    assert bench.codes == [488]
    bench.layer.receive_request(request("ACK", TCP))
    assert len(bench.layer) == 0


def test_after_200_the_invite_is_absorbed_and_its_ack_goes_to_the_user() -> None:
    bench = Bench()
    bench.layer.receive_request(request())
    bench.answer(200)
    bench.layer.receive_request(request())
    assert bench.codes == [200]
    assert bench.requests[0].state is State.ACCEPTED
    bench.layer.receive_request(request("ACK", branch="z9hG4bK-2"))
    bench.layer.receive_request(request("ACK"))
    assert len(bench.acks) == 2, "also an ACK that wrongly keeps the branch"
    bench.clock.turn(32.1)
    assert len(bench.layer) == 0


def test_200_is_repeated_until_the_ack_then_given_up() -> None:
    bench = Bench()
    missing: list[float] = []
    bench.layer.receive_request(request())
    bench.answer(200)
    invite = bench.requests[0]
    assert isinstance(invite, InviteTransaction)
    answer = bench.sent[0][0]
    ack = AwaitedAck(invite, answer, bench.clock, SipTiming(), lambda: missing.append(bench.clock.now))
    bench.clock.turn(7.6)
    assert bench.codes == [200] * 5
    ack.stop()
    bench.clock.turn(20)
    assert bench.codes == [200] * 5
    assert missing == []
    AwaitedAck(invite, answer, bench.clock, SipTiming(), lambda: missing.append(bench.clock.now))
    bench.clock.turn(60)
    assert len(missing) == 1


def test_non_invite_is_answered_again_until_timer_j() -> None:
    bench = Bench()
    bench.layer.receive_request(request("BYE"))
    bench.layer.receive_request(request("BYE"))
    assert bench.codes == []
    bench.answer(200)
    bench.answer(481)
    bench.layer.receive_request(request("BYE"))
    assert bench.codes == [200, 200], "the first final response stands"
    bench.clock.turn(32.1)
    assert len(bench.layer) == 0
    bench.layer.receive_request(request("BYE"))
    assert len(bench.requests) == 2


def test_cancel_finds_its_invite() -> None:
    bench = Bench()
    bench.layer.receive_request(request())
    bench.layer.receive_request(request("CANCEL"))
    bench.layer.receive_request(request("CANCEL", branch="z9hG4bK-other"))
    assert [invite for _, invite in bench.cancels] == [bench.requests[0], None]


@pytest.mark.parametrize("branch", ["", "old-style", "z9hG4bK"])
def test_clients_of_rfc_2543_are_told_apart_by_their_headers(branch: str) -> None:
    bench = Bench()
    bench.layer.receive_request(request(branch=branch))
    bench.layer.receive_request(request(branch=branch))
    assert len(bench.requests) == 1
    bench.layer.receive_request(request(branch=branch, call_id="c2"))
    assert len(bench.requests) == 2
    bench.answer(488)
    bench.layer.receive_request(request("ACK", branch=branch))
    assert bench.requests[0].state is State.CONFIRMED


def test_the_same_branch_from_another_sender_is_another_transaction() -> None:
    bench = Bench()
    bench.layer.receive_request(request())
    bench.layer.receive_request(request(via="192.0.2.10:5070", call_id="c2"))
    assert len(bench.requests) == 2


def test_merged_requests_are_seen() -> None:
    bench = Bench()
    bench.layer.receive_request(request())
    assert not bench.layer.is_merged(request())
    bench.layer.receive_request(request(branch="z9hG4bK-2"))
    assert bench.layer.is_merged(bench.requests[1].request)
    bench.answer(200)
    bench.answer(200, 1)
    bench.clock.turn(33)
    assert not bench.layer.is_merged(request(branch="z9hG4bK-3"))


def test_memory_is_bounded_and_undecided_requests_stay() -> None:
    bench = Bench(limit=10)
    bench.layer.receive_request(request(call_id="undecided"))
    for number in range(50):
        bench.layer.receive_request(request("OPTIONS", branch=f"z9hG4bK-o{number}", call_id=f"o{number}"))
        bench.answer(200, number + 1)
    assert len(bench.layer) == 10
    assert bench.requests[0].state is State.PROCEEDING


@pytest.mark.parametrize(
    ("via", "port"),
    [("192.0.2.9", 5060), ("192.0.2.9:5099", 5099), ("10.0.0.1:5099", 5099), ("pbx.test", 5060)],
)
def test_responses_go_to_the_source_and_the_vias_port(via: str, port: int) -> None:
    bench = Bench()
    bench.layer.receive_request(request("OPTIONS", via=via))
    bench.answer(200)
    data, there = bench.sent[0]
    assert there == Flow("UDP", "192.0.2.9", port)
    assert (b"received=192.0.2.9" in data) is (not via.startswith("192.0.2.9"))


def test_rport_is_filled_and_followed() -> None:
    bench = Bench()
    bench.layer.receive_request(request("OPTIONS", via="10.0.0.1:5099;rport;received=6.6.6.6"))
    bench.answer(200)
    data, there = bench.sent[0]
    assert there == UDP
    assert b"rport=5070" in data
    assert b"received=192.0.2.9" in data
    assert b"6.6.6.6" not in data


def response(code: int, branch: str, method: str = "BYE") -> IncomingResponse:
    raw = (
        f"SIP/2.0 {code} X\r\nVia: SIP/2.0/UDP 192.0.2.1;branch={branch}\r\nFrom: <sip:a@b>;tag=1\r\n"
        f"To: <sip:a@b>;tag=2\r\nCall-ID: c\r\nCSeq: 1 {method}\r\n\r\n"
    ).encode()
    return read_response(parse_message(raw), raw, UDP)  # type: ignore[arg-type]


def test_our_request_is_repeated_until_answered() -> None:
    bench = Bench()
    finals: list[IncomingResponse | None] = []
    bench.layer.request(b"BYE 1", UDP, "b1", "BYE", finals.append)
    bench.clock.turn(0.5 + 1 + 0.1)
    assert len(bench.sent) == 3, "timer E"
    assert bench.layer.receive_response(response(100, "b1"))
    assert not bench.layer.receive_response(response(200, "other"))
    assert not bench.layer.receive_response(response(200, "b1", "UPDATE"))
    assert bench.layer.receive_response(response(200, "b1"))
    bench.clock.turn(60)
    assert len(bench.sent) == 3
    assert [one.code for one in finals if one] == [200]
    assert not bench.layer.receive_response(response(200, "b1"))


def test_timer_f_ends_our_request() -> None:
    bench = Bench()
    finals: list[IncomingResponse | None] = []
    bench.layer.request(b"BYE 1", UDP, "b1", "BYE", finals.append)
    bench.clock.turn(31.9)
    assert finals == []
    bench.clock.turn(0.2)
    assert finals == [None]
    assert len(bench.sent) == 11
    assert bench.clock.pending == 0


def test_over_tcp_our_request_is_sent_once() -> None:
    bench = Bench()
    bench.layer.request(b"BYE 1", TCP, "b1", "BYE", lambda _: None)
    bench.clock.turn(10)
    assert len(bench.sent) == 1
