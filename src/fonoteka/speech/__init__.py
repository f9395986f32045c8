"""What machines find out of recordings: who spoke when, and figures of the talk."""

from fonoteka.speech.analyst import Analyst
from fonoteka.speech.orders import Progress, RerunScope, order_again, order_speech, speech_progress
from fonoteka.speech.room import SpeechRoom, VoiceDetector
from fonoteka.speech.talk import KnownTalk, known_talk

__all__ = [
    "Analyst",
    "KnownTalk",
    "Progress",
    "RerunScope",
    "SpeechRoom",
    "VoiceDetector",
    "known_talk",
    "order_again",
    "order_speech",
    "speech_progress",
]
