"""The demo shop: accounts, addresses, newsletters, cases, what would be mailed, and acts that can be undone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA = "shop"
NUMBERS = ("act_numbers", "case_numbers", "message_numbers", "address_numbers", "change_numbers")


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _customer(*, primary_key: bool = False, nullable: bool = False) -> sa.Column[str]:
    key = sa.ForeignKey(f"{SCHEMA}.customers.customer_id", ondelete="CASCADE")
    return sa.Column("customer_id", sa.Text, key, primary_key=primary_key, nullable=nullable)


def _order(*, nullable: bool = False) -> sa.Column[str]:
    key = sa.ForeignKey(f"{SCHEMA}.orders.order_id", ondelete="CASCADE")
    return sa.Column("order_id", sa.Text, key, nullable=nullable)


def upgrade() -> None:
    for sequence in NUMBERS:
        op.execute(f"CREATE SEQUENCE {SCHEMA}.{sequence} START 500000")
    # Columns named `sealed_…` hold personal data, encrypted with RAPPORT_DATA_KEY.
    op.add_column("orders", sa.Column("sealed_address", sa.LargeBinary), schema=SCHEMA)
    # Answers hold addresses now.
    op.drop_column("done_requests", "document", schema=SCHEMA)
    op.add_column("done_requests", sa.Column("sealed_document", sa.LargeBinary), schema=SCHEMA)
    op.create_table(
        "accounts",
        _customer(primary_key=True),
        sa.Column("sealed_name", sa.LargeBinary, nullable=False),
        sa.Column("sealed_email", sa.LargeBinary, nullable=False),
        sa.Column("sealed_phone", sa.LargeBinary, nullable=False),
        _time("created_at"),
        sa.Column("closing_on", sa.Date),
        schema=SCHEMA,
    )
    op.create_table(
        "addresses",
        sa.Column("address_id", sa.Text, primary_key=True),
        _customer(),
        sa.Column("label", sa.Text),
        sa.Column("sealed_address", sa.LargeBinary, nullable=False),
        sa.Column("is_default", sa.Boolean, nullable=False),
        _time("added_at"),
        schema=SCHEMA,
    )
    op.create_index("addresses_by_customer", "addresses", ["customer_id"], schema=SCHEMA)
    op.create_index(
        "addresses_one_default",
        "addresses",
        ["customer_id"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("email_hash", sa.LargeBinary, primary_key=True),
        sa.Column("topic", sa.Text, primary_key=True),
        _time("since"),
        schema=SCHEMA,
    )
    op.create_table(
        "account_changes",
        sa.Column("change_id", sa.Text, primary_key=True),
        _customer(),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("sealed_value", sa.LargeBinary, nullable=False),
        _time("asked_at"),
        _time("valid_until"),
        _time("done_at", nullable=True),
        _time("stopped_at", nullable=True),
        sa.CheckConstraint("field IN ('email', 'phone', 'name')", name="account_changes_field"),
        schema=SCHEMA,
    )
    op.create_index("account_changes_by_customer", "account_changes", ["customer_id"], schema=SCHEMA)
    op.create_table(
        "links",
        sa.Column("token_hash", sa.LargeBinary, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("about", JSONB, nullable=False),
        _time("valid_until"),
        _time("used_at", nullable=True),
        schema=SCHEMA,
    )
    op.create_table(
        "outbox",
        sa.Column("message_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("recipient_hash", sa.LargeBinary, nullable=False),
        sa.Column("sealed_message", sa.LargeBinary, nullable=False),
        _time("at"),
        schema=SCHEMA,
    )
    op.create_index("outbox_by_recipient", "outbox", ["recipient_hash", "kind", "at"], schema=SCHEMA)
    op.create_table(
        "cases",
        sa.Column("case_id", sa.Text, primary_key=True),
        _order(),
        sa.Column("sku", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("remedy", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        _time("opened_at"),
        sa.Column("answer_by", sa.Date, nullable=False),
        sa.CheckConstraint("kind IN ('defect', 'warranty')", name="cases_kind"),
        sa.CheckConstraint("remedy IN ('repair', 'replacement', 'refund')", name="cases_remedy"),
        sa.CheckConstraint("status IN ('open', 'withdrawn', 'closed')", name="cases_status"),
        schema=SCHEMA,
    )
    op.create_index("cases_by_order", "cases", ["order_id"], schema=SCHEMA)
    op.create_table(
        "acts",
        sa.Column("act_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        _customer(),
        _order(nullable=True),
        # What it was like before, to which undoing goes back.
        sa.Column("sealed_before", sa.LargeBinary, nullable=False),
        _time("done_at"),
        _time("undo_until"),
        _time("undone_at", nullable=True),
        schema=SCHEMA,
    )
    op.create_index("acts_by_customer", "acts", ["customer_id", "done_at"], schema=SCHEMA)


def downgrade() -> None:
    for table in (
        "acts",
        "cases",
        "outbox",
        "links",
        "account_changes",
        "subscriptions",
        "addresses",
        "accounts",
    ):
        op.drop_table(table, schema=SCHEMA)
    op.drop_column("done_requests", "sealed_document", schema=SCHEMA)
    op.add_column("done_requests", sa.Column("document", sa.JSON), schema=SCHEMA)
    op.drop_column("orders", "sealed_address", schema=SCHEMA)
    for sequence in NUMBERS:
        op.execute(f"DROP SEQUENCE {SCHEMA}.{sequence}")
