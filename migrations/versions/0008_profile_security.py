"""Data keys, clients of the API, and the chained audit log."""

import hashlib
import json
from datetime import UTC

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SCHEMA = "profiles"
NOW = sa.text("now()")
ROLES_BEFORE = "role IN ('read', 'write', 'agent')"
ROLES = "role IN ('read', 'write', 'collect', 'customer', 'agent', 'trainer', 'analyst', 'admin', 'service')"


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=NOW)


def upgrade() -> None:
    _clients()
    _data_keys()
    _audit()


def _clients() -> None:
    op.drop_constraint("api_keys_role", "api_keys", schema=SCHEMA)
    op.create_check_constraint("api_keys_role", "api_keys", ROLES, schema=SCHEMA)
    op.create_table(
        "clients",
        sa.Column("client_id", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("customer_id", sa.Text),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        _time("created_at"),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(ROLES, name="clients_role"),
        sa.CheckConstraint("(role = 'customer') = (customer_id IS NOT NULL)", name="clients_customer"),
        schema=SCHEMA,
    )


def _data_keys() -> None:
    op.create_table(
        "data_keys",
        sa.Column("key_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("use", sa.Text, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        _time("created_at"),
        sa.CheckConstraint("use IN ('fields', 'tokens', 'root')", name="data_keys_use"),
        schema=SCHEMA,
    )


def _audit() -> None:
    op.alter_column("audit", "id", new_column_name="sequence", schema=SCHEMA)
    op.execute("ALTER TABLE profiles.audit ALTER sequence DROP IDENTITY")
    op.alter_column("audit", "at", server_default=None, schema=SCHEMA)
    op.alter_column("audit", "customer_pseudonym", nullable=True, schema=SCHEMA)
    op.add_column("audit", sa.Column("previous_hash", sa.LargeBinary), schema=SCHEMA)
    op.add_column("audit", sa.Column("hash", sa.LargeBinary), schema=SCHEMA)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("id = 1", name="audit_head_one_row"),
        schema=SCHEMA,
    )
    op.create_table(
        "audit_checkpoints",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        schema=SCHEMA,
    )
    _chain_what_is_there()
    op.alter_column("audit", "previous_hash", nullable=False, schema=SCHEMA)
    op.alter_column("audit", "hash", nullable=False, schema=SCHEMA)
    op.execute(
        """
        CREATE FUNCTION profiles.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the audit log is only ever added to'; END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON profiles.audit
        FOR EACH STATEMENT EXECUTE FUNCTION profiles.refuse_audit_change()
        """
    )


def _chain_what_is_there() -> None:
    """Number the entries 1, 2, 3, … in their order and chain them, as `profiles.audit.chain` did on this day."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT sequence, at, who, what, customer_pseudonym AS customer, why "
            "FROM profiles.audit ORDER BY sequence"
        )
    ).all()
    previous = bytes(32)
    # Upwards: a number is never larger than the one it replaces, so that none is taken twice.
    for number, row in enumerate(rows, start=1):
        moment = row.at.astimezone(UTC).isoformat(timespec="microseconds")
        said = [number, moment, row.who, row.what, row.customer, row.why, previous.hex()]
        digest = hashlib.sha256(json.dumps(said, ensure_ascii=True, separators=(",", ":")).encode()).digest()
        connection.execute(
            sa.text(
                "UPDATE profiles.audit SET sequence = :number, previous_hash = :previous, hash = :hash "
                "WHERE sequence = :old"
            ),
            {"number": number, "previous": previous, "hash": digest, "old": row.sequence},
        )
        previous = digest
    if rows:
        connection.execute(
            sa.text("INSERT INTO profiles.audit_head (id, sequence, hash) VALUES (1, :last, :hash)"),
            {"last": len(rows), "hash": previous},
        )


def downgrade() -> None:
    op.execute("DROP TRIGGER audit_append_only ON profiles.audit")
    op.execute("DROP FUNCTION profiles.refuse_audit_change()")
    op.drop_table("audit_checkpoints", schema=SCHEMA)
    op.drop_table("audit_head", schema=SCHEMA)
    op.drop_column("audit", "hash", schema=SCHEMA)
    op.drop_column("audit", "previous_hash", schema=SCHEMA)
    # The older table has no entry without a customer; what is said stays, under no pseudonym.
    op.execute("UPDATE profiles.audit SET customer_pseudonym = '' WHERE customer_pseudonym IS NULL")
    op.alter_column("audit", "customer_pseudonym", nullable=False, schema=SCHEMA)
    op.alter_column("audit", "at", server_default=NOW, schema=SCHEMA)
    op.alter_column("audit", "sequence", new_column_name="id", schema=SCHEMA)
    op.execute("ALTER TABLE profiles.audit ALTER id ADD GENERATED ALWAYS AS IDENTITY")
    op.execute("SELECT setval(pg_get_serial_sequence('profiles.audit', 'id'), max(id)) FROM profiles.audit")
    op.drop_table("data_keys", schema=SCHEMA)
    op.drop_table("clients", schema=SCHEMA)
    op.execute("DELETE FROM profiles.api_keys WHERE role NOT IN ('read', 'write', 'agent')")
    op.drop_constraint("api_keys_role", "api_keys", schema=SCHEMA)
    op.create_check_constraint("api_keys_role", "api_keys", ROLES_BEFORE, schema=SCHEMA)
