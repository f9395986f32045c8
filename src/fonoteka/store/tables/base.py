"""What all tables share."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, Text

from fonoteka.store.columns import PlainText

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

COUNTED = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database gives out."""
BYTEWISE = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that both databases compare by its bytes in UTF-8, so that a prefix is a range."""
EVERYTHING = '{"reach": "tenant", "group_ids": [], "extensions": [], "added": [], "removed": []}'
"""Rights of whoever was there before rights were: what the role has, over the whole tenant."""


def of_tenant() -> Column[str]:
    """Whose the row is."""
    return Column("tenant_id", PlainText, nullable=False)
