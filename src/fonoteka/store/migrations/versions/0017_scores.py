"""Scorecards: forms, evaluations, appeals, queues of calls to mark."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; nobody has marked anything by a form yet."""
    _make_forms()
    _make_evaluations()
    _make_appeals()
    _make_queues()


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _make_forms() -> None:
    op.create_table(
        "score_forms",
        *_text("form_id"),
        sa.Column("version", sa.Integer, nullable=False),
        *_text("tenant_id", "state", "document", "author_id", "author_name"),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("edits", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("form_id", "version", name="pk_score_forms"),
    )
    op.create_index("ix_score_forms_tenant", "score_forms", ["tenant_id", "form_id", "version"])


def _make_evaluations() -> None:
    op.create_table(
        "evaluations",
        *_text("id", "tenant_id", "call_id"),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        *_text("form_id"),
        sa.Column("form_version", sa.Integer, nullable=False),
        *_text("evaluator_id", "evaluator_name", "agent", "state"),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        *_text("answers", "summary"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("edits", sa.Integer, nullable=False),
        sa.Column("score_tenths", sa.Integer),
        sa.Column("failed", sa.Boolean, nullable=False),
        sa.Column("submitted_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_evaluations"),
        sa.UniqueConstraint("call_id", "form_id", "agent", "evaluator_id", name="uq_evaluations_call_id"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_evaluations_call_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["form_id", "form_version"],
            ["score_forms.form_id", "score_forms.version"],
            name="fk_evaluations_form",
        ),
    )
    op.create_index("ix_evaluations_newest", "evaluations", ["tenant_id", "started_at", "id"])
    op.create_table(
        "evaluation_submissions",
        *_text("evaluation_id"),
        sa.Column("version", sa.Integer, nullable=False),
        *_text("tenant_id", "answers", "summary"),
        sa.Column("score_tenths", sa.Integer),
        sa.Column("failed", sa.Boolean, nullable=False),
        *_text("author_id", "author_name"),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("evaluation_id", "version", name="pk_evaluation_submissions"),
        _of_evaluation("evaluation_submissions"),
    )
    op.create_table(
        "answer_shares",
        *_text("evaluation_id", "question_id", "tenant_id"),
        sa.Column("tenths", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("evaluation_id", "question_id", name="pk_answer_shares"),
        _of_evaluation("answer_shares"),
    )


def _make_appeals() -> None:
    op.create_table(
        "score_appeals",
        *_text("id", "evaluation_id", "tenant_id"),
        sa.Column("version", sa.Integer, nullable=False),
        *_text("text", "author_id", "author_name"),
        sa.Column("at", sa.BigInteger, nullable=False),
        *_text("state", "answer"),
        sa.Column("answered_by_id", sa.Text),
        sa.Column("answered_by_name", sa.Text),
        sa.Column("answered_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_score_appeals"),
        sa.UniqueConstraint("evaluation_id", "version", name="uq_score_appeals_evaluation_id"),
        _of_evaluation("score_appeals"),
    )
    op.create_index("ix_score_appeals_state", "score_appeals", ["tenant_id", "state"])


def _make_queues() -> None:
    op.create_table(
        "score_queues",
        *_text("id", "tenant_id", "name", "form_id", "document", "author_id", "author_name"),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_score_queues"),
    )
    op.create_index("ix_score_queues_tenant", "score_queues", ["tenant_id", "id"])
    op.create_table(
        "score_tasks",
        *_text("queue_id", "call_id", "agent", "tenant_id"),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        *_text("evaluator_id", "evaluator_name", "state", "reason"),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("queue_id", "call_id", "agent", name="pk_score_tasks"),
        sa.ForeignKeyConstraint(
            ["queue_id"], ["score_queues.id"], name="fk_score_tasks_queue_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_score_tasks_call_id", ondelete="CASCADE"),
    )
    op.create_index("ix_score_tasks_evaluator", "score_tasks", ["tenant_id", "evaluator_id", "state"])
    op.create_index("ix_score_tasks_call", "score_tasks", ["call_id"])


def _of_evaluation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["evaluation_id"], ["evaluations.id"], name=f"fk_{table}_evaluation_id", ondelete="CASCADE"
    )
