"""The tables. Every row carries its tenant; every instant is `Instant`.

`migrations/` is what makes them; a test compares the two.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from fonoteka.store.columns import Instant, PlainText

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)


_COUNTED = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database gives out."""
_BYTEWISE = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that both databases compare by its bytes in UTF-8, so that a prefix is a range."""
EVERYTHING = '{"reach": "tenant", "group_ids": [], "extensions": [], "added": [], "removed": []}'
"""Rights of whoever was there before rights were: what the role has, over the whole tenant."""


def _tenant() -> Column[str]:
    return Column("tenant_id", PlainText, nullable=False)


calls = Table(
    "calls",
    metadata,
    Column("id", PlainText, primary_key=True),
    _tenant(),
    Column("source", PlainText, nullable=False),
    Column("direction", PlainText, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("outcome", PlainText, nullable=False, server_default="recorded"),
    Column("reason", PlainText, nullable=False, server_default=""),
    Column("decision", PlainText),
    Column("segments", PlainText, nullable=False, server_default="[]"),
    Column("forwarded_outside", Boolean, nullable=False, server_default=false()),
    Column("external_id", PlainText, nullable=False, server_default=""),
    # Every recording of it is silent or one-sided; `is_listed` is what the ordinary list shows, kept beside
    # the outcome because one equality can be the prefix of an index.
    Column("is_unheard", Boolean, nullable=False, server_default=false()),
    Column("is_listed", Boolean, nullable=False, server_default=true()),
    # Newest first is a backward scan of these, and totals need nothing else (3 times faster than the rows);
    # the third keeps a rare direction from scanning a tenant.
    Index("ix_calls_newest", "tenant_id", "started_at", "id", "duration_ms"),
    Index("ix_calls_listed", "tenant_id", "is_listed", "started_at", "id", "duration_ms"),
    Index(
        "ix_calls_listed_of_direction",
        "tenant_id",
        "is_listed",
        "direction",
        "started_at",
        "id",
        "duration_ms",
    ),
    # For lists of one outcome or direction, however rare; of several each is read apart (`call_search`).
    Index("ix_calls_kind", "tenant_id", "outcome", "direction", "started_at", "id"),
    Index("ix_calls_outcome", "outcome", "created_at"),
    Index(
        "ix_calls_announced",
        "tenant_id",
        "started_at",
        sqlite_where=text("source IN ('announced', 'cdr')"),
        postgresql_where=text("source IN ('announced', 'cdr')"),
    ),
    Index(
        "uq_calls_external",
        "tenant_id",
        "source",
        "external_id",
        unique=True,
        sqlite_where=text("external_id <> ''"),
        postgresql_where=text("external_id <> ''"),
    ),
)

call_aliases = Table(
    "call_aliases",
    metadata,
    # Another source's own id of a call, or (source `call`) the id that a recording's call had before it
    # turned out to be one that is known.
    Column("tenant_id", PlainText, primary_key=True),
    Column("source", PlainText, primary_key=True),
    Column("external_id", PlainText, primary_key=True),
    Column("call_id", PlainText, ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    Index("ix_call_aliases_call", "call_id"),
)

participants = Table(
    "participants",
    metadata,
    Column("call_id", PlainText, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _tenant(),
    Column("participant_id", PlainText, nullable=False),
    Column("party", PlainText),
    Column("number", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("aor", PlainText, nullable=False),
    # What a search looks into, made by `matching`: SQLite's LIKE folds the case of ASCII letters alone.
    Column("number_digits", PlainText, nullable=False),
    Column("name_folded", PlainText, nullable=False),
)

# Who ever took part in a tenant's calls: each pair of number and name once, so that a search looks through
# these and not through the calls. `speakers.py` writes the three tables beside the participants.
speakers = Table(
    "speakers",
    metadata,
    Column("id", _COUNTED, primary_key=True),
    _tenant(),
    Column("number_digits", PlainText, nullable=False),
    Column("name_folded", PlainText, nullable=False),
    UniqueConstraint("tenant_id", "number_digits", "name_folded"),
)

# Every ending of the numbers and names: “contains” is “an ending begins with”, a range of the key.
speaker_suffixes = Table(
    "speaker_suffixes",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    Column("kind", PlainText, primary_key=True),
    Column("suffix", _BYTEWISE, primary_key=True),
    Column("speaker_id", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

call_speakers = Table(
    "call_speakers",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    Column("speaker_id", BigInteger, primary_key=True, autoincrement=False),
    Column("started_at", Instant, primary_key=True),
    Column("call_id", PlainText, primary_key=True),
    sqlite_with_rowid=False,
)

# How many calls of each kind began on each UTC day. Triggers on `calls` add a row for every change in the
# same transaction; `CallTallies.fold` joins rows of a kind. What counts is their sum.
call_tallies = Table(
    "call_tallies",
    metadata,
    Column("id", _COUNTED, primary_key=True),
    _tenant(),
    Column("day", BigInteger, nullable=False),
    Column("direction", PlainText, nullable=False),
    Column("outcome", PlainText, nullable=False),
    Column("is_unheard", Boolean, nullable=False),
    Column("calls", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Index(
        "ix_call_tallies_day",
        "tenant_id",
        "day",
        "direction",
        "outcome",
        "is_unheard",
        "calls",
        "duration_ms",
    ),
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
    Column("id", _COUNTED, primary_key=True),
    _tenant(),
    # None: every day, the groups having changed.
    Column("day", BigInteger),
    Index("ix_sound_marks_day", "tenant_id", "day"),
)

recordings = Table(
    "recordings",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("call_id", PlainText, ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    _tenant(),
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
    Index("ix_recordings_state", "state", "id"),
)

tracks = Table(
    "tracks",
    metadata,
    Column("recording_id", PlainText, ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    _tenant(),
    Column("party", PlainText),
    Column("participant_id", PlainText),
    Column("label", PlainText, nullable=False),
    Column("codec", PlainText, nullable=False),
    Column("sample_rate_hz", Integer, nullable=False),
    Column("packets", BigInteger, nullable=False),
    Column("lost_packets", BigInteger, nullable=False),
    Column("gap_ms", BigInteger, nullable=False),
)

audit_events = Table(
    "audit_events",
    metadata,
    # The order of writing, which a hash chain can follow; triggers refuse UPDATE and DELETE.
    Column("position", _COUNTED, primary_key=True),
    Column("id", PlainText, nullable=False),
    _tenant(),
    Column("at", Instant, nullable=False),
    Column("action", PlainText, nullable=False),
    Column("actor_kind", PlainText, nullable=False),
    Column("actor_id", PlainText, nullable=False),
    Column("actor_name", PlainText, nullable=False),
    Column("remote_address", PlainText, nullable=False),
    Column("subject_id", PlainText, nullable=False),
    Column("detail", PlainText, nullable=False),
    # The tenant's own count from 1, and the hash over this event and the one before (`domain.audit`).
    Column("number", BigInteger, nullable=False, server_default="0"),
    Column("hash", PlainText, nullable=False, server_default=""),
    UniqueConstraint("id"),
    Index("uq_audit_events_number", "tenant_id", "number", unique=True),
    Index("ix_audit_events_subject", "tenant_id", "subject_id", "at"),
    Index("ix_audit_events_newest", "tenant_id", "at", "position"),
)

audit_heads = Table(
    "audit_heads",
    metadata,
    # Who appends holds this row until the commit, so that a tenant's events have one order.
    Column("tenant_id", PlainText, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("hash", PlainText, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", PlainText, primary_key=True),
    _tenant(),
    # Logins are unique over the installation: one signs in before one's tenant is known.
    Column("login", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("role", PlainText, nullable=False),
    Column("password_hash", PlainText, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    # Read and written whole, as JSON: how far the role reaches, what it has more or less.
    Column("rights", PlainText, nullable=False, server_default=EVERYTHING),
    Column("email", PlainText, nullable=False, server_default=""),
    Column("language", PlainText, nullable=False, server_default=""),
    UniqueConstraint("login"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("secret_sha256", PlainText, primary_key=True),
    _tenant(),
    Column("user_id", PlainText, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("remote_address", PlainText, nullable=False),
    Column("id", PlainText, nullable=False, server_default=""),
    Column("seen_at", Instant, nullable=False, server_default="0"),
    Column("user_agent", PlainText, nullable=False, server_default=""),
    Index("uq_sessions_id", "id", unique=True),
    Index("ix_sessions_user", "user_id", "created_at"),
    Index("ix_sessions_expiry", "expires_at"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", PlainText, primary_key=True),
    _tenant(),
    Column("secret_sha256", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("role", PlainText, nullable=False),
    Column("created_by", PlainText, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("expires_at", Instant),
    Column("seen_at", Instant),
    Column("rights", PlainText, nullable=False, server_default=EVERYTHING),
    UniqueConstraint("secret_sha256"),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("secret_sha256", PlainText, primary_key=True),
    _tenant(),
    Column("user_id", PlainText, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index("ix_sign_in_links_expiry", "expires_at"),
    Index("ix_sign_in_links_user", "user_id"),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    # SHA-256 of login and address: logins that do not exist may be slips of the tongue, even passwords.
    Column("key_sha256", PlainText, primary_key=True),
    _tenant(),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("blocked_until", Instant, nullable=False),
    Index("ix_sign_in_attempts_last", "last_at"),
)

tenants = Table(
    "tenants",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    Column("name", PlainText, nullable=False),
    Column("time_zone", PlainText, nullable=False),
    Column("region", PlainText, nullable=False),
    # Grows with each change of the tenant's people or rules; whoever changes them holds this row's lock.
    Column("changes", BigInteger, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
)

extensions = Table(
    "extensions",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("tenant_id", PlainText, ForeignKey("tenants.tenant_id"), nullable=False),
    Column("number", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("person", PlainText, nullable=False),
    Column("newcomer_until", Date),
    UniqueConstraint("tenant_id", "number"),
)

groups = Table(
    "groups",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("tenant_id", PlainText, ForeignKey("tenants.tenant_id"), nullable=False),
    Column("name", PlainText, nullable=False),
    Column("name_folded", PlainText, nullable=False),
    UniqueConstraint("tenant_id", "name_folded"),
    UniqueConstraint("tenant_id", "id", name="uq_groups_tenant_id_id"),
)

group_members = Table(
    "group_members",
    metadata,
    # Both references hold the tenant: the database itself lets no group have a member of another tenant.
    Column("tenant_id", PlainText, nullable=False),
    Column("group_id", PlainText, primary_key=True),
    Column("number", PlainText, primary_key=True),
    ForeignKeyConstraint(
        ["tenant_id", "group_id"],
        ["groups.tenant_id", "groups.id"],
        ondelete="CASCADE",
        name="fk_group_members_group",
    ),
    ForeignKeyConstraint(
        ["tenant_id", "number"],
        ["extensions.tenant_id", "extensions.number"],
        ondelete="CASCADE",
        onupdate="CASCADE",
        name="fk_group_members_extension",
    ),
    Index("ix_group_members_number", "tenant_id", "number"),
)

trunks = Table(
    "trunks",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("tenant_id", PlainText, ForeignKey("tenants.tenant_id"), nullable=False),
    Column("name", PlainText, nullable=False),
    # Lists of texts as JSON: a trunk is read and written whole.
    Column("networks", PlainText, nullable=False),
    Column("domains", PlainText, nullable=False),
    Column("numbers", PlainText, nullable=False),
    Index("ix_trunks_tenant", "tenant_id"),
)

rule_sets = Table(
    "rule_sets",
    metadata,
    Column("tenant_id", PlainText, ForeignKey("tenants.tenant_id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", PlainText, nullable=False),
    Column("author_id", PlainText, nullable=False),
    Column("author_name", PlainText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", PlainText, nullable=False),
)

# What the processes of an installation agree on; nobody's in particular.
workers = Table(
    "workers",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("beats", BigInteger, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("heir", PlainText),
)

schedules = Table(
    "schedules",
    metadata,
    Column("name", PlainText, primary_key=True),
    Column("next_at", Instant, nullable=False),
    Column("holder", PlainText),
)

keeping_versions = Table(
    "keeping_versions",
    metadata,
    # Storage plans and retention terms: every version that was ever in force.
    Column("tenant_id", PlainText, primary_key=True),
    Column("kind", PlainText, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", PlainText, nullable=False),
    Column("author_id", PlainText, nullable=False),
    Column("author_name", PlainText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", PlainText, nullable=False),
)

storage_usage = Table(
    "storage_usage",
    metadata,
    # The sums over the tenant's recordings, changed in the transactions that change those; its lock is what
    # everybody holds who makes room.
    Column("tenant_id", PlainText, primary_key=True),
    Column("used_bytes", BigInteger, nullable=False),
    Column("recordings", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
)

storage_sweeps = Table(
    "storage_sweeps",
    metadata,
    Column("tenant_id", PlainText, primary_key=True),
    # How far terms were brought to the recordings: of which state of terms, rules and people, up to which id.
    Column("stamp", PlainText, nullable=False),
    Column("cursor", PlainText, nullable=False),
    Column("is_done", Boolean, nullable=False),
    Column("swept_at", Instant),
    Column("halted_since", Instant),
)

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("id", PlainText, primary_key=True),
    _tenant(),
    Column("case_name", PlainText, nullable=False),
    Column("reason", PlainText, nullable=False),
    Column("author_id", PlainText, nullable=False),
    Column("author_name", PlainText, nullable=False),
    Column("placed_at", Instant, nullable=False),
    Column("has_filter", Boolean, nullable=False),
    Column("number", PlainText, nullable=False),
    Column("since", Instant),
    Column("until", Instant),
    Column("released_at", Instant),
    Column("released_by", PlainText, nullable=False),
    Column("release_reason", PlainText, nullable=False),
    Index("ix_legal_holds_tenant", "tenant_id", "placed_at", "id"),
)

held_recordings = Table(
    "held_recordings",
    metadata,
    Column("hold_id", PlainText, ForeignKey("legal_holds.id"), primary_key=True),
    Column("recording_id", PlainText, ForeignKey("recordings.id"), primary_key=True),
    _tenant(),
    Index("ix_held_recordings_recording", "recording_id"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", PlainText, primary_key=True),
    _tenant(),
    Column("condition", PlainText, nullable=False),
    Column("key", PlainText, nullable=False),
    Column("level", Integer, nullable=False),
    Column("facts", PlainText, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("clear_since", Instant),
    Column("cleared_at", Instant),
    Column("flaps", Integer, nullable=False),
    Column("acknowledged_by", PlainText, nullable=False),
    Column("acknowledged_level", Integer, nullable=False),
    # What people heard last, and when.
    Column("told", PlainText),
    Column("told_at", Instant),
    Column("told_level", Integer, nullable=False),
    # Two processes that see the same at once make one alert.
    Index(
        "uq_alerts_open",
        "tenant_id",
        "condition",
        "key",
        unique=True,
        sqlite_where=text("cleared_at IS NULL"),
        postgresql_where=text("cleared_at IS NULL"),
    ),
    Index("ix_alerts_newest", "tenant_id", "id"),
)

alert_news = Table(
    "alert_news",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    _tenant(),
    Column("alert_id", PlainText, ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("kind", PlainText, nullable=False),
    Column("level", Integer, nullable=False),
    Column("facts", PlainText, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_alert_news_tenant", "tenant_id", "position"),
    Index("ix_alert_news_alert", "alert_id"),
    sqlite_autoincrement=True,
)

alert_channels = Table(
    "alert_channels",
    metadata,
    Column("id", PlainText, primary_key=True),
    _tenant(),
    Column("kind", PlainText, nullable=False),
    Column("name", PlainText, nullable=False),
    Column("address", PlainText, nullable=False),
    Column("language", PlainText, nullable=False),
    Column("secret", PlainText, nullable=False),
    Column("user_id", PlainText, ForeignKey("users.id", ondelete="CASCADE")),
    Column("minimum", PlainText, nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    # The last news that were queued for it; whoever queues holds this row's lock.
    Column("news_position", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("user_id"),
    Index("ix_alert_channels_tenant", "tenant_id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", PlainText, primary_key=True),
    _tenant(),
    Column("channel_id", PlainText, nullable=False),
    Column("kind", PlainText, nullable=False),
    Column("transport", PlainText, nullable=False),
    Column("target", PlainText, nullable=False),
    Column("subject", PlainText, nullable=False),
    Column("text", PlainText, nullable=False),
    Column("html", PlainText, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    # Until then somebody is sending it; afterwards it counts as never answered, and is sent again.
    Column("leased_until", Instant),
    Column("done_at", Instant),
    Column("outcome", PlainText),
    Column("detail", PlainText, nullable=False),
    Index("ix_deliveries_due", "state", "next_at"),
    Index("ix_deliveries_newest", "tenant_id", "id"),
    Index("ix_deliveries_channel", "channel_id", "created_at"),
)

# What is found out of recordings without a word: JSON of `domain.analysis`.
talk_analyses = Table(
    "talk_analyses",
    metadata,
    Column("recording_id", PlainText, ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True),
    _tenant(),
    Column("call_id", PlainText, nullable=False),
    Column("analyser", PlainText, nullable=False),
    Column("analysed_at", Instant, nullable=False),
    Column("error_code", PlainText, nullable=False),
    Column("figures", PlainText),
    Column("speech", PlainText, nullable=False),
    Index("ix_talk_analyses_call", "call_id"),
)

# What is still to be found out of recordings, in the order in which it is: new ones before the back-log,
# each newest first. A row goes when its result is written, in the same transaction.
speech_orders = Table(
    "speech_orders",
    metadata,
    Column("recording_id", PlainText, ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True),
    Column("task", PlainText, primary_key=True),
    _tenant(),
    Column("is_backlog", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    # Until then somebody is at it; afterwards it counts as never begun.
    Column("leased_until", Instant),
    Index("ix_speech_orders_next", "task", "is_backlog", "recording_id"),
)
