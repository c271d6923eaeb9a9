"""Tables of links, merges and candidates."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from profiles.tables import SCHEMA, Base


def _customer(*, primary_key: bool = False) -> Mapped[str]:
    key = ForeignKey(f"{SCHEMA}.customers.customer_id", ondelete="CASCADE")
    return mapped_column(key, primary_key=primary_key)


def _merge() -> Mapped[int]:
    return mapped_column(ForeignKey(f"{SCHEMA}.merges.merge_id", ondelete="CASCADE"))


class EmailLogin(Base):
    """Whose an e-mail address is: the customer of the earliest login that gave it. Only its blind index is kept."""

    __tablename__ = "email_logins"
    __table_args__ = (Index("email_logins_by_customer", "customer_id"),)

    email_index: Mapped[bytes] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = _customer()
    linked_at: Mapped[datetime]
    message_id: Mapped[str]


class EmailVisit(Base):
    """The first e-mail address that was given on a device without a login: it may tell whose the device is."""

    __tablename__ = "email_visits"
    __table_args__ = (Index("email_visits_by_email", "email_index"),)

    anonymous_id: Mapped[str] = mapped_column(primary_key=True)
    email_index: Mapped[bytes]
    seen_at: Mapped[datetime]
    message_id: Mapped[str]


class Merge(Base):
    """One customer became part of another. It is kept when it has been undone; its rows are not."""

    __tablename__ = "merges"
    __table_args__ = (Index("merges_by_customer", "customer_id"),)

    merge_id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    #: Who has everything now: the customer that was kept, or the one that this one became part of later.
    customer_id: Mapped[str] = _customer()
    kept_id: Mapped[str]
    merged_id: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    who: Mapped[str]
    why: Mapped[str]
    #: What spoke for it: links, and the weight of each column.
    explanation: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]


class MergedRow(Base):
    """What a merge did to one row, so that it can be undone."""

    __tablename__ = "merged_rows"
    __table_args__ = (
        CheckConstraint("act IN ('moved', 'taken', 'kept')", name="merged_rows_act"),
        Index("merged_rows_by_merge", "merge_id"),
    )

    number: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    merge_id: Mapped[int] = _merge()
    table_name: Mapped[str]
    column_name: Mapped[str]
    #: `moved`: got the kept customer; `taken`: deleted; `kept`: the kept customer's own, as it was before.
    act: Mapped[str]
    #: The key of a moved row; the whole of another.
    content: Mapped[dict[str, Any]]


class Alias(Base):
    """An id that was merged into a customer and goes on being understood."""

    __tablename__ = "aliases"
    __table_args__ = (Index("aliases_by_customer", "customer_id"),)

    alias_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = _customer()
    merge_id: Mapped[int] = _merge()


class Candidate(Base):
    """Two customers who may be one, for a person to decide on."""

    __tablename__ = "candidates"
    __table_args__ = (
        CheckConstraint("first_id < second_id", name="candidates_order"),
        CheckConstraint("status IN ('open', 'rejected')", name="candidates_status"),
        Index("candidates_pair", "first_id", "second_id", unique=True),
        Index("candidates_by_second", "second_id"),
        Index("candidates_open", "probability", "candidate_id", postgresql_where=text("status = 'open'")),
    )

    candidate_id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    first_id: Mapped[str] = _customer()
    second_id: Mapped[str] = _customer()
    probability: Mapped[float]
    #: By column: how it agrees, and its weight.
    explanation: Mapped[dict[str, Any]]
    #: Why a person has to decide.
    reason: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="open")
    found_at: Mapped[datetime] = mapped_column(server_default=func.now())
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
