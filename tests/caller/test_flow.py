"""One call from INVITE to BYE, seen by a server that is not ours."""

from __future__ import annotations

import asyncio
import email.parser
import email.policy
import time
from email.message import Message
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import sipmessage

from fonoteka.caller import (
    CallAudio,
    CallOptions,
    CallReport,
    EndedBy,
    PartyAudio,
    Timers,
    ask_server,
    place_call,
)
from fonoteka.domain.errors import RequestInvalid
from tests.caller.scripted_server import Script, ScriptedServer

RS = "{urn:ietf:params:xml:ns:recording:1}"
QUICK = Timers(t1_s=0.05, t2_s=0.4, t4_s=0.1, answer_s=2.0)


def tone(hz: float, seconds: float, rate_hz: int = 8000) -> PartyAudio:
    wave = 9000 * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz)
    return PartyAudio(wave.astype(np.int16), rate_hz)


def options(server: ScriptedServer, **changes: object) -> CallOptions:
    values: dict[str, object] = {
        "srs": server.uri,
        "calling": "101",
        "called": "+74951234567",
        "calling_name": "Анна <& Co>",
        "called_name": "",
        "audio": CallAudio(tone(440, 0.2), tone(880, 0.2)),
        "timers": QUICK,
    }
    return CallOptions(**{**values, **changes})  # type: ignore[arg-type]


def placed(server: ScriptedServer, **changes: object) -> CallReport:
    return asyncio.run(place_call(options(server, **changes)))


def parts(request: sipmessage.Request) -> list[Message]:
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    whole = email.parser.BytesParser(policy=email.policy.SMTP).parsebytes(head + request.body)
    assert not whole.defects
    return list(whole.iter_parts())  # type: ignore[attr-defined]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_call_from_invite_to_bye(transport: str) -> None:
    with ScriptedServer() as server:
        report = placed(server, transport=transport)
        bye = server.wait_for("BYE")[0].request
    assert report.ok
    assert report.answer == "200 OK"
    assert (report.server, report.ended_by) == ("scripted/1", EndedBy.CALLER)
    assert [got.request.method for got in server.got] == ["INVITE", "ACK", "BYE"]
    assert {got.transport for got in server.got} == {transport.upper()}
    invite, ack = server.got[0].request, server.got[1].request
    assert ack.cseq == sipmessage.CSeq(1, "ACK")
    assert bye.cseq.sequence > invite.cseq.sequence
    assert {one.call_id for one in (invite, ack, bye)} == {report.sip_call_id}
    assert ack.headers["To"] == bye.headers["To"] == invite.headers["To"] + ";tag=scripted"
    assert len({got.request.via[0].parameters["branch"] for got in server.got}) == 3
    assert str(ack.uri) == f"sip:127.0.0.1:{server.port}"


def test_the_invite_is_a_recording_clients() -> None:
    with ScriptedServer() as server:
        placed(server)
        invite = server.requests("INVITE")[0].request
    assert invite.require == ["siprec"]
    assert "+sip.src" in invite.headers["Contact"]
    assert invite.contact[0].uri.port == invite.via[0].port
    assert "rport" in invite.via[0].parameters
    description, metadata = parts(invite)
    assert description.get_content_type() == "application/sdp"
    assert metadata.get_content_type() == "application/rs-metadata+xml"
    assert metadata.get_content_disposition() == "recording-session"
    lines = description.get_payload(decode=True).decode().split("\r\n")  # type: ignore[union-attr]
    assert [line.split(" ")[2:] for line in lines if line.startswith("m=")] == [["RTP/AVP", "8", "101"]] * 2
    assert lines.count("a=sendonly") == 2
    assert [line for line in lines if line.startswith("a=label")] == ["a=label:1", "a=label:2"]


