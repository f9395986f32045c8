"""What people do with calls: find, play, download, delete. Use cases are verbs."""

from fonoteka.archive.annotating import (
    get_annotations,
    mark_call,
    note_history,
    tag_call,
    unmark_call,
    untag_call,
    write_note,
)
from fonoteka.archive.announcing import announce_calls
from fonoteka.archive.archive import Archive
from fonoteka.archive.bin import bin_recording, empty_bin, remove_deleted_audio, restore_recording
from fonoteka.archive.bin_listing import Binned, list_binned
from fonoteka.archive.bulk import bin_selection, hold_selection, look_at_selection, restore_selection
from fonoteka.archive.bulk_tagging import tag_selection, undo_tagging, untag_selection
from fonoteka.archive.commenting import (
    comment_call,
    delete_comment,
    edit_comment,
    may_delete_comment,
    restore_comment,
)
from fonoteka.archive.customers import (
    customer_calls,
    customer_note_history,
    get_customer,
    write_customer_note,
)
from fonoteka.archive.dry_run import first_to_go, going, preview_change, preview_plan, preview_retention
from fonoteka.archive.export_check import check_export
from fonoteka.archive.exporting import ExportedFile, ExportFormat, open_exported
from fonoteka.archive.finding import (
    call_sources,
    count_calls,
    find_calls,
    get_call,
    get_recording,
    neighbours,
)
from fonoteka.archive.folder_export import export_to_folder
from fonoteka.archive.forecasting import GroupGrowth, StorageForecast, storage_forecast
from fonoteka.archive.holds import count_held, legal_holds, place_legal_hold, release_legal_hold
from fonoteka.archive.ledger import find_ledger, ledger_shares, report_missing
from fonoteka.archive.listeners import listeners
from fonoteka.archive.listening import AudioFormat, AudioPurpose, OpenAudio, open_audio, read_peaks
from fonoteka.archive.live import keep_call, live_calls, pause_call, resume_call
from fonoteka.archive.overview import storage_overview
from fonoteka.archive.registration import register_call
from fonoteka.archive.report_csv import ReportTable, report_csv
from fonoteka.archive.reporting import ReportCheck, call_report, check_reports
from fonoteka.archive.retention import change_retention, kept_until, retention_terms
from fonoteka.archive.room import make_room, refusing_tenants
from fonoteka.archive.saved_searches import (
    change_search,
    create_search,
    delete_search,
    list_searches,
    restore_search,
)
from fonoteka.archive.selection import SelectedCalls, walk_selection
from fonoteka.archive.shelving import fail_recording, shelve_recording
from fonoteka.archive.storage_audit import (
    AUDIT_SCHEDULE,
    ask_storage_audit,
    audit_storage,
    storage_audit_state,
)
from fonoteka.archive.storage_plans import change_plan, plan_history, storage_plan
from fonoteka.archive.sweeping import SweepReport, confirm_sweep, sweep_retention
from fonoteka.archive.tags import change_tag, create_tag, delete_tag, list_tags, merge_tags, tag_of_name
from fonoteka.archive.upkeep import count_hours, count_sound, fold_tallies, sum_months
from fonoteka.archive.uploads import note_upload
from fonoteka.archive.zip_export import zip_calls

__all__ = [
    "AUDIT_SCHEDULE",
    "Archive",
    "AudioFormat",
    "AudioPurpose",
    "Binned",
    "ExportFormat",
    "ExportedFile",
    "GroupGrowth",
    "OpenAudio",
    "ReportCheck",
    "ReportTable",
    "SelectedCalls",
    "StorageForecast",
    "SweepReport",
    "announce_calls",
    "ask_storage_audit",
    "audit_storage",
    "bin_recording",
    "bin_selection",
    "call_report",
    "call_sources",
    "change_plan",
    "change_retention",
    "change_search",
    "change_tag",
    "check_export",
    "check_reports",
    "comment_call",
    "confirm_sweep",
    "count_calls",
    "count_held",
    "count_hours",
    "count_sound",
    "create_search",
    "create_tag",
    "customer_calls",
    "customer_note_history",
    "delete_comment",
    "delete_search",
    "delete_tag",
    "edit_comment",
    "empty_bin",
    "export_to_folder",
    "fail_recording",
    "find_calls",
    "find_ledger",
    "first_to_go",
    "fold_tallies",
    "get_annotations",
    "get_call",
    "get_customer",
    "get_recording",
    "going",
    "hold_selection",
    "keep_call",
    "kept_until",
    "ledger_shares",
    "legal_holds",
    "list_binned",
    "list_searches",
    "list_tags",
    "listeners",
    "live_calls",
    "look_at_selection",
    "make_room",
    "mark_call",
    "may_delete_comment",
    "merge_tags",
    "neighbours",
    "note_history",
    "note_upload",
    "open_audio",
    "open_exported",
    "pause_call",
    "place_legal_hold",
    "plan_history",
    "preview_change",
    "preview_plan",
    "preview_retention",
    "read_peaks",
    "refusing_tenants",
    "register_call",
    "release_legal_hold",
    "remove_deleted_audio",
    "report_csv",
    "report_missing",
    "restore_comment",
    "restore_recording",
    "restore_search",
    "restore_selection",
    "resume_call",
    "retention_terms",
    "shelve_recording",
    "storage_audit_state",
    "storage_forecast",
    "storage_overview",
    "storage_plan",
    "sum_months",
    "sweep_retention",
    "tag_call",
    "tag_of_name",
    "tag_selection",
    "undo_tagging",
    "unmark_call",
    "untag_call",
    "untag_selection",
    "walk_selection",
    "write_customer_note",
    "write_note",
    "zip_calls",
]
