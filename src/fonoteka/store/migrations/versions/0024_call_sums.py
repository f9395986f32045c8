"""Sums of calls by month, and of everybody's by day and hour: for the overview of a year."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and sum what was counted; months are summed by and by."""
    for name, numbers, kinds, sums in (
        ("call_months", ("month", "crew_id"), ("direction", "outcome"), ("calls", "duration_ms")),
        ("tenant_days", ("day",), ("direction", "outcome"), ("calls", "duration_ms")),
        ("tenant_hours", ("day", "hour"), (), ("calls", "missed")),
    ):
        op.create_table(
            name,
            sa.Column("tenant_id", sa.Text, nullable=False),
            *(sa.Column(one, sa.BigInteger, nullable=False) for one in numbers),
            *(sa.Column(one, sa.Text, nullable=False) for one in kinds),
            *(sa.Column(one, sa.BigInteger, nullable=False) for one in sums),
            sa.PrimaryKeyConstraint("tenant_id", *numbers, *kinds, name=f"pk_{name}"),
            sqlite_with_rowid=False,
        )
    op.execute(
        "INSERT INTO tenant_days (tenant_id, day, direction, outcome, calls, duration_ms) "
        "SELECT tenant_id, day, direction, outcome, sum(calls), sum(duration_ms) FROM call_days "
        "GROUP BY tenant_id, day, direction, outcome"
    )
    op.execute(
        "INSERT INTO tenant_hours (tenant_id, day, hour, calls, missed) "
        "SELECT tenant_id, day, hour, sum(calls), "
        "sum(CASE WHEN direction = 'incoming' AND outcome = 'missed' THEN calls ELSE 0 END) "
        "FROM call_hours GROUP BY tenant_id, day, hour"
    )