def test_metadata_links_each_stream_to_who_speaks_in_it() -> None:
    with ScriptedServer() as server:
        placed(server)
        invite = server.requests("INVITE")[0].request
    root = ET.fromstring(parts(invite)[1].get_payload(decode=True))  # type: ignore[arg-type]
    assert root.findtext(f"{RS}datamode") == "complete"
    assert root.findtext(f"{RS}session/{RS}sipSessionID")
    labels = {one.get("stream_id"): one.findtext(f"{RS}label") for one in root.iter(f"{RS}stream")}
    names = {}
    for one in root.iter(f"{RS}participant"):
        name_id = one.find(f"{RS}nameID")
        assert name_id is not None
        names[one.get("participant_id")] = (name_id.get("aor"), name_id.findtext(f"{RS}name"))
    heard = {}
    for one in root.iter(f"{RS}participantstreamassoc"):
        aor, name = names[one.get("participant_id")]
        heard[labels[one.findtext(f"{RS}send")]] = (str(aor).split("@")[0], name or "")
        assert labels[one.findtext(f"{RS}recv")] != labels[one.findtext(f"{RS}send")]
    assert heard == {"1": ("sip:101", "Анна <& Co>"), "2": ("sip:+74951234567", "")}


@pytest.mark.parametrize("method", ["INVITE", "BYE"])
def test_a_request_without_answer_is_sent_again(method: str) -> None:
    with ScriptedServer(Script(withhold={method: 2})) as server:
        report = placed(server)
        again = server.requests(method)
    assert report.ok
    assert len(again) == 3
    assert again[0].raw == again[1].raw == again[2].raw
    first, second = again[1].at - again[0].at, again[2].at - again[1].at
    assert first >= 0.045  # timer A and E begin with T1 and double
    assert second >= 1.5 * first


def test_over_tcp_nothing_is_sent_again() -> None:
    with ScriptedServer(Script(answer_late_s=0.4)) as server:
        report = placed(server, transport="tcp")
    assert report.ok
    assert [got.request.method for got in server.got] == ["INVITE", "ACK", "BYE"]


def test_after_ringing_the_invite_is_not_sent_again() -> None:
    with ScriptedServer(Script(ringing=True, answer_late_s=0.5)) as server:
        assert placed(server).ok
    assert len(server.requests("INVITE")) == 1


def test_each_repeated_200_is_acknowledged() -> None:
    with ScriptedServer(Script(repeat_final=2)) as server:
        assert placed(server, duration_s=0.6).ok
        acks = server.wait_for("ACK", 3)
    assert len({got.raw for got in acks}) == 1


@pytest.mark.parametrize(
    ("status", "advice"), [(404, "--srs"), (420, "SIPREC"), (488, "--codec"), (503, "capacity"), (599, "log")]
)
def test_a_refusal_is_reported_with_what_to_do(status: int, advice: str) -> None:
    with ScriptedServer(Script(invite=status)) as server:
        report = placed(server)
        ack = server.wait_for("ACK")[0].request
    assert not report.ok
    assert report.answer.startswith(str(status))
    assert advice in report.advice
    assert report.ended_by is EndedBy.NOBODY
    invite = server.requests("INVITE")[0].request
    assert ack.via[0].parameters["branch"] == invite.via[0].parameters["branch"]  # RFC 3261 §17.1.1.3
    assert not server.requests("BYE")


def test_silence_of_the_server_is_reported_after_timer_b() -> None:
    with ScriptedServer(Script(withhold={"INVITE": 1000})) as server:
        began_at = time.monotonic()
        report = placed(server, timers=Timers(t1_s=0.05, t2_s=0.4, answer_s=20.0))
    assert not report.ok
    assert "No answer" in report.answer
    assert "firewall" in report.advice
    assert time.monotonic() - began_at >= 64 * QUICK.t1_s
    assert len(server.requests("INVITE")) == 7  # RFC 3261 §17.1.1.2


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_closed_port_is_reported_at_once(transport: str) -> None:
    with ScriptedServer() as server:
        uri = server.uri
    began_at = time.monotonic()
    report = asyncio.run(
        place_call(CallOptions(uri, "1", "2", CallAudio(tone(440, 1), tone(440, 1)), transport=transport))
    )
    assert not report.ok
    assert "refused" in report.answer
    assert "Nothing listens" in report.advice
    assert time.monotonic() - began_at < 10


def test_ringing_for_ever_is_cancelled() -> None:
    with ScriptedServer(Script(ringing=True, never_final=True)) as server:
        report = placed(server)
        cancel = server.wait_for("CANCEL")[0].request
        server.wait_for("ACK")
    assert not report.ok
    invite = server.requests("INVITE")[0].request
    assert cancel.cseq == sipmessage.CSeq(invite.cseq.sequence, "CANCEL")
    for name in ("Via", "From", "To", "Call-ID"):
        assert cancel.headers[name] == invite.headers[name]


