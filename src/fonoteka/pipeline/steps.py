"""What the steps do, free of the workflow engine. Each may run twice and may be cut at any point."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from fonoteka.archive import Archive, fail_recording, register_call, shelve_recording
from fonoteka.audio.encode import encode_opus
from fonoteka.audio.formats import to_flac
from fonoteka.audio.mixdown import LaidOut
from fonoteka.audio.peaks import peaks, strip
from fonoteka.audio.sound import Sound
from fonoteka.audio.timeline import AssembledTrack
from fonoteka.domain.call import Call, CallOutcome, Participant
from fonoteka.domain.errors import RecordingNotFound
from fonoteka.domain.mark import Mark, MarkKind, key_marks, marks_of
from fonoteka.domain.ports import LiveControl
from fonoteka.domain.profiles import DEFAULT_PROFILE, AudioProfile, profile_used, profile_wanted
from fonoteka.domain.recording import ActivityStrip, EndReason, Recording, RecordingState, Track
from fonoteka.domain.sealed import KEPT_NAME, SealedRecording, SealedStream
from fonoteka.pipeline.spooled import SOUND_FILE, SpooledAudio, read_audio, read_manifest
from fonoteka.pipeline.wanted import has_audio, outcome_of
from fonoteka.settings import DataFolder
from fonoteka.speech import SpeechRoom, order_speech

log = logging.getLogger(__name__)

PEAKS_INTERVAL_MS = 50
CALL_MS_MAX = 24 * 3_600_000
PROCESS = "process"
WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Bench:
    """What the steps work with."""

    archive: Archive
    folder: DataFolder
    live: LiveControl | None = None
    """The recorder of this data folder, where there is one to ask."""
    speech: SpeechRoom | None = None
    """Where analyses are ordered; None: nothing is analysed."""


def register(bench: Bench, recording_id: str) -> str:
    """Make the call known. Raises `SpoolCorrupt`.

    `PROCESS`: its recording is known as well, as being processed. `WAITING`: nothing was done, somebody may
    still ask for this on-demand recording. Else the outcome of a call without one; its folder is gone.
    """
    spooled = bench.folder.spool_sealed / recording_id
    for cut in CallOutcome:
        left = _forgotten(bench, recording_id, cut)
        if left.exists() and not spooled.exists() and _forget(left, spooled, cut):
            return cut
    if not spooled.exists():
        return PROCESS
    sealed = read_manifest(spooled)
    outcome = outcome_of(spooled, sealed)
    if outcome is None:
        return WAITING
    call = replace(_call(sealed), outcome=outcome)
    if not has_audio(outcome, sealed):
        register_call(bench.archive, replace(call, recordings=()), _session_id(sealed))
        left = _forgotten(bench, recording_id, outcome)
        shutil.rmtree(left, ignore_errors=True)
        # From here on asking for it is refused.
        spooled.rename(left)
        if _forget(left, spooled, outcome):
            log.info("recording %s: %s, no audio is kept", recording_id, outcome)
            return outcome
        call = replace(call, outcome=sealed.outcome)
    register_call(bench.archive, call, _session_id(sealed))
    return PROCESS


def encode(bench: Bench, recording_id: str) -> None:
    """Assemble, encode and draw: the work folder holds the audio, the peaks and what is known of both.

    Raises `SpoolCorrupt`. Nothing is left half written under the final name.
    """
    spooled = bench.folder.spool_sealed / recording_id
    if not spooled.exists():
        return
    sealed = read_manifest(spooled)
    done = bench.folder.work / recording_id
    shutil.rmtree(done, ignore_errors=True)
    making = bench.folder.work / f"{recording_id}.making"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    rate_max = profile_wanted(_wanted_profile(sealed)).sample_rate_hz_max
    facts = _render(sealed, read_audio(spooled, sealed, rate_max), making)
    _write(making / "facts.json", json.dumps(facts).encode())
    making.rename(done)


def shelve(bench: Bench, recording_id: str) -> None:
    """Put the audio where people find it: objects first, then the row. Raises `StorageFull`."""
    spooled = bench.folder.spool_sealed / recording_id
    if not spooled.exists():
        return
    work = bench.folder.work / recording_id
    if not (work / "facts.json").exists():
        encode(bench, recording_id)
    facts = json.loads((work / "facts.json").read_text())
    sealed = read_manifest(spooled)
    if any(stream.kind == SOUND_FILE for stream in sealed.streams) and "duration_ms" in facts:
        # How long a call was that others recorded is known from the sound alone.
        register_call(bench.archive, replace(_call(sealed), duration_ms=facts["duration_ms"]))
    recording = _described(_recording(sealed), facts)
    drawn = work / "peaks.json"
    shelve_recording(
        bench.archive, recording, _audio(work, recording.codec), drawn.read_bytes() if drawn.exists() else b""
    )
    if bench.speech is not None and recording.state is RecordingState.READY:
        # The spool folder is still there: whoever is interrupted here orders it again.
        order_speech(bench.speech, recording.id, recording.tenant_id)


def sweep(bench: Bench, recording_id: str) -> None:
    """Remove the spool folder and the work folder; only after `shelve`."""
    shutil.rmtree(bench.folder.work / recording_id, ignore_errors=True)
    spooled = bench.folder.spool_sealed / recording_id
    # Renamed first, so that a half removed folder is never taken for a recording.
    gone = bench.folder.work / f"{recording_id}.gone"
    shutil.rmtree(gone, ignore_errors=True)
    if spooled.exists():
        spooled.rename(gone)
        shutil.rmtree(gone)


def set_aside(bench: Bench, recording_id: str, code: str) -> None:
    """A folder that cannot be processed goes to `failed/`, untouched; its row says so if there is one."""
    with contextlib.suppress(RecordingNotFound):
        fail_recording(bench.archive, recording_id, code)
    for name in (recording_id, f"{recording_id}.making"):
        shutil.rmtree(bench.folder.work / name, ignore_errors=True)
    spooled = bench.folder.spool_sealed / recording_id
    if spooled.exists():
        spooled.rename(bench.folder.spool_failed / recording_id)
    log.error("recording %s set aside in %s: %s", recording_id, bench.folder.spool_failed, code)


def _forgotten(bench: Bench, recording_id: str, outcome: CallOutcome) -> Path:
    return bench.folder.work / f"{recording_id}.{outcome}"


def _forget(left: Path, spooled: Path, outcome: CallOutcome) -> bool:
    """Remove a folder that nobody wants; False where somebody had asked for it just before: it is back."""
    if outcome is CallOutcome.NOT_KEPT and (left / KEPT_NAME).exists():
        left.rename(spooled)
        return False
    shutil.rmtree(left)
    return True


def _render(sealed: SealedRecording, audio: SpooledAudio | None, folder: Path) -> dict[str, Any]:
    if audio is None:
        return {"state": RecordingState.SILENT.value}
    laid = audio.laid_out
    profile = profile_used(_wanted_profile(sealed), laid.sample_rate_hz)
    _encode(laid, profile, _audio(folder, profile.codec))
    levels = peaks(laid.channels, laid.sample_rate_hz, PEAKS_INTERVAL_MS)
    duration_ms = round(laid.channels.shape[1] * 1000 / laid.sample_rate_hz)
    tracks = [_track(channel, stream, track) for channel, (stream, track) in enumerate(audio.tracks)]
    _write(folder / "peaks.json", _peaks_document(levels.tolist(), duration_ms, tracks))
    return {
        "state": RecordingState.READY.value,
        "profile": profile.name,
        "started_at_ms": laid.start_ms,
        "duration_ms": duration_ms,
        "strip": strip(levels).encode(),
        "tracks": [asdict(track) for track in tracks],
        "marks": [
            asdict(one)
            for one in (
                *_marks(sealed, laid.start_ms, duration_ms),
                *key_marks(audio.key_presses, laid.start_ms, duration_ms),
            )
        ],
    }


def _marks(sealed: SealedRecording, start_ms: int, duration_ms: int) -> tuple[Mark, ...]:
    spans = (hold for stream in sealed.streams for hold in stream.hold_spans)
    return marks_of(((one.since_ms, one.until_ms, one.reason) for one in spans), start_ms, duration_ms)


def _encode(laid: LaidOut, profile: AudioProfile, path: Path) -> None:
    """Write the file that is kept; it is on the disk when this returns."""
    if profile.codec == "flac":
        to_flac(Sound.of(laid.channels, laid.sample_rate_hz), path)
        with path.open("rb") as file:
            os.fsync(file.fileno())
    else:
        _write(path, encode_opus(laid.channels, laid.sample_rate_hz, profile.name))


def _audio(folder: Path, codec: str) -> Path:
    return folder / f"audio.{codec}"


def _peaks_document(levels: list[list[int]], duration_ms: int, tracks: list[Track]) -> bytes:
    document = {
        "version": 1,
        "interval_ms": PEAKS_INTERVAL_MS,
        "duration_ms": duration_ms,
        "tracks": [
            {"party": tracks[channel].party, "label": tracks[channel].label, "peaks": row}
            for channel, row in enumerate(levels)
        ],
    }
    return json.dumps(document, separators=(",", ":")).encode()


def _track(channel: int, stream: SealedStream, track: AssembledTrack) -> Track:
    return Track(
        index=channel,
        party=None if stream.party is None else stream.party.value,
        participant_id=stream.participant_ids[0] if stream.participant_ids else None,
        label=stream.label,
        codec=track.codec,
        sample_rate_hz=track.sample_rate_hz,
        packets=track.packets,
        lost_packets=track.lost_packets,
        gap_ms=track.gap_ms,
    )


def _call(sealed: SealedRecording) -> Call:
    participants = tuple(
        Participant(one.id, one.party, one.number, one.name, one.aor) for one in sealed.participants
    )
    duration_ms = round((sealed.sealed_at - sealed.opened_at) / timedelta(milliseconds=1))
    return Call(
        id=sealed.call_id,
        tenant_id=sealed.tenant_id,
        source=sealed.source,
        direction=sealed.direction,
        started_at=sealed.opened_at,
        duration_ms=duration_ms if 0 <= duration_ms <= CALL_MS_MAX else 0,
        participants=participants,
        recordings=(_recording(sealed),),
        created_at=sealed.sealed_at,
        outcome=sealed.outcome,
        reason=sealed.reason,
        decision=sealed.decision,
        segments=sealed.segments,
        forwarded_outside=sealed.forwarded_outside,
        external_id=sealed.external_id,
    )


def _session_id(sealed: SealedRecording) -> str:
    """What a SIPREC client calls the call; whatever has an id of its source's is known by that."""
    return "" if sealed.external_id else sealed.communication_session_id


