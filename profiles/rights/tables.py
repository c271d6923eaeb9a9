"""The tables of jobs, and of who was erased."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from profiles.tables import SCHEMA, Base


class RightsJob(Base):
    """One export or erasure. Of whom is known by the pseudonym alone, once it is over."""

    __tablename__ = "rights_jobs"
    __table_args__ = (
        CheckConstraint("kind IN ('export', 'erasure')", name="rights_jobs_kind"),
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="rights_jobs_state"),
        Index(
            "rights_jobs_unfinished",
            "pseudonym",
            "kind",
            unique=True,
            postgresql_where=text("state IN ('waiting', 'running')"),
        ),
    )

    job_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    pseudonym: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="waiting")
    asked_by: Mapped[str]
    why: Mapped[str]
    #: Under which ids the person's rows are found, sealed; none once the job is over.
    identifiers: Mapped[bytes | None]
    #: How often the stores have been walked; a job that was interrupted walks all of them again.
    walk: Mapped[int] = mapped_column(server_default="0")
    #: How many steps a walk has.
    stores: Mapped[int] = mapped_column(server_default="0")
    #: Of an erasure: pseudonym, stores and counts.
    certificate: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    #: Of an export: everything, sealed, until `expires_at`.
    document: Mapped[bytes | None]
    problem: Mapped[str | None]
    asked_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class RightsStep(Base):
    """A store that a walk of a job is done with, and how much it found there."""

    __tablename__ = "rights_steps"

    job_id: Mapped[str] = mapped_column(
        ForeignKey(f"{SCHEMA}.rights_jobs.job_id", ondelete="CASCADE"), primary_key=True
    )
    walk: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    store: Mapped[str] = mapped_column(primary_key=True)
    found: Mapped[int]
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class Tombstone(Base):
    """Somebody was erased (`Vault.pseudonym` of the customer's or the device's id): late events are dropped."""

    __tablename__ = "tombstones"

    pseudonym: Mapped[str] = mapped_column(primary_key=True)
    erased_at: Mapped[datetime] = mapped_column(server_default=func.now())


class DailyRun(Base):
    """A daily task was begun on this day."""

    __tablename__ = "daily_runs"

    task: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    finished_at: Mapped[datetime | None]
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
