"""Declared attributes, their values by source, and their history."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SCHEMA = "profiles"
EMPTY_OBJECT = sa.text("'{}'::jsonb")
NOW = sa.text("now()")

#: What is known of customers already is the shop's word, as of when it gave it. What is sealed stays as it is:
#: for the customer and the name of the field.
PLAIN = """
    INSERT INTO profiles.traits (message_id, name, customer_id, source, at, value)
    SELECT 'record:' || customer_id, said.name, customer_id, 'shop', facts_at, said.value
    FROM profiles.customers CROSS JOIN LATERAL (VALUES
        ('first_name', to_jsonb(first_name)), ('tier', to_jsonb(tier)),
        ('preferred_channel', to_jsonb(preferred_channel)), ('facts', facts),
        ('signed_up_at', to_jsonb(to_char(signed_up_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))
    ) AS said (name, value)
    WHERE said.value IS NOT NULL AND facts_at > 'epoch'
"""
SEALED = """
    INSERT INTO profiles.traits
        (message_id, name, customer_id, source, at, sealed, sealed_for, blind_index)
    SELECT 'record:' || customer_id, said.name, customer_id, 'shop', facts_at, said.sealed, customer_id,
        said.blind_index
    FROM profiles.customers CROSS JOIN LATERAL (VALUES
        ('last_name', last_name, NULL), ('email', email, email_index), ('phone', phone, phone_index),
        ('address', address, NULL), ('birth_date', birth_date, NULL)) AS said (name, sealed, blind_index)
    WHERE said.sealed IS NOT NULL AND facts_at > 'epoch'
"""


def _time(name: str, *, nullable: bool = False, default: bool = False) -> sa.Column[object]:
    server_default = NOW if default else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=server_default)


def upgrade() -> None:
    for name in ("traits", "traits_until"):
        column = sa.Column(name, JSONB, nullable=False, server_default=EMPTY_OBJECT)
        op.add_column("customers", column, schema=SCHEMA)
    _traits()
    _schemas()
    _strays()
    _imports()
    op.execute(PLAIN)
    op.execute(SEALED)


def _traits() -> None:
    owner = sa.ForeignKey(f"{SCHEMA}.customers.customer_id", ondelete="CASCADE")
    op.create_table(
        "traits",
        sa.Column("message_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("customer_id", sa.Text, owner, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        _time("at"),
        sa.Column("value", JSONB),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("sealed_for", sa.Text),
        sa.Column("blind_index", sa.LargeBinary),
        _time("expires_at", nullable=True),
        sa.Column("licence", sa.Text),
        schema=SCHEMA,
    )
    newest = ["customer_id", "name", "source", sa.text("at DESC"), sa.text("message_id DESC")]
    op.create_index("traits_newest", "traits", newest, schema=SCHEMA)
    for name, columns, given in (
        ("traits_that_expire", ["expires_at"], "expires_at"),
        ("traits_by_blind_index", ["name", "blind_index"], "blind_index"),
    ):
        where = sa.text(f"{given} IS NOT NULL")
        op.create_index(name, "traits", columns, schema=SCHEMA, postgresql_where=where)


def _schemas() -> None:
    op.create_table(
        "attribute_schemas",
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("restores", sa.BigInteger),
        _time("published_at", default=True),
        sa.Column("published_by", sa.Text, nullable=False),
        _time("followed_at", nullable=True),
        schema=SCHEMA,
    )


def _strays() -> None:
    op.create_table(
        "stray_traits",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("name", "source", "reason")),
        sa.Column("seen", sa.BigInteger, nullable=False),
        sa.Column("types", JSONB, nullable=False),
        sa.Column("examples", ARRAY(sa.Text), nullable=False),
        _time("first_at"),
        _time("last_at"),
        schema=SCHEMA,
    )
    op.create_table(
        "trait_messages",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("seen", sa.BigInteger, nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "rejected_keys",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("why", sa.Text, nullable=False),
        _time("rejected_at", default=True),
        schema=SCHEMA,
    )


def _imports() -> None:
    op.create_table(
        "imports",
        sa.Column("file_hash", sa.LargeBinary, primary_key=True),
        sa.Column("mapping_hash", sa.LargeBinary, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("file_name", "kind", "source")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("rows", "added", "refused")),
        _time("started_at", default=True),
        _time("finished_at", nullable=True),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in (
        "imports",
        "rejected_keys",
        "trait_messages",
        "stray_traits",
        "attribute_schemas",
        "traits",
    ):
        op.drop_table(table, schema=SCHEMA)
    for name in ("traits_until", "traits"):
        op.drop_column("customers", name, schema=SCHEMA)
