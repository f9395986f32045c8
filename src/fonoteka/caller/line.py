"""What the calls of one process share: the way to the server, the beat, audio encoded once."""

from __future__ import annotations

import asyncio
from types import TracebackType

from fonoteka.caller.call_options import CallOptions
from fonoteka.caller.codecs_out import EncodedCall, codec_named, encode_call
from fonoteka.caller.dialogues import Dialogue, dialogue_audio
from fonoteka.caller.pacer import Pacer
from fonoteka.caller.source import CallAudio
from fonoteka.caller.uac import UserAgent


class Line:
    """Calls to one server over one transport."""

    def __init__(self, agent: UserAgent) -> None:
        self.agent = agent
        self.pacer = Pacer(asyncio.get_running_loop())
        self._encoding = asyncio.Lock()
        self._encoded: dict[tuple[int, str], tuple[CallAudio | Dialogue, EncodedCall]] = {}

    @classmethod
    async def of(cls, options: CallOptions) -> Line:
        """A line for calls like this one. Raises `RequestInvalid`, and `CallRefused` for an unknown host."""
        return cls(await UserAgent.of(options.srs, options.transport, options.timers))

    async def __aenter__(self) -> Line:
        """Open it. Raises OSError."""
        await self.agent.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pacer.close()
        await self.agent.__aexit__(kind, error, trace)

    async def encoded(self, options: CallOptions) -> EncodedCall:
        """The payloads of a call, made at most once for the same audio and codec."""
        audio = options.audio
        if isinstance(audio, EncodedCall):
            return audio
        key = id(audio), options.codec
        async with self._encoding:
            if key not in self._encoded:
                encoded = await asyncio.to_thread(_encode, audio, options.codec)
                self._encoded[key] = audio, encoded  # with the audio, lest its id be taken anew
        return self._encoded[key][1]


def _encode(audio: CallAudio | Dialogue, codec: str) -> EncodedCall:
    voices = dialogue_audio(audio) if isinstance(audio, Dialogue) else audio
    return encode_call(voices, codec_named(codec))
