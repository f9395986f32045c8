"""Places recording calls: INVITE, talk, BYE; reports instead of raising, for calls by the hundred."""

from __future__ import annotations

import asyncio
import dataclasses
import math
import time
from collections.abc import Callable, Sequence
from functools import partial

import sipmessage

from fonoteka.caller.advice import (
    ENDED_EARLY,
    MEDIA_PORT_CLOSED,
    advice_for_error,
    advice_for_status,
    reason_of,
)
from fonoteka.caller.answer import AnsweredStream, read_answer
from fonoteka.caller.call_options import CallOptions
from fonoteka.caller.call_report import CallReport, EndedBy, StreamReport
from fonoteka.caller.codecs_out import PACKET_MS, EncodedCall
from fonoteka.caller.line import Line
from fonoteka.caller.offer import LABELS, Speaker, build_offer
from fonoteka.caller.rtp_sender import CallSender, StreamSender, open_media_socket
from fonoteka.caller.sip_transport import bracketed
from fonoteka.caller.uac import RecordingDialog
from fonoteka.domain.call import Party
from fonoteka.domain.errors import CallRefused, RequestInvalid

Progress = Callable[[float], None]
"""Told the share of the call that is over, 0 to 1, several times a second."""
Landed = Callable[[int, CallReport], None]
"""Told the number of a call and its report when it is over."""

_PROGRESS_EVERY_S = 0.1
_GOODBYE_PATIENCE_S = 5.0
_START_INTERVAL_S = 0.01


async def place_call(
    options: CallOptions, on_progress: Progress | None = None, line: Line | None = None
) -> CallReport:
    """Place one call and talk it to its end; `line` shares transport, beat and payloads with other calls.

    A call that fails is reported, not raised. Raises `RequestInvalid` for an `srs` that is no SIP address
    and `SpeechUnavailable`. Cancelled, it hangs up before it ends.
    """
    call = _Call(options)
    try:
        if line is not None:
            return await call.place(line, on_progress)
        async with await Line.of(options) as own:
            return await call.place(own, on_progress)
    except CallRefused as error:
        return call.failed(error)
    except OSError as error:
        return call.unreachable(error)


async def place_calls(
    calls: Sequence[CallOptions],
    parallel: int = 1,
    on_landed: Landed | None = None,
    on_progress: Callable[[int, float], None] | None = None,
) -> list[CallReport]:
    """Place calls to one server over one transport, so many at a time; reports in the order of `calls`.

    Calls begin at least 10 ms apart, as a switch would place them. Raises as `place_call` does.
    """
    if len({(options.srs, options.transport) for options in calls}) > 1:
        raise RequestInvalid("srs", "Calls placed together go to one server over one transport.")
    if not calls:
        return []
    at_once = asyncio.Semaphore(parallel)
    reports: dict[int, CallReport] = {}

    async def one(line: Line, number: int) -> None:
        progress = None if on_progress is None else partial(on_progress, number)
        try:
            reports[number] = await place_call(calls[number], progress, line)
        finally:
            at_once.release()
        if on_landed is not None:
            on_landed(number, reports[number])

    try:
        async with await Line.of(calls[0]) as line:
            for options in calls:
                await line.encoded(options)  # before the first call: encoding would disturb the beat
            async with asyncio.TaskGroup() as group:
                for number in range(len(calls)):
                    await at_once.acquire()
                    group.create_task(one(line, number))
                    await asyncio.sleep(_START_INTERVAL_S)
    except CallRefused as error:
        return [_Call(options).failed(error) for options in calls]
    except OSError as error:
        return [_Call(options).unreachable(error) for options in calls]
    return [reports[number] for number in range(len(calls))]


