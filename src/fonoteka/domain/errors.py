"""Every error a person or a program may meet: a noun, a condition and a stable code.

The codes are a promise (docs/operate/errors.md lists them, a test compares). HTTP status is not
known here; `api.errors` maps codes to it.
"""

from __future__ import annotations

from typing import ClassVar


class FonotekaError(Exception):
    """Base of all typed errors. `code` is stable; `str(error)` is one English sentence for logs."""

    code: ClassVar[str] = "internal"

    def __init__(self, detail: str = "", **context: object) -> None:
        super().__init__(detail or (type(self).__doc__ or "").splitlines()[0])
        self.context = context


class RequestInvalid(FonotekaError):
    """A parameter cannot be understood; `field` names it."""

    code = "request.invalid"

    def __init__(self, field: str, detail: str, place: str = "query") -> None:
        super().__init__(detail, field=field)
        self.field = field
        self.place = place


class RangeUnsatisfiable(FonotekaError):
    """The byte range lies outside the file."""

    code = "range.unsatisfiable"

    def __init__(self, size_bytes: int) -> None:
        super().__init__(f"The range lies outside the file of {size_bytes} bytes.", size_bytes=size_bytes)
        self.size_bytes = size_bytes


class SignInRequired(FonotekaError):
    """Nobody is signed in, or the token is unknown, revoked or expired."""

    code = "sign_in.required"


class SignInRefused(FonotekaError):
    """The login or the password does not fit."""

    code = "sign_in.refused"


class SignInThrottled(FonotekaError):
    """Too many failed attempts; try again later."""

    code = "sign_in.throttled"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            f"Too many failed attempts; try again in {retry_after_s} s.", retry_after_s=retry_after_s
        )
        self.retry_after_s = retry_after_s


class AccessDenied(FonotekaError):
    """This user may not do that."""

    code = "access.denied"


class UserInvalid(FonotekaError):
    """What is given of a user or a token cannot be so; `field` names it."""

    code = "user.invalid"

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail, field=field)
        self.field = field


class UserNotFound(FonotekaError):
    """There is no such user."""

    code = "user.not_found"


class SessionNotFound(FonotekaError):
    """There is no such session."""

    code = "session.not_found"


class CallNotFound(FonotekaError):
    """There is no such call."""

    code = "call.not_found"


class RecordingNotFound(FonotekaError):
    """There is no such recording."""

    code = "recording.not_found"


class TokenNotFound(FonotekaError):
    """There is no such token."""

    code = "token.not_found"


class RecordingNotReady(FonotekaError):
    """The recording is still being processed; its audio will be there in a moment."""

    code = "recording.not_ready"


class RecordingSilent(FonotekaError):
    """No audio packet arrived for this recording, so there is nothing to play."""

    code = "recording.silent"


class RecordingDeleted(FonotekaError):
    """The recording's audio was deleted."""

    code = "recording.deleted"


class RecordingBinned(FonotekaError):
    """The recording is in the bin; restore it first."""

    code = "recording.binned"


class RecordingHeld(FonotekaError):
    """The recording is under legal hold; nothing deletes it until the hold is released."""

    code = "recording.held"


class RecordingProtected(FonotekaError):
    """The recording is inside its minimum term and cannot be deleted yet."""

    code = "recording.protected"


class HoldNotFound(FonotekaError):
    """There is no such legal hold."""

    code = "hold.not_found"


class SearchNotFound(FonotekaError):
    """There is no such saved search of one's own."""

    code = "search.not_found"


class TagNotFound(FonotekaError):
    """There is no such tag."""

    code = "tag.not_found"


class TagTaken(FonotekaError):
    """There is a tag of that name already."""

    code = "tag.taken"


class TagInUse(FonotekaError):
    """The tag is on more calls than was agreed to."""

    code = "tag.in_use"

    def __init__(self, calls: int) -> None:
        super().__init__(f"The tag is on {calls} calls: agree to that many.", calls=calls)
        self.calls = calls


class TagGoverns(FonotekaError):
    """The storage has terms for the tag; change those first."""

    code = "tag.governs"


class TagProtects(FonotekaError):
    """Taking the tag off, or putting it on, would shorten how long the recording is kept."""

    code = "tag.protects"


class CustomerUnknown(FonotekaError):
    """The call has no outside number."""

    code = "customer.unknown"


class CommentNotFound(FonotekaError):
    """There is no such comment, or it was deleted too long ago."""

    code = "comment.not_found"


class RecordingFailed(FonotekaError):
    """The recording could not be processed; its spool folder is kept."""

    code = "recording.failed"


