"""What machines found out of a recording."""

from __future__ import annotations

from fastapi import APIRouter

from fonoteka import archive, speech
from fonoteka.api import speech_models
from fonoteka.api.authentication import SignedIn
from fonoteka.api.methods import readable
from fonoteka.api.openapi import problems
from fonoteka.api.recordings import RecordingId
from fonoteka.api.services import GivenServices
from fonoteka.speech.models import languages_in_use

router = APIRouter(tags=["speech"])


@readable(
    router, "/recordings/{recording_id}/talk", operation_id="get_talk", responses=problems(401, 403, 404, 422)
)
def get_talk(actor: SignedIn, services: GivenServices, recording_id: RecordingId) -> speech_models.Talk:
    """Who spoke when, and the figures of a conversation that take no words."""
    recording = archive.get_recording(services.archive, actor, recording_id)
    return speech_models.talk_of(speech.known_talk(services.speech, actor, recording))


@readable(
    router,
    "/recordings/{recording_id}/transcript",
    operation_id="get_transcript",
    responses=problems(401, 403, 404, 422),
)
def get_transcript(
    actor: SignedIn, services: GivenServices, recording_id: RecordingId
) -> speech_models.Transcript:
    """What was said, word by word, with times. Reading is written to the access log as listening is."""
    recording = archive.get_recording(services.archive, actor, recording_id)
    return speech_models.transcript_of(speech.read_transcript(services.speech, actor, recording))


@readable(router, "/speech", operation_id="get_speech", responses=problems(401, 403, 422))
def get_speech(actor: SignedIn, services: GivenServices) -> speech_models.SpeechSettings:
    """What turns speech into text here, and which language the calls are in."""
    languages = speech.speech_languages(services.speech, actor)
    engine = services.speech.engine
    return speech_models.SpeechSettings(
        engine=engine.kind.value, models=languages_in_use(engine.models), languages=languages
    )


@router.put("/speech", operation_id="save_speech", responses=problems(400, 401, 403, 422))
def save_speech(
    actor: SignedIn, services: GivenServices, given: speech_models.LanguagesGiven
) -> speech_models.SpeechSettings:
    """Say which languages calls are in; holds for what is transcribed from now on."""
    speech.change_languages(services.speech, actor, given.languages)
    return get_speech(actor, services)
