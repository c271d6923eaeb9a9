"""The tables between two tests."""

import psycopg
from psycopg.errors import DeadlockDetected
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random


# A request that the test before did not wait for may still be written by the server.
@retry(
    retry=retry_if_exception_type(DeadlockDetected),
    stop=stop_after_attempt(5),
    wait=wait_random(0.1, 0.5),
    reraise=True,
)
def empty(url: str, *schemas: str) -> None:
    """Take every row out of all tables of these schemas."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables WHERE schemaname = ANY (%s)",
            [list(schemas)],
        ).fetchall()
        # The audit log refuses it otherwise.
        connection.execute("SET session_replication_role = replica")
        connection.execute("TRUNCATE " + ", ".join(name for (name,) in tables))
