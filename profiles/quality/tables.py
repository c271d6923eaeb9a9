"""Tables of the data's quality: what each run found, and what was imputed."""

from datetime import datetime
from typing import Any

from sqlalchemy import Double, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from profiles.events.tables import StoredEvent
from profiles.tables import SCHEMA, Base


class QualityRun(Base):
    """What one run found, as JSON (`report.Report`)."""

    __tablename__ = "quality_runs"

    at: Mapped[datetime] = mapped_column(primary_key=True)
    report: Mapped[dict[str, Any]]


class Imputation(Base):
    """An attribute that nobody said and that was filled in, and how. The value is a trait of source `imputed`."""

    __tablename__ = "imputations"

    customer_id: Mapped[str] = mapped_column(
        ForeignKey(f"{SCHEMA}.customers.customer_id", ondelete="CASCADE"), primary_key=True
    )
    attribute: Mapped[str] = mapped_column(primary_key=True)
    #: `mean`, `median`, `mode` or `neighbours`.
    method: Mapped[str]
    #: How many known values it was made of.
    known: Mapped[int]
    #: How far those that it was made of agree, 0 to 1.
    agreement: Mapped[float] = mapped_column(Double)
    message_id: Mapped[str]
    at: Mapped[datetime]


#: Events are only ever added, so that those of some days lie together.
Index("events_by_arrival", StoredEvent.__table__.c.received_at, postgresql_using="brin")