def test_cancelled_while_ringing_it_sends_cancel() -> None:
    with ScriptedServer(Script(ringing=True, never_final=True)) as server:
        asyncio.run(_stopped_after(server, "INVITE"))
        server.wait_for("CANCEL")
        server.wait_for("ACK")
    assert not server.requests("BYE")


def test_cancelled_while_talking_it_sends_bye() -> None:
    with ScriptedServer() as server:
        asyncio.run(_stopped_after(server, "ACK"))
        server.wait_for("BYE")


def test_a_lost_tcp_connection_is_made_anew_for_the_bye() -> None:
    async def talk(server: ScriptedServer) -> CallReport:
        call = asyncio.create_task(place_call(options(server, duration_s=1.0, transport="tcp")))
        while not server.requests("ACK"):
            await asyncio.sleep(0.01)
        server.drop_connections()
        return await call

    with ScriptedServer() as server:
        report = asyncio.run(talk(server))
        server.wait_for("BYE")
    assert report.ok
    assert not report.remarks
    assert report.streams[0].packets == 50


async def _stopped_after(server: ScriptedServer, method: str) -> None:
    call = asyncio.create_task(place_call(options(server, duration_s=60.0)))
    while not server.requests(method):
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


def test_the_server_may_end_the_call() -> None:
    with ScriptedServer(Script(bye_after_ack_s=0.3)) as server:
        report = placed(server, duration_s=30.0)
    assert report.ended_by is EndedBy.SERVER
    assert not report.ok
    assert report.duration_s < 10
    assert [one.code for one in server.responses] == [200]
    assert not server.requests("BYE")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (Script(ports=(0, None)), "port 0"),
        (Script(directions=("recvonly", "inactive")), "inactive"),
    ],
)
def test_a_refused_stream_fails_the_call_and_says_which(script: Script, reason: str) -> None:
    with ScriptedServer(script) as server:
        report = placed(server)
        server.wait_for("BYE")
    assert not report.ok
    assert any(reason in remark for remark in report.remarks)
    assert sorted(stream.packets for stream in report.streams) == [0, 10]


def test_an_answer_without_sdp_is_reported_and_hung_up() -> None:
    with ScriptedServer(Script(headers=(("Content-Type", "text/plain"),))) as server:
        report = placed(server)
        server.wait_for("BYE")
    assert not report.ok
    assert "session description" in report.answer


def test_requests_follow_the_recorded_route() -> None:
    with ScriptedServer() as proxy, ScriptedServer() as server:
        server.script.headers = (("Record-Route", f"<sip:10.9.9.9;lr>, <sip:127.0.0.1:{proxy.port};lr>"),)
        assert placed(server).ok
        bye = proxy.wait_for("BYE")[0].request
        proxy.wait_for("ACK")
    assert [route.uri.host for route in bye.route] == ["127.0.0.1", "10.9.9.9"]


def test_options_ask_whether_the_server_is_there() -> None:
    with ScriptedServer() as server:
        said = asyncio.run(ask_server(server.uri, timers=QUICK))
        server.script.withhold = {"OPTIONS": 1000}
        silent = asyncio.run(ask_server(server.uri, timers=QUICK))
    assert said.ok
    assert said.answer == "200 OK"
    assert not silent.ok
    assert silent.advice


@pytest.mark.parametrize(
    "srs", ["", "127.0.0.1:5060", "sip:", "sip:host:0", "sip:host:99999", "sips:host", "sip:a b"]
)
def test_what_is_no_server_is_refused(srs: str) -> None:
    audio = CallAudio(tone(440, 1), tone(440, 1))
    with pytest.raises(RequestInvalid) as raised:
        asyncio.run(place_call(CallOptions(srs, "1", "2", audio)))
    assert raised.value.field == "srs"


@pytest.mark.parametrize(
    "change",
    [
        {"calling": ""},
        {"called": "1\r\nX: y"},
        {"calling_name": "x" * 200},
        {"codec": "mp3"},
        {"transport": "sctp"},
        {"duration_s": 0.0},
        {"duration_s": float("nan")},
    ],
)
def test_options_out_of_bounds_are_refused(change: dict[str, object]) -> None:
    with ScriptedServer() as server, pytest.raises(RequestInvalid):
        options(server, **change)
