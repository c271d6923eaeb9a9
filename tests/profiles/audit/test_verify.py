"""Whoever alters the log in the database is found, with the numbers of the entries."""

import base64

import pytest

from profiles.audit.checkpoints import in_database, in_file
from profiles.audit.settings import AuditSettings
from profiles.audit.verify import Report, verify
from profiles.audit.watch import check_and_sign
from profiles.store import Store

from .conftest import Tamper, add

#: What an intruder who knows the code can do: compute the chain anew, from an entry on.
RECHAIN = """
DO $$
DECLARE e record; previous bytea; said text;
BEGIN
  SELECT hash INTO previous FROM profiles.audit WHERE sequence = {start} - 1;
  FOR e IN SELECT * FROM profiles.audit WHERE sequence >= {start} ORDER BY sequence LOOP
    said := '[' || e.sequence || ',"' || to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00","'
      || e.who || '","' || e.what || '","' || e.customer_pseudonym || '","' || e.why || '","'
      || encode(previous, 'hex') || '"]';
    UPDATE profiles.audit SET previous_hash = previous, hash = sha256(convert_to(said, 'UTF8'))
    WHERE sequence = e.sequence RETURNING hash INTO previous;
  END LOOP;
  UPDATE profiles.audit_head SET hash = previous;
END $$
"""


async def report(store: Store, settings: AuditSettings) -> Report:
    async with store.engine.connect() as connection:
        checkpoints = [*await in_database(connection), *in_file(settings.file())]
    return await verify(store.engine, settings.keys(), checkpoints)


async def faults(store: Store, settings: AuditSettings) -> list[str]:
    return [str(fault) for fault in (await report(store, settings)).faults]


async def test_a_log_as_it_was_written_has_no_faults(store: Store, audit_settings: AuditSettings) -> None:
    await add(store, "a", "b")
    await check_and_sign(store.engine, audit_settings)
    await add(store, "c")
    found = await report(store, audit_settings)
    # One signature, which rests in two places.
    assert (found.entries, found.checkpoints, found.faults) == (3, 1, [])


async def test_an_empty_log_has_no_faults(store: Store, audit_settings: AuditSettings) -> None:
    assert await faults(store, audit_settings) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE profiles.audit SET who = 'nobody' WHERE sequence = 3",
        "UPDATE profiles.audit SET why = '' WHERE sequence = 3",
        "UPDATE profiles.audit SET at = at + interval '1 microsecond' WHERE sequence = 3",
        "UPDATE profiles.audit SET customer_pseudonym = NULL WHERE sequence = 3",
    ],
)
async def test_an_edited_entry_is_found(
    store: Store, audit_settings: AuditSettings, tamper: Tamper, change: str
) -> None:
    await add(store, *"abcde")
    tamper(change)
    assert await faults(store, audit_settings) == ["entry 3: edited"]


@pytest.mark.parametrize(
    ("gone", "said"),
    [
        ("DELETE FROM profiles.audit WHERE sequence = 3", "entry 3: missing"),
        ("DELETE FROM profiles.audit WHERE sequence BETWEEN 2 AND 4", "entries 2 to 4: missing"),
    ],
)
async def test_entries_taken_out_of_the_middle_are_found(
    store: Store, audit_settings: AuditSettings, tamper: Tamper, gone: str, said: str
) -> None:
    await add(store, *"abcde")
    tamper(gone)
    assert await faults(store, audit_settings) == [said]


async def test_entries_cut_off_at_the_end_are_found(
    store: Store, audit_settings: AuditSettings, tamper: Tamper
) -> None:
    await add(store, *"abcde")
    tamper("DELETE FROM profiles.audit WHERE sequence > 3")
    assert await faults(store, audit_settings) == ["entries 4 to 5: missing at the end"]


async def test_a_missing_first_entry_is_found(
    store: Store, audit_settings: AuditSettings, tamper: Tamper
) -> None:
    await add(store, *"abc")
    tamper("DELETE FROM profiles.audit WHERE sequence = 1")
    assert await faults(store, audit_settings) == ["entry 1: missing"]


