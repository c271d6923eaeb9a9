"""Files of the lake may hold events of several days."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SCHEMA = "profiles"


def upgrade() -> None:
    op.add_column("lake_files", sa.Column("last_day", sa.Date), schema=SCHEMA)
    op.execute("UPDATE profiles.lake_files SET last_day = day")
    op.alter_column("lake_files", "last_day", nullable=False, schema=SCHEMA)


def downgrade() -> None:
    op.drop_column("lake_files", "last_day", schema=SCHEMA)