class ObjectMissing(FonotekaError):
    """The object store does not hold what the database names."""

    code = "object.missing"


class ObjectsUnavailable(FonotekaError):
    """The object store does not answer."""

    code = "objects.unavailable"


class StorageFull(FonotekaError):
    """There is no room left to store audio."""

    code = "storage.full"


class QuotaFull(FonotekaError):
    """The storage plan has no room left and nothing that may be overwritten; the recording waits."""

    code = "storage.quota_full"


class ConsentNeeded(FonotekaError):
    """The change would make recordings go; look at the dry run and agree to it."""

    code = "storage.consent_needed"


class DatabaseNotEmpty(FonotekaError):
    """The database to copy to has rows already."""

    code = "store.not_empty"


class VerificationFailed(FonotekaError):
    """What was copied is not what was read; nothing has been changed."""

    code = "store.copy_differs"


class StoreUnavailable(FonotekaError):
    """The database does not answer."""

    code = "store.unavailable"


class SpoolCorrupt(FonotekaError):
    """A spool folder cannot be read; it is set aside untouched."""

    code = "spool.corrupt"


class WorkerCrashed(FonotekaError):
    """Processing this recording ended the worker again and again; its folder is set aside untouched."""

    code = "worker.crashed"


class SpoolUnwritable(FonotekaError):
    """The spool folder cannot be written to."""

    code = "spool.unwritable"


class WireMalformed(FonotekaError):
    """Bytes from the network are not what they claim to be."""

    code = "wire.malformed"


class MetadataMalformed(WireMalformed):
    """Recording metadata (RFC 7865) cannot be parsed."""

    code = "wire.metadata_malformed"


class SdpMalformed(WireMalformed):
    """A session description (RFC 8866) cannot be parsed."""

    code = "wire.sdp_malformed"


class CodecUnknown(FonotekaError):
    """No decoder is known for this encoding name."""

    code = "codec.unknown"


class AudioMalformed(FonotekaError):
    """Stored audio is not what it claims to be."""

    code = "audio.malformed"


class AudioTooLong(FonotekaError):
    """The recording lasts longer than one file can hold."""

    code = "audio.too_long"


class ExportBusy(FonotekaError):
    """As many exports as this server makes at once are under way; try again in a minute."""

    code = "export.busy"


class ExportDiffers(FonotekaError):
    """An export is not what its manifest says."""

    code = "export.differs"


class PortsExhausted(FonotekaError):
    """Every media port of the configured range is taken."""

    code = "media.ports_exhausted"


class MediaProcessLost(FonotekaError):
    """The media process does not answer."""

    code = "media.process_lost"


class CallRefused(FonotekaError):
    """The recording server refused or did not answer a call that we placed."""

    code = "caller.refused"


class SpeechUnavailable(FonotekaError):
    """Texts cannot be spoken on this machine; give sound files instead."""

    code = "caller.speech_unavailable"


class SettingInvalid(FonotekaError):
    """A setting cannot be used as given."""

    code = "setting.invalid"


class AddressInUse(FonotekaError):
    """The address to listen on is taken by another program."""

    code = "address.in_use"


class DataFolderInUse(FonotekaError):
    """Another Fonoteka works on this data folder."""

    code = "data.in_use"


class RecorderUnreachable(FonotekaError):
    """The recorder does not answer; is it running?"""

    code = "recorder.unreachable"


class RuleInvalid(FonotekaError):
    """A recording rule cannot be saved as it is; the context names rule and field."""

    code = "rule.invalid"


class VersionConflict(FonotekaError):
    """Somebody else has changed it meanwhile; look at the newer version first."""

    code = "version.conflict"


class PeopleInvalid(FonotekaError):
    """Extensions, groups or trunks cannot be saved as they are; the context names the bad lines."""

    code = "people.invalid"


class PeopleNotFound(FonotekaError):
    """There is no such extension, group, trunk or tenant."""

    code = "people.not_found"


class RuleVersionNotFound(FonotekaError):
    """There is no such version of the rules."""

    code = "rule.version_not_found"


class PolicySnapshotCorrupt(FonotekaError):
    """The file with people and rules for the recorder cannot be read."""

    code = "policy.snapshot_corrupt"


class ImportInvalid(FonotekaError):
    """What is to be imported cannot be read."""

    code = "import.invalid"


class UploadConflict(FonotekaError):
    """The idempotency key was used before for another upload."""

    code = "upload.conflict"


class UploadTooLarge(FonotekaError):
    """The upload is larger than this installation takes."""

    code = "upload.too_large"


