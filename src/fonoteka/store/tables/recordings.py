"""Recordings and their tracks, and what was stored on each day."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, false, text

from fonoteka.store.columns import Instant, PlainText
from fonoteka.store.tables.base import COUNTED, metadata, of_tenant

recordings = Table(
    "recordings",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("call_id", PlainText, ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    of_tenant(),
    Column("state", PlainText, nullable=False),
    Column("end_reason", PlainText, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("codec", PlainText, nullable=False),
    Column("profile", PlainText, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", PlainText, nullable=False),
    # After deletion the keys stay until the objects are gone, so that a crash between is made good.
    Column("object_key", PlainText),
    Column("peaks_key", PlainText),
    Column("strip", PlainText, nullable=False),
    Column("marks", PlainText, nullable=False, server_default="[]"),
    Column("error_code", PlainText),
    Column("deleted_at", Instant),
    # Audio and peaks as they count against the quota; 0 from the moment of deletion on.
    Column("stored_bytes", BigInteger, nullable=False, server_default="0"),
    # Which rule decided the call: "" its default, NULL none was asked.
    Column("rule_id", PlainText),
    Column("is_held", Boolean, nullable=False, server_default=false()),
    Column("protected_until", Instant),
    Column("protected_by", PlainText, nullable=False, server_default=""),
    Column("delete_at", Instant),
    Column("delete_by", PlainText, nullable=False, server_default=""),
    Column("binned_at", Instant),
    Column("restored_at", Instant),
    Column("removal_cause", PlainText),
    Column("removal_detail", PlainText, nullable=False, server_default=""),
    # Made of the columns above by `standings`: the class in the quota, and when a sweep must look again.
    Column("standing", PlainText, nullable=False, server_default=""),
    Column("due_at", Instant),
    # The oldest of a class and the sums of all classes, without the rows.
    Index(
        "ix_recordings_standing", "tenant_id", "standing", "started_at", "id", "stored_bytes", "duration_ms"
    ),
    Index("ix_recordings_due", "tenant_id", "standing", "due_at", "id"),
    Index("ix_recordings_tenant", "tenant_id", "id"),
    Index("ix_recordings_call", "call_id", "started_at", "id"),
    Index("ix_recordings_started", "tenant_id", "started_at"),
    Index(
        "ix_recordings_deleted",
        "tenant_id",
        "deleted_at",
        sqlite_where=text("deleted_at IS NOT NULL"),
        postgresql_where=text("deleted_at IS NOT NULL"),
    ),
    Index(
        "ix_recordings_held",
        "tenant_id",
        "call_id",
        sqlite_where=text("is_held = 1"),
        postgresql_where=text("is_held"),
    ),
    Index(
        "ix_recordings_binned",
        "tenant_id",
        "call_id",
        sqlite_where=text("binned_at IS NOT NULL"),
        postgresql_where=text("binned_at IS NOT NULL"),
    ),
    Index("ix_recordings_state", "state", "id"),
)

tracks = Table(
    "tracks",
    metadata,
    Column("recording_id", PlainText, ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    of_tenant(),
    Column("party", PlainText),
    Column("participant_id", PlainText),
    Column("label", PlainText, nullable=False),
    Column("codec", PlainText, nullable=False),
    Column("sample_rate_hz", Integer, nullable=False),
    Column("packets", BigInteger, nullable=False),
    Column("lost_packets", BigInteger, nullable=False),
    Column("gap_ms", BigInteger, nullable=False),
)

# What was stored of calls that began on each UTC day, of a tenant (`group_id` empty) and of its groups.
# Triggers mark the days on which something changed; `SoundDays` counts these anew.
sound_days = Table(
    "sound_days",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    Column("group_id", PlainText, primary_key=True),
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("added_bytes", BigInteger, nullable=False),
    Column("stored_recordings", BigInteger, nullable=False),
    Column("stored_ms", BigInteger, nullable=False),
    Column("stored_bytes", BigInteger, nullable=False),
    # Of recordings of whatever day that went on this one.
    Column("removed_bytes", BigInteger, nullable=False),
)

sound_marks = Table(
    "sound_marks",
    metadata,
    Column("id", COUNTED, primary_key=True),
    of_tenant(),
    # None: every day, the groups having changed.
    Column("day", BigInteger),
    Index("ix_sound_marks_day", "tenant_id", "day"),
)
