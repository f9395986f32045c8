"""A SIPREC client (the SRC of RFC 7866): to try an installation, for the demo, for load."""

from fonoteka.caller.ask_server import ServerAnswer, ask_server
from fonoteka.caller.call_options import CallOptions
from fonoteka.caller.call_report import CallReport, EndedBy, StreamReport
from fonoteka.caller.codecs_out import CODECS, EncodedCall, codec_named, encode_call, resample
from fonoteka.caller.dialogues import DIALOGUES, Dialogue, dialogue_audio
from fonoteka.caller.impairment import Impairment
from fonoteka.caller.line import Line
from fonoteka.caller.past_calls import TEAMS, WEEKS, PastCall, past_calls
from fonoteka.caller.place_call import place_call, place_calls
from fonoteka.caller.source import CallAudio, PartyAudio, read_audio, read_call_audio
from fonoteka.caller.speech import Voice, speak
from fonoteka.caller.transactions import Timers
from fonoteka.caller.uac import UserAgent

__all__ = [
    "CODECS",
    "DIALOGUES",
    "TEAMS",
    "WEEKS",
    "CallAudio",
    "CallOptions",
    "CallReport",
    "Dialogue",
    "EncodedCall",
    "EndedBy",
    "Impairment",
    "Line",
    "PartyAudio",
    "PastCall",
    "ServerAnswer",
    "StreamReport",
    "Timers",
    "UserAgent",
    "Voice",
    "ask_server",
    "codec_named",
    "dialogue_audio",
    "encode_call",
    "past_calls",
    "place_call",
    "place_calls",
    "read_audio",
    "read_call_audio",
    "resample",
    "speak",
]