async def test_whoever_cuts_off_the_end_and_covers_it_is_found_by_the_checkpoint_outside(
    store: Store, audit_settings: AuditSettings, tamper: Tamper
) -> None:
    await add(store, *"abcde")
    await check_and_sign(store.engine, audit_settings)
    tamper("DELETE FROM profiles.audit WHERE sequence > 3")
    tamper(
        "UPDATE profiles.audit_head SET (sequence, hash) = (SELECT sequence, hash FROM profiles.audit WHERE sequence = 3)"
    )
    tamper("DELETE FROM profiles.audit_checkpoints")
    assert await faults(store, audit_settings) == ["entries 4 to 5: missing at the end"]
    await add(store, "f", "g")
    assert await faults(store, audit_settings) == [
        "entries 1 to 5: not what a checkpoint has signed: replaced"
    ]


async def test_whoever_edits_and_computes_the_chain_anew_is_found_by_the_checkpoint(
    store: Store, audit_settings: AuditSettings, tamper: Tamper
) -> None:
    await add(store, *"ab")
    await check_and_sign(store.engine, audit_settings)
    await add(store, *"cde")
    await check_and_sign(store.engine, audit_settings)
    await add(store, *"f")
    tamper("UPDATE profiles.audit SET why = 'another' WHERE sequence = 4")
    tamper(RECHAIN.format(start=4))
    assert await faults(store, audit_settings) == [
        "entries 3 to 5: not what a checkpoint has signed: replaced"
    ]


async def test_an_entry_replaced_with_its_own_hash_is_found(
    store: Store, audit_settings: AuditSettings, tamper: Tamper
) -> None:
    await add(store, *"abcd")
    tamper("CREATE TABLE public.kept AS SELECT * FROM profiles.audit WHERE sequence > 2")
    tamper("UPDATE profiles.audit SET why = 'another' WHERE sequence = 2")
    tamper(RECHAIN.format(start=2))
    tamper(
        "UPDATE profiles.audit AS a SET previous_hash = k.previous_hash, hash = k.hash FROM public.kept AS k "
        "WHERE a.sequence = k.sequence"
    )
    tamper("UPDATE profiles.audit_head SET hash = (SELECT hash FROM public.kept WHERE sequence = 4)")
    tamper("DROP TABLE public.kept")
    assert await faults(store, audit_settings) == ["entry 2: replaced (entry 3 follows another one)"]


async def test_a_forged_checkpoint_is_found(
    store: Store, audit_settings: AuditSettings, tamper: Tamper
) -> None:
    await add(store, *"abc")
    await check_and_sign(store.engine, audit_settings)
    audit_settings.file().unlink()
    tamper("UPDATE profiles.audit_checkpoints SET sequence = 2")
    assert await faults(store, audit_settings) == ["entry 2: its checkpoint is not signed by a known key"]


async def test_nothing_is_signed_after_a_fault(
    store: Store, audit_settings: AuditSettings, tamper: Tamper
) -> None:
    await add(store, *"abc")
    await check_and_sign(store.engine, audit_settings)
    await add(store, *"de")
    tamper("UPDATE profiles.audit SET who = 'nobody' WHERE sequence = 4")
    found = await check_and_sign(store.engine, audit_settings)
    assert [str(fault) for fault in found.faults] == ["entry 4: edited"]
    assert [one.sequence for one in in_file(audit_settings.file())] == [3]


async def test_a_checkpoint_outlives_a_change_of_its_key(store: Store, audit_settings: AuditSettings) -> None:
    old, new = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
    await add(store, "a")
    before = AuditSettings(state=audit_settings.state, audit_key=old)
    await check_and_sign(store.engine, before)
    both = AuditSettings(state=audit_settings.state, audit_key=f"{new},{old}")
    assert await faults(store, both) == []
    alone = AuditSettings(state=audit_settings.state, audit_key=new)
    assert await faults(store, alone) == ["entry 1: its checkpoint is not signed by a known key"]
