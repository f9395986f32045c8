"""No use case shows one tenant anything of another, not even that it exists."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from fonoteka import archive as use_cases
from fonoteka.archive import (
    Archive,
    AudioFormat,
    AudioPurpose,
    ExportFormat,
    bin_recording,
    call_report,
    call_sources,
    change_tag,
    comment_call,
    count_calls,
    count_held,
    delete_comment,
    delete_tag,
    edit_comment,
    export_to_folder,
    find_calls,
    find_ledger,
    first_to_go,
    get_annotations,
    get_call,
    get_recording,
    going,
    keep_call,
    kept_until,
    ledger_shares,
    list_tags,
    live_calls,
    look_at_selection,
    mark_call,
    merge_tags,
    neighbours,
    note_history,
    open_audio,
    open_exported,
    pause_call,
    place_legal_hold,
    preview_change,
    preview_plan,
    preview_retention,
    read_peaks,
    register_call,
    restore_comment,
    restore_recording,
    resume_call,
    shelve_recording,
    storage_overview,
    tag_call,
    unmark_call,
    untag_call,
    walk_selection,
    write_note,
    zip_calls,
)
from fonoteka.domain.access import Actor, Permission
from fonoteka.domain.annotations import Comment, Tag
from fonoteka.domain.call import Call
from fonoteka.domain.errors import CallNotFound, FonotekaError, RecordingNotFound, TagNotFound
from fonoteka.domain.ids import new_id
from fonoteka.domain.legal_hold import HoldFilter
from fonoteka.domain.ports import LiveCall
from fonoteka.domain.query import CallQuery, CallSelection, CallTotals, LedgerGrouping
from fonoteka.domain.recording import RecordingState
from fonoteka.domain.report import CallerFigures, Days, Figures
from fonoteka.domain.retention import RetentionTerm, RetentionTerms, TermScope
from fonoteka.domain.storage_plan import StoragePlan, WhenFull
from fonoteka.domain.storage_use import Amount, Leaving, StorageDryRun
from tests.archive.test_shelving import PEAKS, assembled
from tests.examples import actor, call
from tests.live_calls import LiveCalls

Ask = Callable[[Archive, Actor, Call], object]


def in_progress(one: Call) -> LiveCalls:
    """A recorder in which that call is being recorded."""
    live = LiveCall(
        recording_id=one.recordings[0].id,
        call_id=one.id,
        tenant_id=one.tenant_id,
        source=one.source,
        started_at=one.started_at,
        direction=one.direction,
        participants=(),
        decision=None,
        is_paused=False,
        pause_reason="",
        resumes_at=None,
        kept=None,
    )
    return LiveCalls([live])


def our_tag(archive: Archive, name: str = "Tag") -> str:
    """The id of a tag of ours, made without a word in the access log."""
    with archive.store.transaction() as tx:
        known = tx.tags.of_name("ours", name) or Tag(new_id(), "ours", name)
        tx.tags.add(known)
    return known.id


def our_comment(archive: Archive, one: Call) -> str:
    """The id of a comment of ours, by the same silent way."""
    who = actor("ours")
    comment = Comment(new_id(), one.id, None, None, "text", who.id, who.name, one.started_at)
    with archive.store.transaction() as tx:
        tx.annotations.comments.add("ours", comment)
    return comment.id


BY_ID: dict[str, tuple[Ask, type[FonotekaError]]] = {
    "get_call": (lambda a, who, one: get_call(a, who, one.id), CallNotFound),
    "neighbours": (lambda a, who, one: neighbours(a, who, one.id, CallQuery()), CallNotFound),
    "get_recording": (lambda a, who, one: get_recording(a, who, one.recordings[0].id), RecordingNotFound),
    "open_audio": (
        lambda a, who, one: open_audio(a, who, one.recordings[0].id, AudioFormat.OPUS, AudioPurpose.DOWNLOAD),
        RecordingNotFound,
    ),
    "read_peaks": (lambda a, who, one: read_peaks(a, who, one.recordings[0].id), RecordingNotFound),
    "bin_recording": (
        lambda a, who, one: bin_recording(a, who, one.recordings[0].id),
        RecordingNotFound,
    ),
    "restore_recording": (
        lambda a, who, one: restore_recording(a, who, one.recordings[0].id),
        RecordingNotFound,
    ),
    "kept_until": (lambda a, who, one: kept_until(a, who, one.recordings[0].id), RecordingNotFound),
    "get_annotations": (lambda a, who, one: get_annotations(a, who, one.id), CallNotFound),
    "note_history": (lambda a, who, one: note_history(a, who, one.id), CallNotFound),
    "write_note": (lambda a, who, one: write_note(a, who, one.id, "text", 0), CallNotFound),
    "get_customer": (lambda a, who, one: use_cases.get_customer(a, who, one.id), CallNotFound),
    "customer_calls": (lambda a, who, one: use_cases.customer_calls(a, who, one.id), CallNotFound),
    "customer_note_history": (
        lambda a, who, one: use_cases.customer_note_history(a, who, one.id),
        CallNotFound,
    ),
    "write_customer_note": (
        lambda a, who, one: use_cases.write_customer_note(a, who, one.id, "text", 0),
        CallNotFound,
    ),
    "listeners": (lambda a, who, one: use_cases.listeners(a, who, one.id), CallNotFound),
    "mark_call": (lambda a, who, one: mark_call(a, who, one.id, 3), CallNotFound),
    "unmark_call": (lambda a, who, one: unmark_call(a, who, one.id), CallNotFound),
    "tag_call": (lambda a, who, one: tag_call(a, who, one.id, our_tag(a)), CallNotFound),
    "untag_call": (lambda a, who, one: untag_call(a, who, one.id, our_tag(a)), CallNotFound),
    "change_tag": (lambda a, who, one: change_tag(a, who, our_tag(a), "Other"), TagNotFound),
    "merge_tags": (lambda a, who, one: merge_tags(a, who, our_tag(a), our_tag(a, "Other")), TagNotFound),
    "delete_tag": (lambda a, who, one: delete_tag(a, who, our_tag(a)), TagNotFound),
    "comment_call": (lambda a, who, one: comment_call(a, who, one.id, "text"), CallNotFound),
    "edit_comment": (
        lambda a, who, one: edit_comment(a, who, one.id, our_comment(a, one), "other", 1),
        CallNotFound,
    ),
    "delete_comment": (
        lambda a, who, one: delete_comment(a, who, one.id, our_comment(a, one)),
        CallNotFound,
    ),
    "restore_comment": (
        lambda a, who, one: restore_comment(a, who, one.id, our_comment(a, one)),
        CallNotFound,
    ),
    "place_legal_hold": (
        lambda a, who, one: place_legal_hold(a, who, "case", "why", call_ids=[one.id]),
        CallNotFound,
    ),
    "pause_call": (
        lambda a, who, one: pause_call(a, in_progress(one), who, one.recordings[0].id),
        RecordingNotFound,
    ),
    "resume_call": (
        lambda a, who, one: resume_call(a, in_progress(one), who, one.recordings[0].id),
        RecordingNotFound,
    ),
    "keep_call": (
        lambda a, who, one: keep_call(a, in_progress(one), who, one.recordings[0].id),
        RecordingNotFound,
    ),
}
EVERYTHING = CallSelection(query=CallQuery())
LOWERED = StoragePlan("", quota_bytes=1_000_000, when_full=WhenFull.OVERWRITE_OLDEST)
SOON = RetentionTerms("", terms=(RetentionTerm(TermScope.TENANT, delete_after_days=1),))
NOTHING_GOES = StorageDryRun({one: Amount() for one in Leaving}, (), None, 0, 0, 0)

LISTS: dict[str, tuple[Ask, object]] = {
    "list_tags": (lambda a, who, one: our_tag(a) and list_tags(a, who), ()),
    "find_calls": (lambda a, who, one: find_calls(a, who, CallQuery()).items, ()),
    "count_calls": (lambda a, who, one: count_calls(a, who, CallQuery()), CallTotals(0, 0)),
    "call_sources": (lambda a, who, one: call_sources(a, who), ()),
    "storage_overview": (lambda a, who, one: storage_overview(a, who).used, Amount()),
    "preview_plan": (lambda a, who, one: preview_plan(a, who, LOWERED), NOTHING_GOES),
    "preview_retention": (lambda a, who, one: preview_retention(a, who, SOON), NOTHING_GOES),
    "preview_change": (lambda a, who, one: preview_change(a, who, terms=SOON), NOTHING_GOES),
    "first_to_go": (lambda a, who, one: tuple(first_to_go(a, who)), ()),
    "going": (lambda a, who, one: tuple(going(a, who, terms=SOON)), ()),
    "count_held": (lambda a, who, one: count_held(a, who, HoldFilter(since=one.started_at)), 0),
    "live_calls": (lambda a, who, one: live_calls(in_progress(one), who), ()),
    "look_at_selection": (
        lambda a, who, one: look_at_selection(a, who, CallSelection((one.id,))).recordings,
        0,
    ),
    "walk_selection": (
        lambda a, who, one: tuple(walk_selection(a, who, EVERYTHING, Permission.RECORDING_DOWNLOAD)),
        (),
    ),
    "call_report": (
        lambda a, who, one: (
            (report := call_report(a, who, Days(one.started_at.date(), one.started_at.date()))).figures,
            report.agents,
            report.groups,
            report.callers,
        ),
        (Figures(), (), (), CallerFigures()),
    ),
    "open_exported": (lambda a, who, one: tuple(open_exported(a, who, EVERYTHING, ExportFormat())), ()),
    "export_to_folder": (
        lambda a, who, one: tuple(
            export_to_folder(a, who, EVERYTHING, ExportFormat(), a.cache_folder / who.tenant_id)
        ),
        (),
    ),
    "zip_calls": (
        lambda a, who, one: zipfile.ZipFile(
            io.BytesIO(b"".join(zip_calls(a, who, EVERYTHING, ExportFormat())))
        ).namelist()[:-2],
        [],
    ),
    "find_ledger": (lambda a, who, one: find_ledger(a, who, CallQuery()).items, ()),
    "ledger_shares": (
        lambda a, who, one: tuple(
            share
            for by in LedgerGrouping
            for share in ledger_shares(a, who, one.started_at, one.started_at + timedelta(days=1), by)
        ),
        (),
    ),
}
OF_THE_PIPELINE = {
    "register_call",
    "announce_calls",
    "report_missing",
    "shelve_recording",
    "fail_recording",
    "remove_deleted_audio",
    "check_reports",
    "report_csv",
    "count_hours",
    "count_sound",
    "fold_tallies",
    "sum_months",
    "make_room",
    "refusing_tenants",
    "audit_storage",
    "sweep_retention",
}
# Writes to the actor's own tenant and reads nothing.
OF_THE_ACTOR = {"create_tag", "note_upload"}
# Reads files that somebody has anyway.
OF_NOBODY = {"check_export"}
# About the actor's own tenant by its id alone (tests/archive/test_storage.py has two tenants).
OF_THE_TENANT = {
    "ask_storage_audit",
    "change_plan",
    "change_retention",
    "confirm_sweep",
    "empty_bin",
    "legal_holds",
    "list_binned",
    "plan_history",
    "release_legal_hold",
    "retention_terms",
    "storage_audit_state",
    "storage_forecast",
    "storage_plan",
}
# tests/archive/test_bulk.py and test_bulk_tagging.py have two tenants.
IN_STEPS = {
    "bin_selection",
    "hold_selection",
    "restore_selection",
    "tag_selection",
    "undo_tagging",
    "untag_selection",
}
# Ask for nothing but what was read already, or for a name among the tenant's tags.
OF_WORDS = {"may_delete_comment", "tag_of_name"}
# Of the actor alone (tests/archive/test_saved_searches.py has two tenants).
OF_ONES_OWN = {"change_search", "create_search", "delete_search", "list_searches", "restore_search"}


@pytest.fixture
def shelved(archive: Archive, audio: Path) -> Call:
    one = call(tenant_id="ours")
    register_call(archive, one)
    shelve_recording(archive, assembled(one), audio, PEAKS)
    return one


def test_every_use_case_is_in_the_tables() -> None:
    verbs = {name for name in use_cases.__all__ if name.islower()}
    assert (
        verbs
        == set(BY_ID)
        | set(LISTS)
        | OF_THE_PIPELINE
        | OF_THE_ACTOR
        | OF_NOBODY
        | OF_THE_TENANT
        | IN_STEPS
        | OF_ONES_OWN
        | OF_WORDS
    )


@pytest.mark.parametrize("name", BY_ID)
def test_what_is_not_ours_is_not_found(archive: Archive, shelved: Call, name: str) -> None:
    ask, error = BY_ID[name]
    with pytest.raises(error) as caught:
        ask(archive, actor("theirs"), shelved)
    assert "ours" not in str(caught.value)
    with archive.store.reading() as tx:
        assert tx.audit.newest("theirs", 9) == tx.audit.newest("ours", 9) == ()
    known = get_recording(archive, actor("ours"), shelved.recordings[0].id)
    assert known.state is RecordingState.READY
    ask(archive, actor("ours"), shelved)


@pytest.mark.parametrize("name", LISTS)
def test_lists_and_counts_hold_our_own(archive: Archive, shelved: Call, name: str) -> None:
    ask, nothing = LISTS[name]
    assert ask(archive, actor("theirs"), shelved) == nothing
    assert ask(archive, actor("ours"), shelved) != nothing


def test_neighbours_are_our_own(archive: Archive, shelved: Call) -> None:
    theirs = call(tenant_id="theirs")
    register_call(archive, theirs)
    assert neighbours(archive, actor("theirs"), theirs.id, CallQuery()) == (None, None)
