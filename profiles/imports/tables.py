"""The table of imports: how far each file has been brought in."""

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from profiles.tables import Base


class Import(Base):
    """A file that is being or has been brought in with a mapping; the row is written with each batch."""

    __tablename__ = "imports"

    #: SHA-256 of the file, and of the mapping with the day it is as of.
    file_hash: Mapped[bytes] = mapped_column(primary_key=True)
    mapping_hash: Mapped[bytes] = mapped_column(primary_key=True)
    file_name: Mapped[str]
    kind: Mapped[str]
    source: Mapped[str]
    #: So many rows have been dealt with.
    rows: Mapped[int]
    added: Mapped[int]
    refused: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]
