"""What call to place."""

from __future__ import annotations

from dataclasses import dataclass, field

from fonoteka.caller.codecs_out import CODECS, PACKET_MS, EncodedCall
from fonoteka.caller.dialogues import Dialogue
from fonoteka.caller.impairment import Impairment
from fonoteka.caller.source import CallAudio
from fonoteka.caller.transactions import Timers
from fonoteka.domain.errors import RequestInvalid

MAX_DURATION_S = 24 * 3600
MAX_TEXT = 128
TRANSPORTS = ("udp", "tcp")


@dataclass(frozen=True, slots=True)
class CallOptions:
    """One call to place with the recording server `srs` ("sip:HOST:PORT").

    `audio`: samples, a dialogue to speak, or payloads encoded before (then their codec counts). Without
    `duration_s` it plays once, with it it is cut or repeated. Raises `RequestInvalid` naming the field.
    """

    srs: str
    calling: str
    called: str
    audio: CallAudio | Dialogue | EncodedCall
    calling_name: str = ""
    called_name: str = ""
    codec: str = "pcma"
    transport: str = "udp"
    duration_s: float | None = None
    impairment: Impairment = field(default_factory=Impairment)
    timers: Timers = field(default_factory=Timers)

    def __post_init__(self) -> None:
        for name in ("calling", "called", "calling_name", "called_name"):
            text = getattr(self, name)
            if len(text) > MAX_TEXT or not text.isprintable():
                raise RequestInvalid(name, f"{name} is text of at most {MAX_TEXT} characters.")
        for name in ("calling", "called"):
            if not getattr(self, name).strip():
                raise RequestInvalid(name, f"{name} is a number or a user name, not empty.")
        for name, value, known in (
            ("codec", self.codec, tuple(CODECS)),
            ("transport", self.transport, TRANSPORTS),
        ):
            if value not in known:
                raise RequestInvalid(name, f"{name} is one of {', '.join(known)}, not {value!r}.")
        if self.duration_s is not None and not PACKET_MS / 1000 <= self.duration_s <= MAX_DURATION_S:
            raise RequestInvalid("duration", f"A call lasts between 0.02 and {MAX_DURATION_S} s.")

    @classmethod
    def of_dialogue(
        cls,
        srs: str,
        dialogue: Dialogue,
        *,
        codec: str = "pcma",
        transport: str = "udp",
        duration_s: float | None = None,
    ) -> CallOptions:
        """The call of a built-in dialogue, with its numbers and names."""
        return cls(
            srs=srs,
            calling=dialogue.calling,
            called=dialogue.called,
            audio=dialogue,
            calling_name=dialogue.calling_name,
            called_name=dialogue.called_name,
            codec=codec,
            transport=transport,
            duration_s=duration_s,
        )
