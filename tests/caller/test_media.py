"""What goes over RTP and RTCP, seen by a server that is not ours."""

from __future__ import annotations

import asyncio
import itertools
import struct
import time

import numpy as np
import pytest

from fonoteka.caller import (
    CODECS,
    CallAudio,
    CallOptions,
    CallReport,
    Impairment,
    PartyAudio,
    codec_named,
    encode_call,
    place_call,
    place_calls,
)
from fonoteka.domain.errors import CodecUnknown, RequestInvalid
from fonoteka.wire.rtcp import GOODBYE, SENDER_REPORT
from tests.caller.scripted_server import Script, ScriptedServer
from tests.caller.test_flow import options, placed, tone
from tests.rtp_packets import RtpPacket, rtcp_packets

NOISE = CallAudio(
    PartyAudio(np.random.default_rng(1).normal(0, 4000, 8000).astype(np.int16), 8000),
    PartyAudio(np.random.default_rng(2).normal(0, 4000, 7000).astype(np.int16), 8000),
)


def packets(server: ScriptedServer, stream: int) -> list[RtpPacket]:
    return [RtpPacket.parse(data) for data in server.rtp(stream)]


@pytest.mark.parametrize("codec", sorted(CODECS))
def test_without_loss_the_encoders_bytes_arrive(codec: str) -> None:
    encoded = encode_call(NOISE, codec_named(codec))
    with ScriptedServer() as server:
        report = placed(server, audio=NOISE, codec=codec)
        server.wait_for("BYE")
    assert report.ok
    for stream, payloads in enumerate((encoded.calling, encoded.called)):
        got = packets(server, stream)
        assert [one.payload for one in got] == list(payloads)
        assert {one.payload_type for one in got} == {CODECS[codec].payload_type}
        assert [one.marker for one in got] == [True] + [False] * (len(got) - 1)
        assert report.streams[stream].packets == len(payloads) == 50


@pytest.mark.parametrize(("codec", "step"), [("pcma", 160), ("pcmu", 160), ("g722", 160), ("opus", 960)])
def test_sequence_and_timestamp_advance_evenly(codec: str, step: int) -> None:
    with ScriptedServer() as server:
        placed(server, codec=codec)
        server.wait_for("BYE")
    got = packets(server, 0)
    assert len(got) == 10
    assert len({one.ssrc for one in got}) == 1
    assert {(b.seq - a.seq) % 65536 for a, b in itertools.pairwise(got)} == {1}
    assert {(b.rtp_timestamp - a.rtp_timestamp) % 2**32 for a, b in itertools.pairwise(got)} == {step}
    assert got[0].ssrc != packets(server, 1)[0].ssrc


def test_packets_keep_absolute_time() -> None:
    with ScriptedServer() as server:
        report = placed(server, duration_s=3.0)
        server.wait_for("BYE")
    arrivals = [at for at, data in server.media[server.media_ports[0]] if data[1] < 192]
    assert len(arrivals) == 150
    offsets_ms = 1000 * (np.array(arrivals) - arrivals[0]) - 20 * np.arange(150)
    # Each packet may be late for a busy machine, the beat may not: half of them are within a few ms.
    assert abs(float(np.median(offsets_ms))) < 10
    assert report.duration_s == 3.0
    assert report.late_max_ms >= 0


def test_short_audio_repeats_for_the_duration() -> None:
    encoded = encode_call(options_audio(), codec_named("pcma"))
    with ScriptedServer() as server:
        report = placed(server, audio=options_audio(), duration_s=0.5)
        server.wait_for("BYE")
    got = packets(server, 0)
    assert [one.payload for one in got] == list((encoded.calling * 3)[:25])
    assert report.duration_s == 0.5


def options_audio() -> CallAudio:
    return CallAudio(tone(440, 0.2), tone(880, 0.15))


def spoiled(**network: float) -> tuple[CallReport, list[RtpPacket], list[RtpPacket]]:
    with ScriptedServer() as server:
        report = placed(server, audio=NOISE, duration_s=2.0, impairment=Impairment(**network))  # type: ignore[arg-type]
        server.wait_for("BYE")
        return report, packets(server, 0), packets(server, 1)


def test_loss_is_about_right_and_the_same_for_a_seed() -> None:
    report, calling, called = spoiled(loss=0.1, seed=7)
    again, calling_again, _ = spoiled(loss=0.1, seed=7)
    lost = report.streams[0].lost
    assert 2 <= lost <= 25
    assert len(calling) == 100 - lost == report.streams[0].packets
    numbers = [(one.seq - calling[0].seq) % 65536 for one in calling]
    assert numbers == sorted(set(numbers))
    assert numbers == [(one.seq - calling_again[0].seq) % 65536 for one in calling_again]
    assert again.streams[0].lost == lost
    assert len({tuple(one.payload for one in stream) for stream in (calling, called)}) == 2


