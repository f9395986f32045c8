"""Scorecards: forms, evaluations by them, appeals, and calls that wait to be marked."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    UniqueConstraint,
)

from fonoteka.store.columns import Instant, PlainText
from fonoteka.store.tables.base import metadata, of_tenant

# Only a draft is ever changed; calls are marked with versions that were active.
score_forms = Table(
    "score_forms",
    metadata,
    Column("form_id", PlainText, primary_key=True),
    Column("version", Integer, primary_key=True),
    of_tenant(),
    Column("state", PlainText, nullable=False),
    Column("document", PlainText, nullable=False),
    Column("author_id", PlainText, nullable=False),
    Column("author_name", PlainText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("edits", Integer, nullable=False),
    Index("ix_score_forms_tenant", "tenant_id", "form_id", "version"),
)

# The instant of the call stands here for results of a period; `Calls.replace` moves it with the call's.
evaluations = Table(
    "evaluations",
    metadata,
    Column("id", PlainText, primary_key=True),
    of_tenant(),
    Column("call_id", PlainText, ForeignKey("calls.id", ondelete="CASCADE"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("form_id", PlainText, nullable=False),
    Column("form_version", Integer, nullable=False),
    Column("evaluator_id", PlainText, nullable=False),
    Column("evaluator_name", PlainText, nullable=False),
    Column("agent", PlainText, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("answers", PlainText, nullable=False),
    Column("summary", PlainText, nullable=False),
    Column("version", Integer, nullable=False),
    Column("edits", Integer, nullable=False),
    Column("score_tenths", Integer),
    Column("failed", Boolean, nullable=False),
    Column("submitted_at", Instant),
    UniqueConstraint("call_id", "form_id", "agent", "evaluator_id"),
    ForeignKeyConstraint(
        ["form_id", "form_version"],
        ["score_forms.form_id", "score_forms.version"],
        name="fk_evaluations_form",
    ),
    Index("ix_evaluations_newest", "tenant_id", "started_at", "id"),
)

submissions = Table(
    "evaluation_submissions",
    metadata,
    Column("evaluation_id", PlainText, ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    of_tenant(),
    Column("answers", PlainText, nullable=False),
    Column("summary", PlainText, nullable=False),
    Column("score_tenths", Integer),
    Column("failed", Boolean, nullable=False),
    Column("author_id", PlainText, nullable=False),
    Column("author_name", PlainText, nullable=False),
    Column("at", Instant, nullable=False),
)

# What each answer of the last submission earned of its question's weight, in tenths of a percent.
answer_shares = Table(
    "answer_shares",
    metadata,
    Column("evaluation_id", PlainText, ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True),
    Column("question_id", PlainText, primary_key=True),
    of_tenant(),
    Column("tenths", Integer, nullable=False),
)

score_appeals = Table(
    "score_appeals",
    metadata,
    Column("id", PlainText, primary_key=True),
    Column("evaluation_id", PlainText, ForeignKey("evaluations.id", ondelete="CASCADE"), nullable=False),
    of_tenant(),
    Column("version", Integer, nullable=False),
    Column("text", PlainText, nullable=False),
    Column("author_id", PlainText, nullable=False),
    Column("author_name", PlainText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("answer", PlainText, nullable=False),
    Column("answered_by_id", PlainText),
    Column("answered_by_name", PlainText),
    Column("answered_at", Instant),
    UniqueConstraint("evaluation_id", "version"),
    Index("ix_score_appeals_state", "tenant_id", "state"),
)

score_queues = Table(
    "score_queues",
    metadata,
    Column("id", PlainText, primary_key=True),
    of_tenant(),
    Column("name", PlainText, nullable=False),
    Column("form_id", PlainText, nullable=False),
    Column("document", PlainText, nullable=False),
    Column("author_id", PlainText, nullable=False),
    Column("author_name", PlainText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("closed_at", Instant),
    Index("ix_score_queues_tenant", "tenant_id", "id"),
)

score_tasks = Table(
    "score_tasks",
    metadata,
    Column("queue_id", PlainText, ForeignKey("score_queues.id", ondelete="CASCADE"), primary_key=True),
    Column("call_id", PlainText, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("agent", PlainText, primary_key=True),
    of_tenant(),
    Column("position", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("evaluator_id", PlainText, nullable=False),
    Column("evaluator_name", PlainText, nullable=False),
    Column("state", PlainText, nullable=False),
    Column("reason", PlainText, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("ix_score_tasks_evaluator", "tenant_id", "evaluator_id", "state"),
    Index("ix_score_tasks_call", "call_id"),
)
