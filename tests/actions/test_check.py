"""Publishing tells every fault at once, with its file, line and path."""

import shutil
from pathlib import Path

import pytest
from redis import Redis

from actions.services import connect_redis
from actions.settings import DATA, DOMAIN
from actions.variants.check import DomainNames, Fault, Unpublishable, load_set
from actions.variants.compiled import compile_set
from actions.variants.names import REPLIES
from actions.variants.store import VERSION, Live, PublishedVariants, publish

NAMES = DomainNames.of(DOMAIN)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    shutil.copytree(DATA / "variants", tmp_path / "variants")
    (tmp_path / "decisions").mkdir()
    for name in ("paths.yml", "policy.yml"):
        shutil.copy(DATA / "decisions" / name, tmp_path / "decisions")
    return tmp_path


def faults(data: Path) -> list[Fault]:
    with pytest.raises(Unpublishable) as told:
        load_set(data, NAMES)
    return told.value.faults


def write(data: Path, replies: str) -> Path:
    path = data / "variants" / "zz_more.yml"
    path.write_text(f"version: 1\nreplies:\n{replies}", "utf-8")
    return path


def test_what_is_in_the_repository_can_be_published_and_is_rich_enough() -> None:
    variants = load_set(DATA, NAMES)
    assert set(variants.replies) == set(REPLIES)
    assert sum(len(reply.variants) >= 3 for reply in variants.replies.values()) >= 12
    compile_set(variants)


def test_the_version_is_the_hash_of_the_content(data: Path) -> None:
    before = load_set(data, NAMES).version
    greeting = data / "variants" / "greeting.yml"
    greeting.write_text("# a comment changes nothing\n" + greeting.read_text("utf-8"), "utf-8")
    assert load_set(data, NAMES).version == before
    greeting.write_text(greeting.read_text("utf-8").replace("Goodbye,", "Farewell,"), "utf-8")
    assert load_set(data, NAMES).version != before


def test_every_fault_of_every_file_is_told_in_one_run_with_its_place(data: Path) -> None:
    path = write(
        data,
        """\
  utter_unheard_of:
    default: {text: "hello"}
  utter_thanks:
    default: {text: "twice"}
  utter_faq:
    default: {text: "{{ answer "}
    variants:
      - name: odd
        when: {attribute: customer.shoe_size, op: "==", value: 43}
        text: "{{ customer.shoe_size }} {{ question }}"
      - name: odd
        when: {attribute: customer.orders_total, op: "==", value: many}
        text: "fine"
        quick_replies:
          - {title: Fly, command: {intent: fly_away, entities: [{entity: wing, value: left}]}}
  utter_noted:
    variants: []
  utter_switch_account:
    default: {text: "{{ policy.returns.window_weeks }} {{ policy.loyalty[1].tier }}"}
  utter_handoff:
    default: {text: "Dear {{ customer.first_name }}"}
""",
    )
    (data / "decisions" / "paths.yml").write_text(
        "version: 1\ngreeting:\n  - {name: a, when: {missing: customer.mood}, reply: utter_nothing, offer: person}\n",
        "utf-8",
    )
    told = [str(fault) for fault in faults(data)]
    expected = [
        (f"{path}:3:", "utter_unheard_of", "unknown reply"),
        (f"{path}:5:", "utter_thanks", "in another file"),
        (f"{path}:8:", "utter_faq.default.text", "broken Liquid"),
        (f"{path}:11:", "utter_faq.variants.0.when", "shoe_size"),
        (f"{path}:12:", "utter_faq.variants.0.text", "unknown attribute customer.shoe_size"),
        (f"{path}:12:", "utter_faq.variants.0.text", "unknown value question"),
        (f"{path}:13:", "utter_faq.variants.1.name", "taken"),
        (f"{path}:14:", "utter_faq.variants.1.when", "many"),
        (f"{path}:17:", "utter_faq.variants.1.quick_replies.0", "unknown intent fly_away"),
        (f"{path}:17:", "utter_faq.variants.1.quick_replies.0", "unknown entity wing"),
        (f"{path}:18:", "utter_noted.default", "required"),
        (f"{path}:21:", "utter_switch_account.default.text", "unknown value policy.returns.window_weeks"),
        (f"{path}:23:", "utter_handoff.default.text", "attributes of the customer"),
        ("paths.yml:3:", "greeting.0.when", "customer.mood"),
        ("paths.yml:3:", "greeting.0.reply", "unknown reply utter_nothing"),
    ]
    for place, where, what in expected:
        assert any(place in line and where in line and what in line for line in told), (place, where, told)
    assert not any("policy.loyalty" in line for line in told)


def test_a_key_written_twice_and_a_file_that_is_no_yaml_are_faults(data: Path) -> None:
    path = write(data, '  utter_faq:\n    default: {text: "a"}\n    default: {text: "b"}\n')
    assert any(fault.line == 5 and "written twice" in fault.message for fault in faults(data))
    path.write_text("replies: [", "utf-8")
    assert any("not readable as YAML" in fault.message for fault in faults(data))


def test_a_missing_reply_is_a_fault(data: Path) -> None:
    (data / "variants" / "returns.yml").unlink()
    assert {"reply utter_return_done is missing", "reply utter_refund_status is missing"} <= {
        fault.message for fault in faults(data)
    }


async def test_a_published_set_reaches_a_running_process_and_outlives_redis(
    data: Path, redis_url: str
) -> None:
    first = load_set(data, NAMES)
    redis = connect_redis(redis_url)
    running = PublishedVariants(redis, first)
    assert (await running.current()).version == first.version  # nothing is published: the files serve

    greeting = data / "variants" / "greeting.yml"
    greeting.write_text(greeting.read_text("utf-8").replace("Goodbye,", "Farewell,"), "utf-8")
    second = load_set(data, NAMES)
    with Redis.from_url(redis_url, decode_responses=True) as writer:
        assert publish(writer, second) == Live(None, None)
        assert (await running.current()).version == second.version
        # A set that can't be loaded changes nothing.
        writer.set(VERSION, "broken")
        writer.set("variants:set:broken", "{}")
        assert (await running.current()).version == second.version
    await redis.aclose()

    away = connect_redis("redis://127.0.0.1:9/0")
    assert (await PublishedVariants(away, first).current()).version == first.version
    await away.aclose()
