"""Secrets are made once and are for their owner alone."""

import base64
import json
from dataclasses import asdict
from pathlib import Path

import pytest

from ops.errors import OpsError
from ops.keys import load_or_make


def test_keys_stay_the_same(tmp_path: Path) -> None:
    assert asdict(load_or_make(tmp_path)) == asdict(load_or_make(tmp_path))


def test_every_key_is_its_own(tmp_path: Path) -> None:
    values = asdict(load_or_make(tmp_path)).values()
    assert len(set(values)) == len(values)
    assert len(base64.b64decode(load_or_make(tmp_path).data)) == 32


def test_only_the_owner_reads_the_file(tmp_path: Path) -> None:
    load_or_make(tmp_path)
    file = tmp_path / "secrets.json"
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    load_or_make(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_key_that_is_missing_is_added_and_the_others_stay(tmp_path: Path) -> None:
    before = asdict(load_or_make(tmp_path))
    file = tmp_path / "secrets.json"
    file.write_text(json.dumps({name: value for name, value in before.items() if name != "bot"}))
    after = asdict(load_or_make(tmp_path))
    assert after.pop("bot") != before.pop("bot")
    assert after == before


def test_a_spoilt_file_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    file.write_text("{")
    with pytest.raises(OpsError, match="Restore it from a copy"):
        load_or_make(tmp_path)
    assert file.read_text() == "{"


def test_keys_do_not_show_in_a_traceback(tmp_path: Path) -> None:
    keys = load_or_make(tmp_path)
    assert keys.bot not in repr(keys)
