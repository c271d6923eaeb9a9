"""Merges of customers and candidates for review."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SCHEMA = "profiles"
NOW = sa.text("now()")


def _time(name: str, *, nullable: bool = False, default: bool = False) -> sa.Column[object]:
    server_default = NOW if default else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=server_default)


def _text(name: str, *, nullable: bool = False, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable, primary_key=primary_key)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, sa.Identity(always=True), primary_key=True)


def _customer(name: str = "customer_id") -> sa.Column[str]:
    key = sa.ForeignKey(f"{SCHEMA}.customers.customer_id", ondelete="CASCADE")
    return sa.Column(name, sa.Text, key, nullable=False)


def _merge() -> sa.Column[int]:
    key = sa.ForeignKey(f"{SCHEMA}.merges.merge_id", ondelete="CASCADE")
    return sa.Column("merge_id", sa.BigInteger, key, nullable=False)


def upgrade() -> None:
    _links()
    _merges()
    _candidates()


def _links() -> None:
    by_email = sa.Column("by_email", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("devices", by_email, schema=SCHEMA)
    op.create_table(
        "email_logins",
        sa.Column("email_index", sa.LargeBinary, primary_key=True),
        _customer(),
        _time("linked_at"),
        _text("message_id"),
        schema=SCHEMA,
    )
    op.create_index("email_logins_by_customer", "email_logins", ["customer_id"], schema=SCHEMA)
    op.create_table(
        "email_visits",
        _text("anonymous_id", primary_key=True),
        sa.Column("email_index", sa.LargeBinary, nullable=False),
        _time("seen_at"),
        _text("message_id"),
        schema=SCHEMA,
    )
    op.create_index("email_visits_by_email", "email_visits", ["email_index"], schema=SCHEMA)


def _merges() -> None:
    op.create_table(
        "merges",
        _number("merge_id"),
        _customer(),
        _text("kept_id"),
        _text("merged_id"),
        _time("at", default=True),
        _text("who"),
        _text("why"),
        sa.Column("explanation", JSONB, nullable=False),
        _time("undone_at", nullable=True),
        schema=SCHEMA,
    )
    op.create_index("merges_by_customer", "merges", ["customer_id"], schema=SCHEMA)
    op.create_table(
        "merged_rows",
        _number("number"),
        _merge(),
        _text("table_name"),
        _text("column_name"),
        _text("act"),
        sa.Column("content", JSONB, nullable=False),
        sa.CheckConstraint("act IN ('moved', 'taken', 'kept')", name="merged_rows_act"),
        schema=SCHEMA,
    )
    op.create_index("merged_rows_by_merge", "merged_rows", ["merge_id"], schema=SCHEMA)
    op.create_table("aliases", _text("alias_id", primary_key=True), _customer(), _merge(), schema=SCHEMA)
    op.create_index("aliases_by_customer", "aliases", ["customer_id"], schema=SCHEMA)


def _candidates() -> None:
    op.create_table(
        "candidates",
        _number("candidate_id"),
        _customer("first_id"),
        _customer("second_id"),
        sa.Column("probability", sa.Float, nullable=False),
        sa.Column("explanation", JSONB, nullable=False),
        _text("reason"),
        sa.Column("status", sa.Text, nullable=False, server_default="open"),
        _time("found_at", default=True),
        _text("decided_by", nullable=True),
        _time("decided_at", nullable=True),
        sa.CheckConstraint("first_id < second_id", name="candidates_order"),
        sa.CheckConstraint("status IN ('open', 'rejected')", name="candidates_status"),
        schema=SCHEMA,
    )
    op.create_index("candidates_pair", "candidates", ["first_id", "second_id"], unique=True, schema=SCHEMA)
    op.create_index("candidates_by_second", "candidates", ["second_id"], schema=SCHEMA)
    op.create_index(
        "candidates_open",
        "candidates",
        ["probability", "candidate_id"],
        schema=SCHEMA,
        postgresql_where=sa.text("status = 'open'"),
    )


def downgrade() -> None:
    for table in ("candidates", "aliases", "merged_rows", "merges", "email_visits", "email_logins"):
        op.drop_table(table, schema=SCHEMA)
    op.drop_column("devices", "by_email", schema=SCHEMA)
