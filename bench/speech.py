"""How fast a recording is analysed, on one core: listening to ten minutes of two people, its figures, topics.

Topics: 500 phrases over the words of ten minutes in dictionary forms, and the same by trying each phrase at
each word.

Human voices from Debian's prompts where installed. Times are CPU seconds of this process, all threads
added; each is the best of several passes, taken in turn. Decoding the stored file is measured beside it.
"""

from __future__ import annotations

from bench import transcribing
from bench.cpu import call_lasting, cpu_seconds
from bench.report import report
from bench.topic_phrases import indexed, make_phrases, make_transcript, naive
from fonoteka.audio.decode import decode_opus
from fonoteka.audio.encode import encode_opus
from fonoteka.audio.hearing import hear
from fonoteka.audio.silero import Silero, silero_file
from fonoteka.audio.sound import Sound
from fonoteka.audio.voice_activity import Detector
from fonoteka.domain.talk import measure
from fonoteka.domain.topic_matching import Dictionary

SECONDS = 600
PASSES = 3
_LOOKS = 50
RATE_HZ = 8_000


def main() -> None:
    sound = call_lasting(SECONDS)
    stored = encode_opus(sound, RATE_HZ)
    path = silero_file()
    assert path is not None, "the extra `speech` is not installed"
    silero = Silero(path)

    def analyse(detector: Detector | None) -> None:
        heard = hear(Sound.of(sound, RATE_HZ), detector)
        measure(heard.duration_ms, heard.speech)

    phrases = make_phrases()
    said, dictionary = make_transcript(phrases), Dictionary([[one] for one in phrases])
    took = cpu_seconds(
        {
            "topics": lambda: [indexed(dictionary, said) for _ in range(_LOOKS)],
            "naive": lambda: naive(phrases, said),
            "silero": lambda: analyse(silero),
            "energy": lambda: analyse(None),
            "decode": lambda: decode_opus(stored),
        },
        PASSES,
    )
    topics_ms = 1_000 * took["topics"] / _LOOKS
    figures = {
        "topics_500_phrases_ms": topics_ms,
        "topics_times_naive": 1_000 * took["naive"] / topics_ms,
        "metrics_times_real_time": SECONDS / took["silero"],
        "metrics_by_energy_times_real_time": SECONDS / took["energy"],
        "decode_times_real_time": SECONDS / took["decode"],
        "metrics_and_decode_times_real_time": SECONDS / (took["silero"] + took["decode"]),
    }
    goals = {
        "topics_500_phrases_ms": ("<=", 1.0),
        "topics_times_naive": (">=", 100.0),
        "metrics_times_real_time": (">=", 300.0),
        "metrics_by_energy_times_real_time": (">=", 300.0),
        "metrics_and_decode_times_real_time": (">=", 300.0),
    }
    notes = {"metrics_times_real_time": "seconds of call (both parties) per CPU second, by Silero"}
    figures |= transcribing.figures(sound)
    report("speech", figures, goals | transcribing.GOALS, notes | transcribing.NOTES)


if __name__ == "__main__":
    main()
