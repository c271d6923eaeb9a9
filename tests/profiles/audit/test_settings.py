"""What signs checkpoints: given, or made once and kept for its owner only."""

import base64
import stat
from pathlib import Path

import pytest

from profiles.audit.checkpoints import UnreadableCheckpoints, UnusableAuditKey, in_file
from profiles.audit.settings import AuditSettings


def test_a_key_that_is_not_given_is_made_once_and_hidden(tmp_path: Path) -> None:
    first, again = (AuditSettings(state=tmp_path).keys().signing_id for _ in range(2))
    assert first == again
    kept = tmp_path / "audit" / "signing.key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.parametrize("given", ["not base64!", base64.b64encode(b"short").decode(), ""])
def test_an_unusable_key_is_said_without_showing_it(tmp_path: Path, given: str) -> None:
    with pytest.raises(UnusableAuditKey, match="RAPPORT_AUDIT_KEY") as said:
        AuditSettings(state=tmp_path, audit_key=given).keys()
    assert not given or given not in str(said.value)


def test_a_damaged_key_file_is_said(tmp_path: Path) -> None:
    AuditSettings(state=tmp_path).keys()
    (tmp_path / "audit" / "signing.key").write_bytes(b"short")
    with pytest.raises(UnusableAuditKey, match="damaged"):
        AuditSettings(state=tmp_path).keys()


def test_a_line_that_is_no_checkpoint_is_named(tmp_path: Path) -> None:
    file = tmp_path / "checkpoints.jsonl"
    file.write_text('{"sequence": 1}\n')
    with pytest.raises(UnreadableCheckpoints, match="line 1"):
        in_file(file)
