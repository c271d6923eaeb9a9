"""The demo shop: orders, payments, refunds, returns, what was seen of customers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "shop"
MONEY = sa.Numeric(10, 2)
NOW = sa.text("now()")
STATUSES = (
    "processing",
    "packed",
    "shipped",
    "out_for_delivery",
    "delivered",
    "cancelled",
    "return_requested",
    "returned",
)


def _time(name: str, *, nullable: bool = True, default: bool = False) -> sa.Column[object]:
    server_default = NOW if default else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=server_default)


def _order_key(*, primary_key: bool = False) -> sa.Column[str]:
    key = sa.ForeignKey(f"{SCHEMA}.orders.order_id", ondelete="CASCADE")
    return sa.Column("order_id", sa.Text, key, primary_key=primary_key, nullable=False)


def _one_of(column: str, values: tuple[str, ...], name: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=name)


def upgrade() -> None:
    # `refunds` and `returns` made by the API need numbers above those that seeding gave.
    op.execute(f"CREATE SEQUENCE {SCHEMA}.refund_numbers START 500000")
    op.execute(f"CREATE SEQUENCE {SCHEMA}.return_numbers START 500000")
    op.create_table(
        "customers",
        sa.Column("customer_id", sa.Text, primary_key=True),
        # A keyed hash: enough to check an address that somebody gives, not to learn one.
        sa.Column("email_hash", sa.LargeBinary, nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "orders",
        sa.Column("order_id", sa.Text, primary_key=True),
        sa.Column(
            "customer_id",
            sa.Text,
            sa.ForeignKey(f"{SCHEMA}.customers.customer_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("total", MONEY, nullable=False),
        sa.Column("delivery_fee", MONEY, nullable=False),
        sa.Column("discount", MONEY, nullable=False),
        sa.Column("payment_method", sa.Text, nullable=False),
        sa.Column("carrier", sa.Text),
        sa.Column("tracking_code", sa.Text),
        _time("placed_at", nullable=False),
        _time("expected_at"),
        _time("shipped_at"),
        _time("delivered_at"),
        _time("cancelled_at"),
        sa.CheckConstraint("order_id ~ '^RP-[0-9]{6}$'", name="orders_id"),
        _one_of("status", STATUSES, "orders_status"),
        schema=SCHEMA,
    )
    op.create_index("orders_by_customer", "orders", ["customer_id", sa.text("placed_at DESC")], schema=SCHEMA)
    op.create_table(
        "order_items",
        _order_key(primary_key=True),
        sa.Column("line", sa.SmallInteger, primary_key=True),
        sa.Column("sku", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("quantity", sa.SmallInteger, nullable=False),
        sa.Column("price", MONEY, nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "payments",
        sa.Column("payment_id", sa.Text, primary_key=True),
        _order_key(),
        sa.Column("amount", MONEY, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        _time("at", nullable=False),
        _one_of("status", ("authorised", "captured", "released", "failed", "duplicate"), "payments_status"),
        schema=SCHEMA,
    )
    op.create_index("payments_by_order", "payments", ["order_id"], schema=SCHEMA)
    op.create_table(
        "refunds",
        sa.Column("refund_id", sa.Text, primary_key=True),
        _order_key(),
        sa.Column("amount", MONEY, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        _time("requested_at", nullable=False),
        _time("expected_at", nullable=False),
        _time("paid_at"),
        _one_of("status", ("requested", "approved", "paid"), "refunds_status"),
        schema=SCHEMA,
    )
    op.create_index("refunds_by_order", "refunds", ["order_id"], schema=SCHEMA)
    op.create_table(
        "returns",
        sa.Column("return_id", sa.Text, primary_key=True),
        _order_key(),
        sa.Column("skus", JSONB, nullable=False),
        sa.Column("reason", sa.Text),
        _time("requested_at", nullable=False),
        schema=SCHEMA,
    )
    op.create_index("returns_by_order", "returns", ["order_id"], schema=SCHEMA)
    op.create_table(
        "done_requests",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False),
        # Not JSONB, which would change the order of its members: the answer is kept as it was.
        sa.Column("document", sa.JSON),
        _time("at", nullable=False, default=True),
        schema=SCHEMA,
    )
    op.create_table(
        "events",
        sa.Column("customer_id", sa.Text, nullable=False),
        _time("at", nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("sku", sa.Text),
        _one_of("kind", ("login", "view"), "events_kind"),
        schema=SCHEMA,
    )
    op.create_table(
        "truth",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("behaviour", sa.Text, nullable=False),
        schema=SCHEMA,
    )
    op.create_table(
        "seeds",
        sa.Column("content", sa.Text, primary_key=True),
        sa.Column("as_of", sa.Date, nullable=False),
        _time("at", nullable=False, default=True),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in (
        "seeds",
        "truth",
        "events",
        "done_requests",
        "returns",
        "refunds",
        "payments",
        "order_items",
        "orders",
        "customers",
    ):
        op.drop_table(table, schema=SCHEMA)
    for sequence in ("refund_numbers", "return_numbers"):
        op.execute(f"DROP SEQUENCE {SCHEMA}.{sequence}")
