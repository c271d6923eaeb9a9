"""Jobs of export, erasure and retention; who was erased; entries of the agents' log of a person who was."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SCHEMA = "profiles"
NOW = sa.text("now()")


def _time(name: str, *, nullable: bool = True, default: bool = False) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), nullable=nullable, server_default=NOW if default else None
    )


def upgrade() -> None:
    op.create_table(
        "rights_jobs",
        sa.Column("job_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("pseudonym", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("identifiers", sa.LargeBinary),
        sa.Column("walk", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("stores", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("certificate", JSONB),
        sa.Column("document", sa.LargeBinary),
        sa.Column("problem", sa.Text),
        _time("asked_at", nullable=False, default=True),
        _time("finished_at"),
        _time("expires_at"),
        sa.CheckConstraint("kind IN ('export', 'erasure')", name="rights_jobs_kind"),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="rights_jobs_state"),
        schema=SCHEMA,
    )
    op.create_index(
        "rights_jobs_unfinished",
        "rights_jobs",
        ["pseudonym", "kind"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("state IN ('waiting', 'running')"),
    )
    op.create_table(
        "rights_steps",
        sa.Column(
            "job_id",
            sa.Text,
            sa.ForeignKey(f"{SCHEMA}.rights_jobs.job_id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("walk", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("store", sa.Text, primary_key=True),
        sa.Column("found", sa.BigInteger, nullable=False),
        _time("at", nullable=False, default=True),
        schema=SCHEMA,
    )
    op.create_table(
        "tombstones",
        sa.Column("pseudonym", sa.Text, primary_key=True),
        _time("erased_at", nullable=False, default=True),
        schema=SCHEMA,
    )
    op.create_table(
        "daily_runs",
        sa.Column("task", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        _time("finished_at"),
        sa.Column("outcome", JSONB),
        schema=SCHEMA,
    )
    _agents_log_of_the_erased()


def _agents_log_of_the_erased() -> None:
    """An entry may lose whom it is about, within a transaction that says so, and nothing else may change."""
    op.execute("DROP TRIGGER audit_append_only ON chat.audit")
    op.execute(
        """
        CREATE FUNCTION chat.refuse_change_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF current_setting('rapport.erasing', true) = 'on' AND TG_LEVEL = 'STATEMENT' THEN
                RETURN NULL;
            END IF;
            IF current_setting('rapport.erasing', true) = 'on'
                AND to_jsonb(OLD) - ARRAY['customer_id', 'reason'] = to_jsonb(NEW) - ARRAY['customer_id', 'reason']
                AND NEW.customer_id ~ '^[a-z2-7]{24}$' THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'the audit log is only ever added to';
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER audit_append_only BEFORE DELETE OR TRUNCATE ON chat.audit
        FOR EACH STATEMENT EXECUTE FUNCTION chat.refuse_change()
        """
    )
    for level in ("statement", "row"):
        op.execute(
            f"""
            CREATE TRIGGER audit_changed_by_erasure_only_{level} BEFORE UPDATE ON chat.audit
            FOR EACH {level} EXECUTE FUNCTION chat.refuse_change_but_erasure()
            """
        )


def downgrade() -> None:
    for level in ("statement", "row"):
        op.execute(f"DROP TRIGGER audit_changed_by_erasure_only_{level} ON chat.audit")
    op.execute("DROP TRIGGER audit_append_only ON chat.audit")
    op.execute("DROP FUNCTION chat.refuse_change_but_erasure()")
    op.execute(
        """
        CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON chat.audit
        FOR EACH STATEMENT EXECUTE FUNCTION chat.refuse_change()
        """
    )
    for table in ("daily_runs", "tombstones", "rights_steps", "rights_jobs"):
        op.drop_table(table, schema=SCHEMA)
