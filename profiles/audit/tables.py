"""The tables of the audit log."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from profiles.tables import Base


class AuditEntry(Base):
    """One read or change. A trigger refuses to alter or delete it; whoever gets past that is found by the chain."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_by_customer", "customer_pseudonym", "at"),)

    #: 1, 2, 3, … without a gap.
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    who: Mapped[str]
    what: Mapped[str]
    #: None for what concerns no single customer, such as a change of keys.
    customer_pseudonym: Mapped[str | None]
    why: Mapped[str]
    previous_hash: Mapped[bytes]
    hash: Mapped[bytes]


class AuditHead(Base):
    """One row: where the chain ends. Without it, entries missing at the end would not be missed."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="audit_head_one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int]
    hash: Mapped[bytes]


class AuditCheckpoint(Base):
    """A signed statement that the chain had this hash at this entry; also kept in a file outside the database."""

    __tablename__ = "audit_checkpoints"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[bytes]
    at: Mapped[datetime]
    #: Which public key checks the signature.
    key_id: Mapped[str]
    signature: Mapped[bytes]
