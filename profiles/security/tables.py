"""The tables of keys and clients."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Identity, func
from sqlalchemy.orm import Mapped, mapped_column

from profiles.tables import ROLES_SQL, Base


class DataKey(Base):
    """A key that seals fields, or signs tokens; itself sealed ("wrapped") with `RAPPORT_DATA_KEY`.

    The one of use `root` is the first `RAPPORT_DATA_KEY` there was: index and pseudonyms hang on it for good.
    """

    __tablename__ = "data_keys"
    __table_args__ = (CheckConstraint("use IN ('fields', 'tokens', 'root')", name="data_keys_use"),)

    key_id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    use: Mapped[str]
    wrapped: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Client(Base):
    """Who may get tokens; the secret itself is not kept. A client of role `customer` is one customer's."""

    __tablename__ = "clients"
    __table_args__ = (
        CheckConstraint(ROLES_SQL, name="clients_role"),
        CheckConstraint("(role = 'customer') = (customer_id IS NOT NULL)", name="clients_customer"),
    )

    client_id: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    customer_id: Mapped[str | None]
    secret_hash: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    revoked_at: Mapped[datetime | None]
