"""Whatever comes from the network: a value or `WireMalformed`, soon, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fonoteka.domain.errors import WireMalformed
from fonoteka.wire.metadata import number_of, parse_metadata
from fonoteka.wire.multipart import parse_multipart
from fonoteka.wire.parties import numbers, parties, senders
from fonoteka.wire.rtp import is_rtcp
from fonoteka.wire.rtpdump import RECORD_HEADER, file_header, record, record_offsets, whole_length
from fonoteka.wire.rtpdump_table import read_table
from fonoteka.wire.sdp import parse_sdp
from fonoteka.wire.sip import Message, SipStream, parse_message, parse_uri, vias
from tests.rtp_packets import RtpPacket
from tests.wire.examples import NAMES, datagram, opened
from tests.wire.test_rtp import RTP_PACKETS

# Pieces that mean something to one of the parsers.
WORDS = rb"""
: ; = " < > & / @ , -- -1 % %00 99999999999999999999 ;self=1 boundary= --foobar
INVITE SIP/2.0 sip: Via: Content-Length: CSeq: m=audio a=rtpmap: v=0 c=IN
<recording> <!DOCTYPE <![CDATA[ &# xmlns:a=' ]]>
"""
BLANKS = (b"\r\n", b"\n", b"\r", b" ", b"\t", b"\x00", b"\xff", b"\xc3", "١".encode(), "ы".encode())
PIECES = st.sampled_from([*WORDS.split(), *BLANKS])
ANYTHING = st.binary(max_size=300) | st.lists(PIECES | st.binary(max_size=4), max_size=40).map(b"".join)


@st.composite
def mutated(draw: st.DrawFn, originals: st.SearchStrategy[bytes]) -> bytes:
    """One of the originals after a few cuts, insertions, copies and flips."""
    data = bytearray(draw(originals))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        end = min(len(data), at + draw(st.integers(0, 60)))
        match draw(st.sampled_from(["cut", "insert", "copy", "flip", "end"])):
            case "cut":
                del data[at:end]
            case "insert":
                data[at:at] = draw(PIECES)
            case "copy":
                target = draw(st.integers(0, len(data)))
                data[target:target] = data[at:end]
            case "flip" if at < len(data):
                data[at] ^= 1 << draw(st.integers(0, 7))
            case "end":
                del data[max(at, 1) :]
    return bytes(data)


MESSAGES = mutated(st.sampled_from([datagram(name) for name in NAMES]))
BODIES = st.sampled_from([parse_message(datagram(name)).body for name in NAMES])

PARSERS: dict[str, Callable[[bytes], object]] = {
    "message": parse_message,
    "stream": lambda data: SipStream().feed(data),
    "uri": lambda data: parse_uri(data.decode("latin-1")),
    "multipart": lambda data: parse_multipart("multipart/mixed;boundary=foobar", data),
    "content type": lambda data: parse_multipart(data.decode("latin-1"), b"--foobar\r\n\r\nx"),
    "sdp": parse_sdp,
    "metadata": parse_metadata,
    "is_rtcp": is_rtcp,
    "table": read_table,
    "whole": whole_length,
    "number": lambda data: number_of(data.decode("latin-1")),
}


@pytest.mark.parametrize("name", PARSERS)
@given(ANYTHING)
def test_anything(name: str, data: bytes) -> None:
    with suppress(WireMalformed):
        PARSERS[name](data)


def use(message: Message) -> None:
    """What signalling does with each message; a parsed one promises that none of it raises."""
    assert message.call_id
    assert message.cseq.sequence >= 0
    assert vias(message)
    _ = (message.from_address.parameters, message.to_address.uri.user, message.contact, message.content_type)
    _ = (message.record_route, message.route, message.max_forwards, message.expires, message.content_length)
    _ = (message.min_expires, message.require, message.supported, message.user_agent)
    assert all(
        text.isprintable() or "\t" in text or not text.isascii() for text in message.headers.getlist("Via")
    )
    bytes(message)


@given(MESSAGES)
def test_mutated_messages(data: bytes) -> None:
    with suppress(WireMalformed):
        use(parse_message(data))
    with suppress(WireMalformed):
        found = opened(data)
        if found.sdp is not None:
            assert parse_sdp(str(found.sdp)) == found.sdp
            for media in found.sdp.media:
                media.effective_direction(found.sdp)
                assert all(one.clock_hz > 0 and one.channels > 0 for one in media.formats.values())
        if found.metadata is not None:
            parties(found.metadata)
            numbers(found.metadata)
            senders(found.metadata, "1")


@given(ANYTHING)
def test_messages_of_anything_that_parse_are_usable(head: bytes) -> None:
    start = datagram("cisco_nbr").partition(b"\r\n\r\n")[0]
    with suppress(WireMalformed):
        use(parse_message(start + b"\r\n" + head + b"\r\n\r\n"))


@given(mutated(BODIES.map(lambda body: body[body.find(b"<?xml") :])))
def test_mutated_metadata(data: bytes) -> None:
    with suppress(WireMalformed):
        parse_metadata(data)


@given(mutated(BODIES), st.integers(1, 50))
def test_mutated_streams(data: bytes, size: int) -> None:
    stream = SipStream()
    with suppress(WireMalformed):
        for at in range(0, len(data), size):
            stream.feed(data[at : at + size])


DUMPS = st.lists(RTP_PACKETS.map(RtpPacket.serialize) | st.binary(max_size=20), max_size=5).map(
    lambda packets: (
        file_header(datetime(2025, 1, 1, tzinfo=UTC), "192.0.2.1", 4000)
        + b"".join(record(at, packet, at % 3 == 2) for at, packet in enumerate(packets))
    )
)


@given(mutated(DUMPS))
def test_table_agrees_with_reading_packet_by_packet(data: bytes) -> None:
    """The table takes exactly those packets that `RtpPacket.parse` takes, and counts the others."""
    try:
        table, malformed = read_table(data)
    except WireMalformed:
        with pytest.raises(WireMalformed):
            whole_length(data)
        return
    wanted, refused = [], 0
    for at in record_offsets(data)[0]:
        length, packet_bytes, arrival_ms = RECORD_HEADER.unpack_from(data, at)
        stored = length - RECORD_HEADER.size
        if packet_bytes == 0 and stored > 0:
            continue
        try:
            if packet_bytes > stored:
                raise WireMalformed
            start = at + RECORD_HEADER.size
            packet = RtpPacket.parse(data[start : start + packet_bytes])
            wanted.append((arrival_ms, packet.seq, packet.ssrc, packet.payload_type, packet.payload))
        except WireMalformed:
            refused += 1
    ends = table["payload_at"] + table["payload_bytes"]
    payloads = [data[start:end] for start, end in zip(table["payload_at"], ends, strict=True)]
    columns = (table["arrival_ms"], table["seq"], table["ssrc"], table["payload_type"], payloads)
    assert list(zip(*columns, strict=True)) == wanted
    assert malformed == refused
