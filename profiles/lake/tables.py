"""Which files the lake has. A file that is not listed does not count: its worker was killed before it was whole."""

from datetime import date, datetime

from sqlalchemy import Date, Index
from sqlalchemy.orm import Mapped, mapped_column

from profiles.tables import Base


class LakeFile(Base):
    """One file, and the key that its content is encrypted with, sealed."""

    __tablename__ = "lake_files"
    __table_args__ = (Index("lake_files_by_day", "day"),)

    #: Below the lake's folder: `day=2026-11-22/1763800000000-0_1763800004000-3.parquet`.
    name: Mapped[str] = mapped_column(primary_key=True)
    #: The first and the last day on which one of its events occurred.
    day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    events: Mapped[int]
    written_at: Mapped[datetime]
    sealed_key: Mapped[bytes]