class _Call:
    """One call on its way, and what is known of it so far."""

    def __init__(self, options: CallOptions) -> None:
        self._options = options
        self._codec = options.codec
        self._sip_call_id = ""
        self._response: sipmessage.Response | None = None
        self._answered_after_ms: int | None = None
        self._streams: dict[Party, StreamSender] = {}
        self._answered: dict[Party, AnsweredStream] = {}
        self._talking: CallSender | None = None
        self._ended_by = EndedBy.NOBODY
        self._remarks: list[str] = []

    async def place(self, line: Line, on_progress: Progress | None) -> CallReport:
        """The whole call. Raises `CallRefused` and OSError when it does not come about."""
        encoded = await line.encoded(self._options)
        self._codec = encoded.codec.name
        dialog = line.agent.dialog()
        self._sip_call_id = dialog.call_id
        try:
            self._open_streams(line, encoded)
            await self._invite(dialog, line, encoded)
            try:
                self._read_answer(encoded)
                await self._talk(dialog, line, encoded, on_progress)
            finally:
                await self._hang_up(dialog)
        finally:
            line.agent.forget(dialog)
            for stream in self._streams.values():
                stream.close()
        return self._outcome()

    def failed(self, error: CallRefused) -> CallReport:
        """The report of a call that the server did not take."""
        response = error.context.get("response")
        if isinstance(response, sipmessage.Response):
            self._response = response
        status = error.context.get("status")
        advice = advice_for_status(status) if isinstance(status, int) else "Check the host in --srs."
        return self._report(ok=False, answer=str(error), advice=advice)

    def unreachable(self, error: OSError) -> CallReport:
        """The report of a call that did not reach the server."""
        answer = f"{self._options.srs} over {self._options.transport.upper()}: {reason_of(error)}"
        return self._report(ok=False, answer=answer, advice=advice_for_error(error))

    def _open_streams(self, line: Line, encoded: EncodedCall) -> None:
        impairment = self._options.impairment
        for party, payloads in ((Party.CALLING, encoded.calling), (Party.CALLED, encoded.called)):
            fates = None if impairment.clean else impairment.fates(party)
            media = open_media_socket(line.agent.transport.local[0])
            self._streams[party] = StreamSender(media, payloads, encoded.codec, fates)

    async def _invite(self, dialog: RecordingDialog, line: Line, encoded: EncodedCall) -> None:
        options = self._options
        speakers = {
            Party.CALLING: Speaker(options.calling, options.calling_name),
            Party.CALLED: Speaker(options.called, options.called_name),
        }
        ports = {party: stream.local_port for party, stream in self._streams.items()}
        offer = build_offer(line.agent.transport.local[0], ports, encoded.codec, speakers)
        began_at = time.monotonic()
        self._response = await dialog.invite(*offer)
        self._answered_after_ms = round((time.monotonic() - began_at) * 1000)

    def _read_answer(self, encoded: EncodedCall) -> None:
        assert self._response is not None
        labels = [LABELS[party] for party in self._streams]
        answered = read_answer(self._response, labels, encoded.codec)
        self._answered = dict(zip(self._streams, answered, strict=True))
        self._remarks += [one.remark for one in answered if one.remark]
        for party, one in self._answered.items():
            if one.target is not None and one.rtcp_target is not None:
                self._streams[party].connect(one.target, one.rtcp_target, one.payload_type)

    async def _talk(
        self, dialog: RecordingDialog, line: Line, encoded: EncodedCall, on_progress: Progress | None
    ) -> None:
        open_streams = [self._streams[party] for party, one in self._answered.items() if one.target]
        if not open_streams:
            return
        duration_s = self._options.duration_s
        packets = len(encoded.calling) if duration_s is None else math.ceil(duration_s * 1000 / PACKET_MS)
        self._talking = CallSender(line.pacer, open_streams, packets, self._options.impairment)
        talk = asyncio.create_task(self._talking.run())
        bye = asyncio.create_task(dialog.ended_by_server.wait())
        try:
            while not (talk.done() or bye.done()):
                patience_s = None if on_progress is None else _PROGRESS_EVERY_S
                await asyncio.wait((talk, bye), timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
                if on_progress is not None:
                    on_progress(self._talking.sent_packets / packets)
            self._ended_by = EndedBy.CALLER if talk.done() else EndedBy.SERVER
        finally:
            self._talking.stop()
            talk.cancel()
            bye.cancel()

    async def _hang_up(self, dialog: RecordingDialog) -> None:
        try:
            async with asyncio.timeout(_GOODBYE_PATIENCE_S):
                response = await dialog.hang_up()
        except (CallRefused, OSError) as error:
            self._remarks.append(f"BYE was not answered: {error}")
            return
        if response is not None and response.code >= 300:
            self._remarks.append(f"BYE was answered {response.code} {response.phrase}")

    def _outcome(self) -> CallReport:
        """The report of a call that was answered with a session description."""
        assert self._response is not None
        answer = f"{self._response.code} {self._response.phrase}"
        refusals = [f"{party}: {one.refusal}" for party, one in self._answered.items() if one.target is None]
        counts = [stream.counts for stream in self._streams.values()]
        if refusals:
            self._remarks += refusals
            return self._report(ok=False, answer=answer, advice=advice_for_status(488))
        if any(4 * one.refused > one.packets for one in counts):
            return self._report(ok=False, answer=answer, advice=MEDIA_PORT_CLOSED)
        if self._ended_by is EndedBy.SERVER:
            return self._report(ok=False, answer=answer, advice=ENDED_EARLY)
        return self._report(ok=True, answer=answer, advice="")

    def _report(self, *, ok: bool, answer: str, advice: str) -> CallReport:
        options, response, talking = self._options, self._response, self._talking
        headers = response.headers if response is not None else sipmessage.message.Headers()
        return CallReport(
            ok=ok,
            answer=answer,
            advice=advice,
            srs=options.srs,
            transport=options.transport,
            sip_call_id=self._sip_call_id,
            server=headers.get("Server") or headers.get("User-Agent") or "",
            codec=self._codec,
            ended_by=self._ended_by,
            answered_after_ms=self._answered_after_ms,
            duration_s=talking.sent_packets * PACKET_MS / 1000 if talking is not None else 0.0,
            late_max_ms=round(talking.late_max_ns / 1e6, 1) if talking is not None else 0.0,
            streams=tuple(
                _stream_report(party, self._streams[party], one) for party, one in self._answered.items()
            ),
            remarks=tuple(self._remarks),
        )


def _stream_report(party: Party, stream: StreamSender, answered: AnsweredStream) -> StreamReport:
    target = answered.target
    return StreamReport(
        label=answered.label,
        party=party,
        local_port=stream.local_port,
        target="" if target is None else f"{bracketed(target[0])}:{target[1]}",
        ssrc=stream.ssrc,
        **dataclasses.asdict(stream.counts),
    )
