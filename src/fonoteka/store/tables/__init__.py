"""The tables, by room. Every row carries its tenant; every instant is `Instant`.

`migrations/` is what makes them; a test compares the two.
"""

from fonoteka.store.tables.accounts import sessions, sign_in_attempts, sign_in_links, tokens, users
from fonoteka.store.tables.alerts import alert_channels, alert_news, alerts, deliveries
from fonoteka.store.tables.annotations import (
    call_comments,
    call_tags,
    call_words,
    mark_means,
    marks,
    note_words,
    notes,
    tag_changes,
    tags,
)
from fonoteka.store.tables.audit import audit_events, audit_heads
from fonoteka.store.tables.base import EVERYTHING, metadata
from fonoteka.store.tables.calls import call_aliases, calls, participants
from fonoteka.store.tables.events import call_events, event_subscriptions
from fonoteka.store.tables.keeping import (
    held_recordings,
    keeping_versions,
    legal_holds,
    storage_audits,
    storage_sweeps,
    storage_usage,
)
from fonoteka.store.tables.people import extensions, group_members, groups, rule_sets, tenants, trunks
from fonoteka.store.tables.recordings import recordings, sound_days, sound_marks, tracks
from fonoteka.store.tables.reports import (
    call_days,
    call_hours,
    call_marks,
    call_months,
    caller_calls,
    crew_members,
    crews,
    tenant_days,
    tenant_hours,
)
from fonoteka.store.tables.running import schedules, workers
from fonoteka.store.tables.saved_searches import saved_searches
from fonoteka.store.tables.scores import (
    answer_shares,
    evaluations,
    score_appeals,
    score_forms,
    score_queues,
    score_tasks,
    submissions,
)
from fonoteka.store.tables.search import call_speakers, call_tallies, speaker_suffixes, speakers
from fonoteka.store.tables.sharing import share_secrets, share_visits, shared_calls, shares, sharing_terms
from fonoteka.store.tables.speech import (
    speech_languages,
    speech_orders,
    talk_analyses,
    transcript_texts,
    transcripts,
)
from fonoteka.store.tables.talks import summed_months, talk_days, talk_facts, talk_months
from fonoteka.store.tables.topics import (
    topic_calls,
    topic_days,
    topic_hits,
    topic_news,
    topic_readings,
    topic_revisions,
    topics,
)

__all__ = [
    "EVERYTHING",
    "alert_channels",
    "alert_news",
    "alerts",
    "answer_shares",
    "audit_events",
    "audit_heads",
    "call_aliases",
    "call_comments",
    "call_days",
    "call_events",
    "call_hours",
    "call_marks",
    "call_months",
    "call_speakers",
    "call_tags",
    "call_tallies",
    "call_words",
    "caller_calls",
    "calls",
    "crew_members",
    "crews",
    "deliveries",
    "evaluations",
    "event_subscriptions",
    "extensions",
    "group_members",
    "groups",
    "held_recordings",
    "keeping_versions",
    "legal_holds",
    "mark_means",
    "marks",
    "metadata",
    "note_words",
    "notes",
    "participants",
    "recordings",
    "rule_sets",
    "saved_searches",
    "schedules",
    "score_appeals",
    "score_forms",
    "score_queues",
    "score_tasks",
    "sessions",
    "share_secrets",
    "share_visits",
    "shared_calls",
    "shares",
    "sharing_terms",
    "sign_in_attempts",
    "sign_in_links",
    "sound_days",
    "sound_marks",
    "speaker_suffixes",
    "speakers",
    "speech_languages",
    "speech_orders",
    "storage_audits",
    "storage_sweeps",
    "storage_usage",
    "submissions",
    "summed_months",
    "tag_changes",
    "tags",
    "talk_analyses",
    "talk_days",
    "talk_facts",
    "talk_months",
    "tenant_days",
    "tenant_hours",
    "tenants",
    "tokens",
    "topic_calls",
    "topic_days",
    "topic_hits",
    "topic_news",
    "topic_readings",
    "topic_revisions",
    "topics",
    "tracks",
    "transcript_texts",
    "transcripts",
    "trunks",
    "users",
    "workers",
]
