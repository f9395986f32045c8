"""What was said can be looked for."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_OLD = "INSERT INTO transcript_fts(transcript_fts, rowid, lemmas) VALUES ('delete', old.id, old.lemmas);"
_NEW = "INSERT INTO transcript_fts(rowid, lemmas) VALUES (new.id, new.lemmas);"


def upgrade() -> None:
    """Add the table and its index; transcripts that are there are found once they are made anew."""
    op.create_table(
        "transcript_texts",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, autoincrement=False
        ),
        sa.Column("recording_id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("lemmas", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_transcript_texts"),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.id"], ondelete="CASCADE", name="fk_transcript_texts_recording_id"
        ),
        sa.UniqueConstraint("recording_id", name="uq_transcript_texts_recording_id"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE INDEX ix_transcript_texts_lemmas ON transcript_texts"
            " USING gin (to_tsvector('simple', lemmas))"
        )
        return
    op.execute(
        "CREATE VIRTUAL TABLE transcript_fts USING fts5(lemmas, content='transcript_texts',"
        " content_rowid='id', tokenize='unicode61 remove_diacritics 0')"
    )
    for name, when, what in (
        ("added", "AFTER INSERT", _NEW),
        ("gone", "AFTER DELETE", _OLD),
        ("changed", "AFTER UPDATE OF lemmas", _OLD + _NEW),
    ):
        op.execute(f"CREATE TRIGGER transcript_fts_{name} {when} ON transcript_texts BEGIN {what} END")
