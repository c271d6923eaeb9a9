"""Candidate beside live, promotion, roll-back and the publication of texts, by the commands of their rooms."""

import asyncio
import json
import shutil
import time
from pathlib import Path

import pytest
from redis import Redis

from nlu_models.registry import Registry
from nlu_models.runtime.model_folder import CARD_FILE, MODEL_FILE
from tests.bot.tiny_encoder import write
from tests.web.training.conftest import TRAINER, ConsentingProfiles, Said
from tests.web.training.test_decisions import correct, decide
from tests.web.training.test_editing import GREETING
from web.training.service import Training
from web.training.settings import REPOSITORY
from web.training.shapes import Refused

# Each act is a process or two, which a busy machine keeps waiting.
pytestmark = pytest.mark.timeout(400)

OLD, NEW = "aa" * 12, "bb" * 12


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two models in a cache of their own: on "thanks" and on words that they don't know they differ."""
    monkeypatch.setenv("RAPPORT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("RAPPORT_ENCODER_REGISTRY", str(tmp_path / "encoder.json"))
    folder = tmp_path / "cache" / "encoder"
    for name, intents, accuracy in (
        (OLD, ["track_order", "cancel_order", "out_of_scope"], 0.8),
        (NEW, ["track_order", "get_refund", "out_of_scope"], 0.9),
    ):
        write(folder / name, name, intents)
        card = json.loads((folder / name / CARD_FILE).read_text())
        card |= {
            "made_at": f"2026-11-2{len(intents[1]) % 10}",
            "metrics": {"intents": {"accuracy": accuracy}},
        }
        (folder / name / CARD_FILE).write_text(json.dumps(card))
    return folder


@pytest.fixture
def live(models: Path) -> str:
    """The old model serves; nobody signed in made it so."""
    Registry.of_environment().promote(OLD, None)
    return OLD


async def test_promoted_and_rolled_back_with_who_did_it(training: Training, live: str) -> None:
    assert await training.promote(NEW, "sam") == f"{NEW} is promoted"
    assert await training.rollback(TRAINER) == f"{OLD} serves again"
    now = await training.models()
    assert now.live == OLD
    assert {model.model_id: model.live for model in now.models} == {OLD: True, NEW: False}
    assert [(change.model_id, change.how, change.who) for change in now.history] == [
        (OLD, "rollback", TRAINER),
        (NEW, "promote", "sam"),
        (OLD, "promote", None),
    ]


async def test_a_model_that_can_t_be_used_is_refused_and_the_one_before_stays(
    training: Training, models: Path, live: str
) -> None:
    (models / NEW / MODEL_FILE).write_bytes(b"x")
    with pytest.raises(Refused, match="damaged"):
        await training.promote(NEW, TRAINER)
    with pytest.raises(Refused, match="nothing to go back to"):
        await training.rollback(TRAINER)
    assert (await training.models()).live == OLD


async def test_without_a_serving_model_there_is_nothing_to_compare_with(
    training: Training, models: Path
) -> None:
    assert (await training.models()).live is None
    with pytest.raises(Refused, match="no model serves yet"):
        await training.compare(NEW)


async def test_the_candidate_is_compared_on_cards_recent_messages_and_decisions(
    training: Training, live: str, said: Said
) -> None:
    said("hello", "out_of_scope", 0.99)
    said("thanks", "track_order", 0.5)
    said("thanks thanks thanks Ann", "track_order", 0.99, entities=[("person", "Ann")])
    said("not mine to read: thanks", consents=False, customer="C000009")
    await decide(training, "thanks", correct("get_refund"))
    found = await training.compare(NEW)
    assert (found.live, found.candidate, found.messages) == (OLD, NEW, 3)
    assert found.kinds == (("cancel_order", "get_refund", 2),)
    by_text = {change.text: change for change in found.changed}
    assert len(by_text) == 2
    assert (by_text["thanks"].live, by_text["thanks"].candidate) == ("cancel_order", "get_refund")
    assert by_text["thanks"].should_be == "get_refund"
    assert not any(text.endswith("Ann") for text in by_text)
    assert (found.decided, found.decided_live, found.decided_candidate) == (1, 0, 1)
    accuracy = next(metric for metric in found.metrics if metric.name == "intent_accuracy")
    assert (accuracy.shown_live, accuracy.shown_candidate, accuracy.better) == ("80.0%", "90.0%", "candidate")
    unknown = next(metric for metric in found.metrics if metric.name == "calibration_error")
    assert (unknown.shown_live, unknown.better) == ("–", None)


@pytest.fixture
def with_texts(checkout: Path) -> Path:
    shutil.copytree(REPOSITORY / "data/variants", checkout / "data/variants", dirs_exist_ok=True)
    (checkout / "data/demo").mkdir()
    shutil.copy(REPOSITORY / "data/demo/personas.yml", checkout / "data/demo")
    return checkout


async def test_a_draft_is_previewed_for_every_persona_and_an_anonymous_visitor(
    training: Training, with_texts: Path, profiles: ConsentingProfiles, redis_url: str
) -> None:
    profiles.attributes["personalisation"] = {"first_name": "Maria", "tier": "gold", "segment": "casual"}
    source = await training.reply("utter_thanks")
    draft = await training.draft_reply(
        source, source.text.replace("for one of our gold", "for a golden one of our")
    )
    shown = await training.preview("utter_thanks", draft)
    assert shown.faults == ()
    assert [line.reader for line in shown.lines][::8] == ["Maria Hartley", "Anonymous visitor"]
    maria, nobody = shown.lines[0], shown.lines[-1]
    assert (maria.variant, maria.segment) == ("gold", "casual")
    assert "Maria" in maria.text and "for a golden one of our customers" in maria.text
    assert [condition.holds for condition in maria.conditions] == [True]
    assert (nobody.variant, nobody.customer_id) == ("default", None)
    assert not any(condition.holds for condition in nobody.conditions)
    angry = await training.preview("utter_greet", mood="angry")
    assert {line.variant for line in angry.lines} == {"angry"}

    profiles.consent["personalisation"] = False
    Redis.from_url(redis_url).flushall()
    assert {line.variant for line in (await training.preview("utter_thanks")).lines} == {"default"}


async def test_a_draft_with_faults_is_not_previewed(training: Training, with_texts: Path) -> None:
    source = await training.reply("utter_thanks")
    draft = await training.draft_reply(source, source.text.replace("customer.tier", "customer.rank"))
    shown = await training.preview("utter_thanks", draft)
    assert shown.lines == ()
    assert shown.faults == draft.faults != ()
    with pytest.raises(Refused, match="there is no reply utter_never"):
        await training.preview("utter_never")


async def test_texts_are_checked_then_published(training: Training, with_texts: Path, redis_url: str) -> None:
    redis = Redis.from_url(redis_url, decode_responses=True)
    tried = await training.publish_variants(TRAINER, dry_run=True)
    assert (tried.published, tried.faults) == (False, ())
    assert tried.replies > 50
    assert redis.get("variants:version") is None

    done = await training.publish_variants(TRAINER, dry_run=False)
    assert (done.published, done.version, done.before) == (True, tried.version, None)
    assert redis.get("variants:version") == tried.version
    [entry] = await training.audit(limit=1)
    assert (entry.who, entry.what, entry.details["version"]) == (TRAINER, "published", tried.version)

    file = with_texts / GREETING
    text = file.read_text()
    file.write_text(text.replace("for one of our gold", "for a golden one of our"))
    with pytest.raises(Refused, match="look again"):
        await training.publish_variants(TRAINER, dry_run=False, only=tried.version)
    changed = await training.publish_variants(TRAINER, dry_run=True)
    assert changed.changes is not None
    [reply] = changed.changes
    [gold] = reply.texts
    assert (reply.name, gold.variant, gold.kind) == ("utter_thanks", "gold", "changed")
    assert gold.old is not None and gold.new is not None
    assert "for one of our gold" in gold.old.text
    assert (gold.new.when, "for a golden one of our" in gold.new.text) == ("customer's tier is gold", True)
    assert (await training.publish_variants(TRAINER, dry_run=False)).changes == changed.changes

    back = await training.roll_back_variants(TRAINER, dry_run=True)
    assert (back.version, back.before) == (tried.version, changed.version)
    assert redis.get("variants:version") == changed.version
    assert await training.roll_back_variants(TRAINER, dry_run=False, only=back.version) == back
    assert redis.get("variants:version") == tried.version
    [entry] = await training.audit(limit=1)
    assert (entry.what, entry.details) == (
        "replies rolled back",
        {"version": tried.version, "before": changed.version},
    )
    with pytest.raises(Refused, match="nothing to go back to"):
        await training.roll_back_variants(TRAINER, dry_run=True)

    file.write_text(text.replace("customer.tier", "customer.rank", 1))
    refused = await training.publish_variants(TRAINER, dry_run=False)
    assert (refused.published, refused.version) == (False, None)
    assert {fault.path for fault in refused.faults} == {GREETING}
    assert redis.get("variants:version") == tried.version


async def test_nothing_holds_the_event_loop(training: Training, with_texts: Path, said: Said) -> None:
    for number in range(40):
        said(f"message number {number}", "out_of_scope", 0.5)
    longest = 0.0

    async def beat() -> None:
        nonlocal longest
        while True:
            # The processor's time of this thread: on a busy machine a sleep takes longer than it should.
            before = time.thread_time()
            await asyncio.sleep(0.005)
            longest = max(longest, time.thread_time() - before)

    beating = asyncio.create_task(beat())
    await training.review_queue()
    await training.plan_write()
    await training.intents()
    await training.publish_variants(TRAINER, dry_run=True)
    beating.cancel()
    assert longest < 0.1, f"the event loop was held for {longest:.2f} s"