class ConnectorUnreachable(FonotekaError):
    """The PBX does not answer, or answers something else than it should."""

    code = "connector.unreachable"


class ConnectorRefused(ConnectorUnreachable):
    """The PBX does not let us in, or not do what recording needs; the message says what to change."""

    code = "connector.refused"


class DemoFailed(FonotekaError):
    """The demo could not be brought up."""

    code = "demo.failed"


class AlertNotFound(FonotekaError):
    """There is no such alert."""

    code = "alert.not_found"


class AddressInvalid(FonotekaError):
    """An e-mail or web address cannot be used; the context names the field."""

    code = "address.invalid"


class ChannelNotFound(FonotekaError):
    """There is no such channel."""

    code = "channel.not_found"


class ChannelInvalid(FonotekaError):
    """A channel cannot be saved or used as it is; the context names the field."""

    code = "channel.invalid"


class DeliveryNotFound(FonotekaError):
    """There is no such delivery."""

    code = "delivery.not_found"


class DeliveryFailed(FonotekaError):
    """A test message could not be delivered."""

    code = "delivery.failed"


class ScoreFormNotFound(FonotekaError):
    """There is no such scorecard, or none of its versions is active."""

    code = "score_form.not_found"


class ScoreQueueNotFound(FonotekaError):
    """There is no such queue of calls to mark, or the call does not wait in it."""

    code = "score_queue.not_found"


class EvaluationNotFound(FonotekaError):
    """There is no such evaluation."""

    code = "evaluation.not_found"


class EvaluationClosed(FonotekaError):
    """The evaluation is not open for that now."""

    code = "evaluation.closed"


class AppealClosed(FonotekaError):
    """No appeal waits for an answer, or there was one already."""

    code = "appeal.closed"


class ModelMissing(FonotekaError):
    """There is no such speech model, or none is in use for the language."""

    code = "speech.model_missing"


class ModelInvalid(FonotekaError):
    """A speech model's folder is wrong, half there, or of another kind."""

    code = "speech.model_invalid"


class EngineUnavailable(FonotekaError):
    """The speech server does not answer, or not now; it is asked again."""

    code = "speech.engine_unavailable"


class EngineRefused(FonotekaError):
    """The speech server does not take what it is asked, or answers what cannot be understood."""

    code = "speech.engine_refused"


class LanguageInvalid(FonotekaError):
    """A language for speech is not one that can be asked for; the context names the group."""

    code = "speech.language_invalid"


class MailUnavailable(FonotekaError):
    """No mail server is set, so nothing can be sent."""

    code = "mail.not_configured"


class RecipientForbidden(FonotekaError):
    """Nothing may be sent to addresses of this domain."""

    code = "recipient.forbidden"


class ShareLimit(FonotekaError):
    """So much was shared within an hour that it looks like a slip; try again later."""

    code = "share.too_many"


class ShareNotFound(FonotekaError):
    """Nothing of that id was shared."""

    code = "share.not_found"


class LinkNotFound(FonotekaError):
    """There is no such link."""

    code = "link.not_found"


class LinkNotOpened(FonotekaError):
    """The link must be opened in this browser first."""

    code = "link.not_opened"


class LinkPasswordRefused(FonotekaError):
    """The password of the link does not fit."""

    code = "link.password_refused"


class LinkOver(FonotekaError):
    """The link is not good any more."""

    code = "link.over"


class LinkExpired(LinkOver):
    """The link's time is over."""

    code = "link.expired"


class LinkUsedUp(LinkOver):
    """The link was opened as often as it may be."""

    code = "link.used_up"


class LinkRevoked(LinkOver):
    """The link was revoked."""

    code = "link.revoked"


class LinkWithdrawn(LinkOver):
    """Whoever shared this may not share it any more."""

    code = "link.withdrawn"


class SignallingRefused(FonotekaError):
    """A SIP request cannot be served; `status` is the response that says so (RFC 3261 §21).

    `refused_because` is set where a call cannot be recorded for want of room: the ledger tells it.
    """

    code = "signalling.refused"

    def __init__(
        self,
        status: int,
        detail: str,
        headers: tuple[tuple[str, str], ...] = (),
        refused_because: str = "",
    ) -> None:
        super().__init__(detail, status=status)
        self.status = status
        self.headers = headers
        self.refused_because = refused_because


def all_errors() -> tuple[type[FonotekaError], ...]:
    """Every error class of the product, base included, for the documentation and the API."""
    found: list[type[FonotekaError]] = [FonotekaError]
    for known in found:
        found.extend(known.__subclasses__())
    return tuple(found)
