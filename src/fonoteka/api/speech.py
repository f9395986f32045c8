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

router = APIRouter(tags=["speech"])


@readable(
    router, "/recordings/{recording_id}/talk", operation_id="get_talk", responses=problems(401, 403, 404, 422)
)
def get_talk(actor: SignedIn, services: GivenServices, recording_id: RecordingId) -> speech_models.Talk:
    """Who spoke when, and the figures of a conversation that take no words."""
    recording = archive.get_recording(services.archive, actor, recording_id)
    return speech_models.talk_of(speech.known_talk(services.speech, actor, recording))