def test_under_jitter_packets_overtake_each_other_yet_keep_their_numbers() -> None:
    encoded = encode_call(NOISE, codec_named("pcma"))
    _, calling, _ = spoiled(jitter_ms=60, seed=3)
    assert len(calling) == 100
    first_seq, first_timestamp = _origin(calling)
    numbers = [(one.seq - first_seq) % 65536 for one in calling]
    assert sorted(numbers) == list(range(100))
    assert numbers != sorted(numbers)
    for number, one in zip(numbers, calling, strict=True):
        assert (one.rtp_timestamp - first_timestamp) % 2**32 == 160 * number
        assert one.payload == encoded.calling[number % 50]


def _origin(got: list[RtpPacket]) -> tuple[int, int]:
    first = next(one for one in got if one.marker)
    return first.seq, first.rtp_timestamp


def test_duplicates_come_twice() -> None:
    report, calling, _ = spoiled(duplicates=0.2, seed=5)
    doubled = report.streams[0].doubled
    assert 8 <= doubled <= 40
    assert len(calling) == 100 + doubled
    assert len({one.seq for one in calling}) == 100


def test_sender_reports_every_five_seconds_and_a_goodbye() -> None:
    before = time.time()
    with ScriptedServer() as server:
        placed(server, duration_s=3.0)
        server.wait_for("BYE")
        got, datagrams = packets(server, 1), server.rtcp(1)
    assert len(datagrams) == 2
    kind, _, report = rtcp_packets(datagrams[0])[0]
    assert kind == SENDER_REPORT
    ssrc, ntp_time, rtp_timestamp, packet_count, octet_count = struct.unpack(">IQIII", report)
    assert ssrc == got[0].ssrc
    assert packet_count == 126
    assert octet_count == 126 * 160
    assert (rtp_timestamp - got[0].rtp_timestamp) % 2**32 == 125 * 160
    assert 0 <= ntp_time / 2**32 - 2_208_988_800 - before < 60
    assert GOODBYE in [kind for kind, _, _ in rtcp_packets(datagrams[1])]


def test_without_multiplexing_reports_stay_away_from_the_media_port() -> None:
    with ScriptedServer(Script(mux=False)) as server:
        placed(server)
        server.wait_for("BYE")
    assert len(server.rtp(0)) == 10
    assert not server.rtcp(0)


def test_a_closed_media_port_fails_the_call() -> None:
    with ScriptedServer() as elsewhere:
        closed = elsewhere.port
    with ScriptedServer(Script(ports=(closed, None))) as server:
        report = placed(server, duration_s=1.0)
    assert not report.ok
    assert "media ports" in report.advice
    assert report.streams[0].refused > 10
    assert report.streams[1].refused == 0


def test_many_calls_share_a_line_and_stay_apart() -> None:
    with ScriptedServer() as server:
        calls = [options(server, calling=str(100 + number)) for number in range(12)]
        landed: list[int] = []
        reports = asyncio.run(place_calls(calls, 4, lambda number, _report: landed.append(number)))
        server.wait_for("BYE", 12)
    assert all(report.ok for report in reports)
    assert sorted(landed) == list(range(12))
    assert len({report.sip_call_id for report in reports}) == 12
    assert len({got.request.via[0].port for got in server.got}) == 1
    open_calls, most = 0, 0
    for got in server.got:
        open_calls += {"INVITE": 1, "BYE": -1}.get(got.request.method, 0)
        most = max(most, open_calls)
    assert most <= 4


def test_progress_rises_to_the_end() -> None:
    shares: list[float] = []
    with ScriptedServer() as server:
        asyncio.run(place_call(options(server, duration_s=0.5), shares.append))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_g711_is_what_the_standard_says() -> None:
    silence = CallAudio(PartyAudio(np.zeros(160, np.int16), 8000), PartyAudio(np.zeros(160, np.int16), 8000))
    assert encode_call(silence, codec_named("pcma")).calling == (b"\xd5" * 160,)
    assert encode_call(silence, codec_named("pcmu")).calling == (b"\xff" * 160,)


def test_unknown_codecs_and_shares_are_refused() -> None:
    with pytest.raises(CodecUnknown):
        codec_named("mp3")
    for wrong in ({"loss": 1.1}, {"duplicates": -0.1}, {"jitter_ms": 5000}, {"loss": float("nan")}):
        with pytest.raises(RequestInvalid):
            Impairment(**wrong)  # type: ignore[arg-type]


def test_calls_of_different_lines_are_not_placed_together() -> None:
    audio = options_audio()
    calls = [CallOptions("sip:127.0.0.1:1", "1", "2", audio), CallOptions("sip:127.0.0.1:2", "1", "2", audio)]
    with pytest.raises(RequestInvalid):
        asyncio.run(place_calls(calls))
