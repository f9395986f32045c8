"""Where in calls it was said: the words around, and the second to play from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from fonoteka.domain.access import Actor, Permission, require
from fonoteka.domain.audit import AuditAction
from fonoteka.domain.call import Call
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.transcript import Transcript, Utterance
from fonoteka.speech.room import SpeechRoom
from fonoteka.speech.words import Phrases, lemmas_of

_AROUND = 7
_CONTINUES_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Snippet:
    """A place where it was said: the words that were asked for, and some before and after."""

    recording_id: str
    channel: int
    since_ms: int
    before: str
    hit: str
    after: str


def note_words(room: SpeechRoom, actor: Actor, phrases: Phrases) -> None:
    """Write down that the actor looks for words (`CallQuery.said`), if for any. Raises `AccessDenied`."""
    if phrases:
        require(actor, Permission.RECORDING_LISTEN, actor.tenant_id)
        note_search(room, actor, repr(phrases))


def note_search(room: SpeechRoom, actor: Actor, asked: str) -> None:
    """Write down that the actor looked for that; again within 15 minutes it makes no new event."""
    at, detail = room.now(), f"words={hashlib.sha256(asked.encode()).hexdigest()[:16]}"
    subject, action = actor.tenant_id, AuditAction.TRANSCRIPTS_SEARCHED
    with room.store.reading() as tx:
        if tx.audit.happened(actor, action, subject, detail, at - _CONTINUES_WITHIN):
            return
    with room.store.transaction() as tx:
        tx.audit.append(actor, action, subject, detail, at)


def snippets_of(room: SpeechRoom, actor: Actor, calls: Sequence[Call], said: Phrases) -> dict[str, Snippet]:
    """By call's id the first place where one of the phrases was said, of calls that the actor sees.

    Raises `AccessDenied`.
    """
    if not said:
        return {}
    require(actor, Permission.RECORDING_LISTEN, actor.tenant_id)
    found: dict[str, Snippet] = {}
    with room.store.reading() as tx:
        for call in calls:
            ready = (one for one in call.recordings if one.state is RecordingState.READY)
            transcripts = (tx.transcripts.get(call.tenant_id, one.id) for one in ready)
            snippet = next((hit for one in transcripts if one and (hit := first_hit(one, said))), None)
            if snippet is not None:
                found[call.id] = snippet
    return found


def first_hit(transcript: Transcript, said: Phrases) -> Snippet | None:
    """The first place where one of the phrases was said, the longest phrases looked for first."""
    for phrase in sorted(said, key=len, reverse=True):
        for utterance in transcript.utterances:
            place = place_of(utterance, phrase)
            if place is not None:
                return snippet_at(transcript.recording_id, utterance, *place)
    return None


def place_of(utterance: Utterance, phrase: Sequence[str]) -> tuple[int, int] | None:
    """From which word to which (exclusive) an utterance says the phrase; None: nowhere."""
    forms = [(form, place) for place, word in enumerate(utterance.words) for form in lemmas_of(word.text)]
    for start in range(len(forms) - len(phrase) + 1):
        if all(forms[start + n][0] == form for n, form in enumerate(phrase)):
            return forms[start][1], forms[start + len(phrase) - 1][1] + 1
    return None


def snippet_at(recording_id: str, utterance: Utterance, first: int, last: int) -> Snippet:
    """The words of an utterance from the first to the last (exclusive), and some around."""
    words = [one.text for one in utterance.words]
    before = words[max(0, first - _AROUND) : first]
    after = words[last : last + _AROUND]
    return Snippet(
        recording_id=recording_id,
        channel=utterance.channel,
        since_ms=utterance.words[first].since_ms,
        before=("… " if first > _AROUND else "") + " ".join(before),
        hit=" ".join(words[first:last]),
        after=" ".join(after) + (" …" if last + _AROUND < len(words) else ""),
    )