def _recording(sealed: SealedRecording) -> Recording:
    profile = profile_wanted(_wanted_profile(sealed))
    return Recording(
        id=sealed.recording_id,
        call_id=sealed.call_id,
        tenant_id=sealed.tenant_id,
        state=RecordingState.PROCESSING,
        end_reason=EndReason(sealed.end_reason),
        started_at=sealed.opened_at,
        duration_ms=0,
        codec=profile.codec,
        profile=profile.name,
        size_bytes=0,
        sha256="",
        object_key=None,
        peaks_key=None,
        strip=ActivityStrip(()),
        tracks=(),
        error_code=None,
        deleted_at=None,
    )


def _wanted_profile(sealed: SealedRecording) -> str:
    """The name of the profile that the rules chose."""
    return DEFAULT_PROFILE if sealed.decision is None else sealed.decision.profile


def _described(recording: Recording, facts: dict[str, Any]) -> Recording:
    if facts["state"] == RecordingState.SILENT:
        return replace(recording, state=RecordingState.SILENT)
    # A work folder of an earlier version does not name its profile; there was one.
    profile = profile_wanted(facts.get("profile", DEFAULT_PROFILE))
    return replace(
        recording,
        codec=profile.codec,
        profile=profile.name,
        state=RecordingState.READY,
        started_at=recording.started_at + timedelta(milliseconds=facts["started_at_ms"]),
        duration_ms=facts["duration_ms"],
        strip=ActivityStrip.decode(facts["strip"]),
        tracks=tuple(Track(**track) for track in facts["tracks"]),
        marks=tuple(Mark(**{**one, "kind": MarkKind(one["kind"])}) for one in facts.get("marks", ())),
    )


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
