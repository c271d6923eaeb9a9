"""Customers: identity, consent, interactions, segments, keys, audit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "profiles"
EMPTY_OBJECT = sa.text("'{}'::jsonb")
NOW = sa.text("now()")


def _time(name: str, *, nullable: bool = False, default: bool = False) -> sa.Column[object]:
    server_default = NOW if default else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=server_default)


def _customer_key(*, primary_key: bool = False) -> sa.Column[str]:
    key = sa.ForeignKey(f"{SCHEMA}.customers.customer_id", ondelete="CASCADE")
    return sa.Column("customer_id", sa.Text, key, primary_key=primary_key, nullable=False)


def upgrade() -> None:
    op.create_table(
        "customers",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False, server_default="1"),
        sa.Column("tier", sa.Text, nullable=False, server_default="standard"),
        sa.Column("first_name", sa.Text),
        sa.Column("preferred_channel", sa.Text),
        _time("signed_up_at"),
        sa.Column("last_name", sa.LargeBinary),
        sa.Column("email", sa.LargeBinary),
        sa.Column("phone", sa.LargeBinary),
        sa.Column("address", sa.LargeBinary),
        sa.Column("birth_date", sa.LargeBinary),
        sa.Column("email_index", sa.LargeBinary),
        sa.Column("phone_index", sa.LargeBinary),
        sa.Column("facts", JSONB, nullable=False, server_default=EMPTY_OBJECT),
        _time("facts_at", default=True),
        sa.Column("attributes", JSONB, nullable=False, server_default=EMPTY_OBJECT),
        _time("updated_at", default=True),
        sa.CheckConstraint("tier IN ('standard', 'silver', 'gold')", name="customers_tier"),
        schema=SCHEMA,
    )
    op.create_index("customers_email_index", "customers", ["email_index"], schema=SCHEMA)
    op.create_index("customers_phone_index", "customers", ["phone_index"], schema=SCHEMA)
    op.create_table(
        "consents",
        _customer_key(primary_key=True),
        sa.Column("purpose", sa.Text, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("granted", sa.Boolean, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        _time("expires_at", nullable=True),
        sa.CheckConstraint(
            "purpose IN ('service', 'personalisation', 'analytics', 'training', 'marketing')",
            name="consents_purpose",
        ),
        schema=SCHEMA,
    )
    op.create_table(
        "interactions",
        sa.Column("interaction_id", sa.Text, primary_key=True),
        _customer_key(),
        _time("occurred_at"),
        sa.Column("document", JSONB, nullable=False),
        schema=SCHEMA,
    )
    op.create_index(
        "interactions_by_customer",
        "interactions",
        ["customer_id", sa.text("occurred_at DESC")],
        schema=SCHEMA,
    )
    op.create_table(
        "memberships",
        _customer_key(primary_key=True),
        sa.Column("segment", sa.Text, primary_key=True),
        _time("since", default=True),
        schema=SCHEMA,
    )
    op.create_index("memberships_by_segment", "memberships", ["segment"], schema=SCHEMA)
    op.create_table(
        "invalidations",
        _customer_key(primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("forget_stale", sa.Boolean, nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "api_keys",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("key_hash", sa.LargeBinary, nullable=False, unique=True),
        _time("created_at", default=True),
        sa.CheckConstraint("role IN ('read', 'write', 'agent')", name="api_keys_role"),
        schema=SCHEMA,
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        _time("at", default=True),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("customer_pseudonym", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        schema=SCHEMA,
    )
    op.create_index("audit_by_customer", "audit", ["customer_pseudonym", "at"], schema=SCHEMA)


def downgrade() -> None:
    for table in (
        "audit",
        "api_keys",
        "invalidations",
        "memberships",
        "interactions",
        "consents",
        "customers",
    ):
        op.drop_table(table, schema=SCHEMA)
