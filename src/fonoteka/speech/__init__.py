"""What machines find out of recordings: who spoke when, figures of the talk, and its words."""

from fonoteka.speech.analyst import Analyst
from fonoteka.speech.engines.engine import EngineConfig, EngineKind
from fonoteka.speech.indexing import Indexer, unsearchable
from fonoteka.speech.languages import change_languages, language_groups, speech_languages
from fonoteka.speech.orders import Progress, RerunScope, order_again, order_speech, speech_progress
from fonoteka.speech.reading import KnownTranscript, read_transcript
from fonoteka.speech.room import SpeechRoom, VoiceDetector
from fonoteka.speech.said import Snippet, note_words, snippets_of
from fonoteka.speech.talk import KnownTalk, known_talk
from fonoteka.speech.transcriber import Transcriber

__all__ = [
    "Analyst",
    "EngineConfig",
    "EngineKind",
    "Indexer",
    "KnownTalk",
    "KnownTranscript",
    "Progress",
    "RerunScope",
    "Snippet",
    "SpeechRoom",
    "Transcriber",
    "VoiceDetector",
    "change_languages",
    "known_talk",
    "language_groups",
    "note_words",
    "order_again",
    "order_speech",
    "read_transcript",
    "snippets_of",
    "speech_languages",
    "speech_progress",
    "unsearchable",
]
