"""What people do with calls: find, play, download, delete. Use cases are verbs."""

from fonoteka.archive.announcing import announce_calls
from fonoteka.archive.archive import Archive
from fonoteka.archive.deletion import delete_recording, remove_deleted_audio
from fonoteka.archive.finding import count_calls, find_calls, get_call, get_recording, neighbours
from fonoteka.archive.ledger import find_ledger, ledger_shares, report_missing
from fonoteka.archive.listening import AudioFormat, AudioPurpose, OpenAudio, open_audio, read_peaks
from fonoteka.archive.live import keep_call, live_calls, pause_call, resume_call
from fonoteka.archive.registration import register_call
from fonoteka.archive.shelving import fail_recording, shelve_recording
from fonoteka.archive.upkeep import count_sound, fold_tallies
from fonoteka.archive.uploads import note_upload

__all__ = [
    "Archive",
    "AudioFormat",
    "AudioPurpose",
    "OpenAudio",
    "announce_calls",
    "count_calls",
    "count_sound",
    "delete_recording",
    "fail_recording",
    "find_calls",
    "find_ledger",
    "fold_tallies",
    "get_call",
    "get_recording",
    "keep_call",
    "ledger_shares",
    "live_calls",
    "neighbours",
    "note_upload",
    "open_audio",
    "pause_call",
    "read_peaks",
    "register_call",
    "remove_deleted_audio",
    "report_missing",
    "resume_call",
    "shelve_recording",
]
