"""What must hold of the utterances that the models learn from, whoever edits them next."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

DATA = Path(__file__).parents[2] / "data"
NLU_FILES = sorted((DATA / "rasa" / "nlu").glob("*.yml"))
SENTIMENT_FILES = sorted((DATA / "sentiment").glob("*.yml"))

WISHES = {"track_order", "cancel_order", "return_item", "get_refund", "track_refund", "payment_issue"}
WISHES |= {"billing_inquiry", "technical_support", "complaint", "contact_human_agent"}
WISHES |= {"check_cancellation_fee", "change_order", "change_shipping_address", "set_up_shipping_address"}
WISHES |= {"delivery_options", "delivery_period", "place_order", "check_refund_policy", "check_invoice"}
WISHES |= {"get_invoice", "check_payment_methods", "product_question", "compare_products"}
WISHES |= {"recommend_product", "stock_availability", "warranty", "report_defect", "create_account"}
WISHES |= {"delete_account", "edit_account", "switch_account", "recover_password"}
WISHES |= {"registration_problems", "newsletter_subscription", "review", "feedback"}
WISHES |= {"contact_customer_service"}
TALK = {"greet", "goodbye", "thank", "affirm", "deny", "inform", "bot_challenge"}
INTENTS = WISHES | TALK | {"out_of_scope"}
ENTITIES = {"order_id", "product", "date", "money", "email", "phone", "person", "place"}
MOODS = {"angry", "negative", "neutral", "positive"}

ENTITY = re.compile(r"\[(?P<text>[^\[\]]+)\](?:\((?P<name>\w+)\)|(?P<json>\{[^{}]*\}))")
ORDER_NUMBER = re.compile(r"(?<!\d)1\d{5}(?!\d)")
EMAIL = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
SAFE_EMAIL_DOMAIN = re.compile(r"(.*\.)?example(\.(com|net|org))?")
PHONE = re.compile(r"(?:\+44|(?<!\d)0)[\d ]{8,}\d")
# Ofcom keeps these numbers for drama: they reach nobody.
SAFE_PHONE = re.compile(r"(\+44|0)7700900\d{3}")
# ZZ99 is the health service's code for "no fixed abode"; no letter box has it.
POSTCODE = re.compile(r"\b(?!ZZ99)[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b")
CARD_NUMBER = re.compile(r"(?:\d[ -]?){13,}")


@dataclass(frozen=True)
class Entity:
    name: str
    text: str
    value: str


@dataclass(frozen=True)
class Example:
    file: str
    label: str
    marked: str

    @property
    def text(self) -> str:
        """What the customer typed."""
        return ENTITY.sub(lambda found: found["text"], self.marked)

    @property
    def entities(self) -> list[Entity]:
        return [_entity(found) for found in ENTITY.finditer(self.marked)]

    @property
    def unmarked(self) -> str:
        """The text without its entities."""
        return ENTITY.sub(" ", self.marked)


def _entity(found: re.Match[str]) -> Entity:
    if found["name"]:
        return Entity(found["name"], found["text"], found["text"])
    written = json.loads(found["json"])
    return Entity(written["entity"], found["text"], written.get("value", found["text"]))


def _examples(file: Path, section: str, label: str) -> Iterator[Example]:
    for group in yaml.safe_load(file.read_text(encoding="utf-8"))[section]:
        assert set(group) == {label, "examples"}, f"{file.name}: {group.keys()}"
        for line in group["examples"].splitlines():
            assert line.startswith("- "), f"{file.name}: {line!r} is not a list item"
            yield Example(file.name, group[label], line.removeprefix("- ").strip())


def _same_words(text: str) -> str:
    """What is left of a text when neither case nor punctuation counts; the text itself if nothing is."""
    return " ".join(re.findall(r"\w+", text.casefold().replace("'", ""))) or text


NLU = [example for file in NLU_FILES for example in _examples(file, "nlu", "intent")]
SENTIMENT = [example for file in SENTIMENT_FILES for example in _examples(file, "sentiment", "label")]
SETS = pytest.mark.parametrize("examples", [NLU, SENTIMENT], ids=["nlu", "sentiment"])


@pytest.mark.parametrize("file", NLU_FILES, ids=lambda file: file.name)
def test_an_nlu_file_is_in_the_format_of_rasa(file: Path) -> None:
    written = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert set(written) == {"version", "nlu"}
    assert written["version"] == "3.1"


@pytest.mark.parametrize("file", SENTIMENT_FILES, ids=lambda file: file.name)
def test_a_sentiment_file_has_the_agreed_shape(file: Path) -> None:
    written = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert set(written) == {"version", "sentiment"}
    assert written["version"] == 1


def test_every_intent_has_thirty_utterances() -> None:
    counts = Counter(example.label for example in NLU)
    assert set(counts) == INTENTS
    assert min(counts.values()) >= 30, counts


def test_every_mood_has_its_share_of_messages() -> None:
    counts = Counter(example.label for example in SENTIMENT)
    assert set(counts) == MOODS
    assert counts.total() >= 2500
    assert min(counts.values()) >= 500, counts


@SETS
def test_no_message_occurs_twice_or_under_two_labels(examples: list[Example]) -> None:
    seen: dict[str, list[str]] = defaultdict(list)
    for example in examples:
        seen[_same_words(example.text)].append(f"{example.label}: {example.text}")
    assert [places for places in seen.values() if len(places) > 1] == []


def test_utterances_differ_in_more_than_their_entities() -> None:
    """Sentences are written, not multiplied; only bare details (`inform`) look alike."""
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for example in NLU:
        if example.label != "inform":
            shape = ENTITY.sub(lambda found: _entity(found).name, example.marked)
            seen[example.label, _same_words(shape)].append(example.text)
    assert [texts for texts in seen.values() if len(texts) > 1] == []


@pytest.mark.parametrize("intent", sorted(INTENTS))
def test_an_intent_has_short_and_long_utterances(intent: str) -> None:
    lengths = sorted(len(example.text.split()) for example in NLU if example.label == intent)
    assert lengths[0] <= 2
    assert lengths[-1] >= 6


def test_entities_are_known_and_cleanly_marked() -> None:
    for example in NLU:
        assert {entity.name for entity in example.entities} <= ENTITIES, example
        assert not re.search(r"[\[\]{}]", example.text), example
        for entity in example.entities:
            assert entity.text == entity.text.strip(), example


@pytest.mark.parametrize("name", sorted(ENTITIES))
def test_every_kind_of_entity_is_shown_often(name: str) -> None:
    assert sum(entity.name == name for example in NLU for entity in example.entities) >= 10


def test_order_ids_are_given_in_the_form_of_the_shop() -> None:
    orders = [entity for example in NLU for entity in example.entities if entity.name == "order_id"]
    for order in orders:
        assert re.fullmatch(r"RP-1\d{5}", order.value), order
        assert re.sub(r"\D", "", order.text) == re.sub(r"\D", "", order.value), order
    written = Counter(re.sub(r"\d+", "9", order.text) for order in orders)
    assert {"RP-9", "rp9", "#9", "9"} <= set(written)


def test_what_looks_like_an_entity_is_marked_as_one() -> None:
    for example in NLU:
        for pattern in (ORDER_NUMBER, EMAIL, PHONE, re.compile("£")):
            assert not pattern.search(example.unmarked), example


@SETS
def test_nobody_real_can_be_reached(examples: list[Example]) -> None:
    for example in examples:
        for domain in EMAIL.findall(example.text):
            assert SAFE_EMAIL_DOMAIN.fullmatch(domain), example
        for number in PHONE.findall(example.text):
            assert SAFE_PHONE.fullmatch(number.replace(" ", "")), example
        assert not POSTCODE.search(example.text), example
        assert not CARD_NUMBER.search(example.text), example
