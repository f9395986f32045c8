"""English words of alerts. Each condition: what is wrong, what that means, what to do."""

from __future__ import annotations

from fonoteka.alerts.facts import FactWriter
from fonoteka.domain.alerts import Condition, NewsKind

Triple = tuple[str, str, str]


def _filling(f: FactWriter, level: int) -> Triple:
    days = f" (in about {f.counted('days_left', 'day', 'days')})" if f.has("days_left") else ""
    when = ""
    if f.has("full_on") and level < 100:
        when = f" At this rate it is full on {f.day('full_on')}{days}."
    title = "The storage is full" if level >= 100 else f"The storage is {f.percent('percent')} full"
    text = f"{f.size('used_bytes')} of {f.size('quota_bytes')} are used.{when}"
    return title, text, "Make the quota larger, shorten the retention, or delete what nobody needs."


def _overwriting(f: FactWriter, level: int) -> Triple:
    text = "The storage is full, so each new recording takes the place of the oldest that nothing protects."
    if f.has("oldest_at"):
        text += f" The oldest one kept is of {f.moment('oldest_at')}."
    return (
        "Old recordings are being overwritten",
        text,
        "Make the quota larger if they are to stay, or put a legal hold on those that matter.",
    )


def _refusing(f: FactWriter, level: int) -> Triple:
    return (
        "New recordings are refused",
        f"All of {f.size('quota_bytes')} is used and protected. Calls go on, but are not kept.",
        "Make the quota larger, or release what may go.",
    )


def _disk_low(f: FactWriter, level: int) -> Triple:
    free = f"{f.size('free_bytes')} are free where the data folder lies"
    machine = f" on {f.text('machine')}" if f.has("machine") else ""
    if level >= 2:
        title, text = "The disk is full", f"{free}{machine}. New calls are not recorded."
    else:
        title = "The disk is running low"
        text = f"{free}{machine}. Below {f.size('needed_bytes')} new calls are not recorded."
    return title, text, "Free some space, or move the data folder to a larger disk."


def _recorder_down(f: FactWriter, level: int) -> Triple:
    return (
        "The recorder is not running",
        f"New calls are not recorded on {f.text('machine')}.",
        "Start fonoteka serve again and look at its log.",
    )


def _worker_down(f: FactWriter, level: int) -> Triple:
    waiting = ""
    if f.has("waiting"):
        waiting = f" {f.counted('waiting', 'recording waits', 'recordings wait')} on disk."
    return (
        "Recordings are not processed",
        f"Calls are recorded on {f.text('machine')}, but nobody can listen to them yet.{waiting}",
        "Start fonoteka serve again and look at its log.",
    )


def _connector_lost(f: FactWriter, level: int) -> Triple:
    since = f" since {f.moment('since')}" if f.has("since") else ""
    return (
        f"No connection to {f.text('connector')}",
        f"The PBX has not answered{since}. Calls that begin meanwhile are not recorded.",
        "Look whether the PBX runs, can be reached from here, and takes the user and password that are set.",
    )


def _missing(f: FactWriter, level: int) -> Triple:
    counted = f.counted("calls", "call lacks its recording", "calls lack their recordings")
    return (
        "Recordings are missing",
        f"Within the last day {counted}.",
        "The page of completeness shows them; look whether the PBX sends these calls to the recorder.",
    )


def _failed(f: FactWriter, level: int) -> Triple:
    counted = f.counted("recordings", "recording lies", "recordings lie")
    return (
        "Recordings could not be processed",
        f"{counted} untouched in spool/failed on {f.text('machine')}.",
        "The worker's log names the reason. To try one again, move its folder to spool/sealed.",
    )


def _clock(f: FactWriter, level: int) -> Triple:
    since = f" since {f.moment('since')}" if f.has("since") else ""
    return (
        "The clock has jumped",
        f"So far ahead that nothing old is deleted any more{since}, lest recordings go before their time.",
        "Set the clock right and let NTP keep it; then say so with fonoteka storage confirm.",
    )


def _audio_missing(f: FactWriter, level: int) -> Triple:
    counted = f.counted("recordings", "recording", "recordings")
    return (
        "Audio is missing in the store",
        f"The audit found {counted} whose files are gone or have another size.",
        "fonoteka storage audit names them. Put the files back from a backup.",
    )


def _topic(f: FactWriter, level: int) -> Triple:
    page = f" {f.text('page')}" if f.has("page") else ""
    return (
        f"Topic “{f.text('topic')}” was heard",
        f"In {f.counted('calls', 'new call', 'new calls')}.{page}",
        "Listen to it on the page of the call, from the moment that is marked.",
    )


CONDITIONS = {
    Condition.STORAGE_FILLING: _filling,
    Condition.STORAGE_OVERWRITING: _overwriting,
    Condition.STORAGE_REFUSING: _refusing,
    Condition.DISK_LOW: _disk_low,
    Condition.RECORDER_DOWN: _recorder_down,
    Condition.WORKER_DOWN: _worker_down,
    Condition.CONNECTOR_LOST: _connector_lost,
    Condition.RECORDING_MISSING: _missing,
    Condition.RECORDING_FAILED: _failed,
    Condition.TOPIC_HEARD: _topic,
    Condition.CLOCK_JUMPED: _clock,
    Condition.AUDIO_MISSING: _audio_missing,
}
KINDS = {
    NewsKind.RAISED: "New",
    NewsKind.ESCALATED: "Worse",
    NewsKind.REMINDED: "Still so",
    NewsKind.CLEARED: "Over",
}
PHRASES = {
    "since": "Since %s",
    "was": "From %s to %s",
    "open": "Open the alerts",
    "digest": "Several alerts: %d",
    "digest_text": "So many came within an hour that the rest is told together.",
    "why": "You get this because this address is a channel of the alerts of %s.",
    "why_alone": "You get this because this address is a channel of Fonoteka's alerts.",
    "test_subject": "Test of the alerts",
    "test_text": "This message was asked for with the test button. Alerts will reach you the same way.",
    "product": "Fonoteka",
}
