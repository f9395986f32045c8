"""What people say of calls: tags, marks, notes, comments, and the words in them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_COUNTED = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_BYTEWISE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables; nobody has said anything yet."""
    _make_tags()
    _make_marks()
    _make_notes()
    _make_words()


def _make_tags() -> None:
    op.create_table(
        "tags",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_folded", sa.Text, nullable=False),
        sa.Column("colour", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tags"),
        sa.UniqueConstraint("tenant_id", "name_folded", name="uq_tags_tenant_id"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_tags_tenant_id_id"),
    )
    op.create_table(
        "call_tags",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("tag_id", sa.Text, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("author_id", sa.Text, nullable=False),
        sa.Column("author_name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "tag_id", "started_at", "call_id", name="pk_call_tags"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tag_id"],
            ["tags.tenant_id", "tags.id"],
            name="fk_call_tags_tag",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_call_tags_call_id", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("uq_call_tags_call", "call_tags", ["call_id", "tag_id"], unique=True)


def _make_marks() -> None:
    op.create_table(
        "marks",
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("author_id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("author_name", sa.Text, nullable=False),
        sa.Column("mark", sa.Integer, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("call_id", "author_id", name="pk_marks"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_marks_call_id", ondelete="CASCADE"),
    )
    op.create_table(
        "mark_means",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("tenths", sa.Integer, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "tenths", "started_at", "call_id", name="pk_mark_means"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_mark_means_call_id", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("uq_mark_means_call", "mark_means", ["call_id"], unique=True)


def _make_notes() -> None:
    op.create_table(
        "notes",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("author_id", sa.Text, nullable=False),
        sa.Column("author_name", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "subject_id", "version", name="pk_notes"),
    )
    op.create_table(
        "call_comments",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("recording_id", sa.Text),
        sa.Column("at_ms", sa.BigInteger),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("author_id", sa.Text, nullable=False),
        sa.Column("author_name", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("edited_at", sa.BigInteger),
        sa.Column("deleted_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_call_comments"),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name="fk_call_comments_call_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_call_comments_call", "call_comments", ["call_id", "id"])


def _make_words() -> None:
    op.create_table(
        "note_words",
        sa.Column("id", _COUNTED, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("word", _BYTEWISE, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_note_words"),
        sa.UniqueConstraint("tenant_id", "word", name="uq_note_words_tenant_id"),
    )
    op.create_table(
        "call_words",
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("word_id", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "word_id", "started_at", "call_id", name="pk_call_words"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_call_words_call_id", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("uq_call_words_call", "call_words", ["call_id", "word_id"], unique=True)
