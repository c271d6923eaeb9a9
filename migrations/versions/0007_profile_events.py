"""Events of customers, devices, and what is counted of them by day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SCHEMA = "profiles"


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _customer(*, primary_key: bool = False, nullable: bool = False) -> sa.Column[str]:
    key = sa.ForeignKey(f"{SCHEMA}.customers.customer_id", ondelete="CASCADE")
    return sa.Column("customer_id", sa.Text, key, primary_key=primary_key, nullable=nullable)


#: Money of an event in pounds: the sum of an order, or what a single thing is worth. Other texts count nothing.
AMOUNT_OF = """
    CREATE FUNCTION profiles.amount_of(document jsonb) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT coalesce(
            CASE jsonb_typeof(p->'total') WHEN 'number' THEN (p->>'total')::numeric END,
            CASE jsonb_typeof(p->'revenue') WHEN 'number' THEN (p->>'revenue')::numeric END,
            CASE jsonb_typeof(p->'value') WHEN 'number' THEN (p->>'value')::numeric END)
        FROM (SELECT document->'properties' AS p) AS given
    $$
"""


def upgrade() -> None:
    op.execute(AMOUNT_OF)
    op.create_table(
        "events",
        sa.Column("message_id", sa.Text, primary_key=True),
        _customer(nullable=True),
        sa.Column("origin_id", sa.Text),
        sa.Column("anonymous_id", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        _time("occurred_at"),
        _time("received_at"),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("document", JSONB, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        schema=SCHEMA,
    )
    op.create_index("events_by_customer", "events", ["customer_id", "occurred_at"], schema=SCHEMA)
    op.create_index(
        "events_of_visitors",
        "events",
        ["anonymous_id"],
        schema=SCHEMA,
        postgresql_where=sa.text("origin_id IS NULL"),
    )
    op.create_table(
        "devices",
        sa.Column("anonymous_id", sa.Text, primary_key=True),
        _customer(),
        _time("linked_at"),
        sa.Column("message_id", sa.Text, nullable=False),
        schema=SCHEMA,
    )
    op.create_index("devices_by_customer", "devices", ["customer_id"], schema=SCHEMA)
    op.create_table(
        "daily_activity",
        _customer(primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("amount", sa.Numeric, nullable=False),
        _time("last_at"),
        schema=SCHEMA,
    )
    op.create_table(
        "lake_files",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        _time("written_at"),
        sa.Column("sealed_key", sa.LargeBinary, nullable=False),
        schema=SCHEMA,
    )
    op.create_index("lake_files_by_day", "lake_files", ["day"], schema=SCHEMA)


def downgrade() -> None:
    for table in ("lake_files", "daily_activity", "devices", "events"):
        op.drop_table(table, schema=SCHEMA)
    op.execute("DROP FUNCTION profiles.amount_of")
