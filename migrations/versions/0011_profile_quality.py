"""Quality of the data: what each run found, and which values were imputed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SCHEMA = "profiles"


def _time(name: str, *, primary_key: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), primary_key=primary_key, nullable=False)


def upgrade() -> None:
    op.create_table(
        "quality_runs",
        _time("at", primary_key=True),
        sa.Column("report", JSONB, nullable=False),
        schema=SCHEMA,
    )
    owner = sa.ForeignKey(f"{SCHEMA}.customers.customer_id", ondelete="CASCADE")
    op.create_table(
        "imputations",
        sa.Column("customer_id", sa.Text, owner, primary_key=True),
        sa.Column("attribute", sa.Text, primary_key=True),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("known", sa.BigInteger, nullable=False),
        sa.Column("agreement", sa.Double, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        _time("at"),
        schema=SCHEMA,
    )
    op.create_index("events_by_arrival", "events", ["received_at"], schema=SCHEMA, postgresql_using="brin")


def downgrade() -> None:
    op.drop_index("events_by_arrival", "events", schema=SCHEMA)
    for table in ("imputations", "quality_runs"):
        op.drop_table(table, schema=SCHEMA)
