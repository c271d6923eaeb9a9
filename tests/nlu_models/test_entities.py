"""Entities: what customers write, and the values that the bot works with."""

import re
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu_models.commands.mask import mask
from nlu_models.runtime import CatalogueError, Entities
from nlu_models.runtime.dates import find_dates
from nlu_models.runtime.patterns import find_patterns, luhn_holds
from nlu_models.runtime.people import is_given_name
from nlu_models.runtime.personal import find_addresses, find_bank_details, iban_holds
from nlu_models.runtime.places import find_places
from tests.slowdown import slowdown

TODAY = date(2026, 11, 22)
NLU = Path(__file__).parents[2] / "data" / "rasa" / "nlu"

CATALOGUE = """\
products:
- sku: HP-1
  name: Thrumm Drift 5 Wireless Headphones
  aliases: [headphones, drift 5]
- sku: KT-1
  name: Kettlewick Clearwater Glass Kettle
  aliases: [kettle, glass kettle]
- sku: AF-1
  name: Crispwell 6 L Air Fryer
  aliases: [air fryer]
- sku: CH-1
  name: Voltling 65 W USB-C Charger
  aliases: [charger, usb-c charger]
- sku: FN-1
  name: Breezlin Mast Tower Fan
  aliases: [fan]
- sku: BD-4
  name: Downmere Heated Throw
  aliases: [throw]
- sku: HT-1
  name: Breezlin Ember Oil Radiator
  aliases: [heater]
"""


@pytest.fixture(scope="module")
def entities(tmp_path_factory: pytest.TempPathFactory) -> Entities:
    file = tmp_path_factory.mktemp("catalogue") / "products.yml"
    file.write_text(CATALOGUE, encoding="utf-8")
    return Entities.load(file)


def found(entities: Entities, text: str) -> list[tuple[str, str]]:
    return [(entity.entity, entity.value) for entity in entities.extract(text, TODAY)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Orders of ours, however they are written.
        ("where is RP-100234?", [("order_id", "RP-100234")]),
        ("rp100234", [("order_id", "RP-100234")]),
        ("RP 100 234 pls", [("order_id", "RP-100234")]),
        ("r p 1 0 0 2 3 4", [("order_id", "RP-100234")]),
        ("RP–100234", [("order_id", "RP-100234")]),
        ("#100234", [("order_id", "RP-100234")]),
        ("it's 100234.", [("order_id", "RP-100234")]),
        ("(100234)", [("order_id", "RP-100234")]),
        ("RP-100234 and rp-100235", [("order_id", "RP-100234"), ("order_id", "RP-100235")]),
        # Meant as an order, but none of ours.
        ("RP-12345", [("order_id", "RP-12345")]),
        ("my order is 4870952797", [("order_id", "4870952797")]),
        ("1234567", [("order_id", "1234567")]),
        ("order number 4821", [("order_id", "4821")]),
        # Numbers that are no orders.
        ("I bought it in 2019, honest", [("date", "2019")]),
        ("it cost £100234", [("money", "£100234.00")]),
        ("100234 pounds", [("money", "£100234.00")]),
        ("the code 482913 is refused", []),
        ("a 200000 mah bank", []),
        ("45678", []),
        ("version 100234.5", []),
        ("user_100234", []),
        # Phones.
        ("ring me on 07700 900123", [("phone", "07700900123")]),
        ("+44 7700 900123", [("phone", "+447700900123")]),
        ("it is 0 7 7 0 0 9 0 0 1 2 3", [("phone", "07700900123")]),
        ("0044 7700 900123", [("phone", "00447700900123")]),
        ("(977) 625-2661", [("phone", "9776252661")]),
        ("977-625-2661", [("phone", "9776252661")]),
        ("020 7946 0958 is the landline", [("phone", "02079460958")]),
        ("my mobile is 7700900123", [("phone", "7700900123")]),
        # Cards are never given on.
        ("4111 1111 1111 1111", [("card_number", "**** 1111")]),
        ("card 4111-1111-1111-1112 declined", [("card_number", "**** 1112")]),
        ("378282246310005", [("card_number", "**** 0005")]),
        # E-mail and money.
        ("cminh730@email.com", [("email", "cminh730@email.com")]),
        ("Write to Jo.Bloggs+shop@Mail.co.uk.", [("email", "jo.bloggs+shop@mail.co.uk")]),
        ("refund my £40", [("money", "£40.00")]),
        ("£1,299.99 gone", [("money", "£1299.99")]),
        ("about 40 quid", [("money", "£40.00")]),
        ("I paid $94.50", [("money", "$94.50")]),
        ("40 pounds off", [("money", "£40.00")]),
        ("a 50p bag", [("money", "£0.50")]),
        ("lost a tenner", [("money", "£10.00")]),
        ("EUR 20", [("money", "€20.00")]),
        ("forty quid", [("money", "£40.00")]),
        ("twenty-five pounds fifty", [("money", "£25.50")]),
        ("20 pounds 50", [("money", "£20.50")]),
        ("a hundred and twenty pounds", [("money", "£120.00")]),
        ("£1.2k", [("money", "£1200.00")]),
        ("2 grand", [("money", "£2000.00")]),
        ("20 pounds 50 mugs", [("money", "£20.00")]),
        ("heavy as 3 kettles and 2 ps", [("product", "KT-1")]),
        # Products, misspelt too.
        ("two Drift 5 wireless headphones", [("product", "HP-1")]),
        ("my headphone's dead", [("product", "HP-1")]),
        ("wireles headfones", [("product", "HP-1")]),
        ("glass ketle", [("product", "KT-1")]),
        ("my ketlte leaks", [("product", "KT-1")]),
        ("the airfryer", [("product", "AF-1")]),
        ("the air frier", [("product", "AF-1")]),
        ("a usb c charger", [("product", "CH-1")]),
        ("charged twice for one charge", []),
        ("the fan rattles", [("product", "FN-1")]),
        ("big fan of yours, I won't throw it away", []),
        ("Heather answered", []),
        # Places.
        ("do you deliver to leeds", [("place", "Leeds")]),
        ("the branch in Milton Keynes", [("place", "Milton Keynes")]),
        ("i read in the bath while reading", []),
        ("we live in Reading", [("place", "Reading")]),
        ("a uk plug", []),
        ("12 York Road", []),
        # Dates and persons.
        ("delivered last tuesday", [("date", "2026-11-17")]),
        ("bought on 3 March", [("date", "2026-03-03")]),
        ("on 12/11/2026", [("date", "2026-11-12")]),
        ("2026-11-03", [("date", "2026-11-03")]),
        ("my name is crystal minh and i want my money", [("person", "Crystal Minh")]),
        ("My name is Jean-Luc O'Neill.", [("person", "Jean-Luc O'Neill")]),
        ("i'm crystal minh", [("person", "Crystal Minh")]),
        ("I'm Rodriguez Domingo", [("person", "Rodriguez Domingo")]),
        ("this is sarah", [("person", "Sarah")]),
        ("crystal minh", [("person", "Crystal Minh")]),
        ("i'm really annoyed", []),
        ("I'm Still Waiting", []),
        ("this is ridiculous", []),
        ("Order Status", []),
        ("my name is on the parcel", []),
        ("", []),
        (" \x00\n", []),
    ],
)
def test_values(entities: Entities, text: str, expected: list[tuple[str, str]]) -> None:
    assert found(entities, text) == expected


def test_everything_in_one_message(entities: Entities) -> None:
    text = "I'm Joe Banks (joe@banks.uk, 07700 900123): the kettle of order 100234, £49 on 3 March, leaks"
    assert found(entities, text) == [
        ("person", "Joe Banks"),
        ("email", "joe@banks.uk"),
        ("phone", "07700900123"),
        ("product", "KT-1"),
        ("order_id", "RP-100234"),
        ("money", "£49.00"),
        ("date", "2026-03-03"),
    ]


def test_spans_are_those_of_the_text(entities: Entities) -> None:
    text = "hi, #100234 or the ketle"
    assert [text[entity.start : entity.end] for entity in entities.extract(text)] == ["#100234", "ketle"]


def test_no_card_number_is_given_on(entities: Entities) -> None:
    [card] = entities.extract("5555 5555 5555 4444")
    assert "5555" not in card.value


def test_names_beyond_the_first_thousand_characters_are_left_to_the_rules(entities: Entities) -> None:
    padding = "so it goes " * 100
    text = padding + "ask Bernice Oduya about order 100234 of last tuesday"
    assert found(entities, text) == [("order_id", "RP-100234"), ("date", "2026-11-17")]


def _utterances() -> list[str]:
    """All utterances that the intents are trained on, without their annotations."""
    groups = [group for file in NLU.glob("*.yml") for group in yaml.safe_load(file.read_text())["nlu"]]
    examples = [line for group in groups for line in group["examples"].splitlines()]
    return sorted({re.sub(r"\[(.+?)\](?:\(.+?\)|\{.+?\})", r"\1", line[2:]) for line in examples})


class _Asked:
    """The English model, noting what it was asked."""

    def __init__(self, english: Any) -> None:
        self.english = english
        self.texts: set[str] = set()

        self.memory_zone = english.memory_zone

    def __call__(self, text: str) -> Any:
        self.texts.add(text)
        return self.english(text)


def test_the_model_is_spared_only_where_it_finds_nothing_of_worth(
    entities: Entities, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = _Asked(entities._recogniser)
    monkeypatch.setattr(entities, "_recogniser", asked)
    texts = _utterances()
    assert len(texts) > 1_000
    for text in texts:
        entities.extract(text)
    spared = [text for text in texts if text not in asked.texts]
    assert len(spared) > len(texts) / 3
    for document in asked.english.pipe(spared):
        persons = [
            s.text
            for s in document.ents
            if s.label_ == "PERSON" and s.text.isprintable() and s.text[0].isalpha()
        ]
        # "ta ta", "helo": no name that a customer would sign with.
        assert not any(is_given_name(word) for person in persons for word in person.split())
        # Nor is what is shouted: "FURIOUS".
        assert all(person.islower() or person.isupper() for person in persons)


@pytest.mark.parametrize(
    "text",
    ["ask Bernice", "ask bernard", "under Mrs Blackwood", "in the name of gordon leask", "WOJCIECH NOWAK"],
)
def test_the_model_is_asked_where_a_name_may_be(
    entities: Entities, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    asked = _Asked(entities._recogniser)
    monkeypatch.setattr(entities, "_recogniser", asked)
    entities.extract(text)
    assert asked.texts == {text}


@pytest.mark.parametrize(
    "text",
    ["1 " * 10_000, "0" * 20_000, "a.b-" * 5_000, "+44 (0) " * 2_500, "my name is " * 1_800, "[" * 20_000],
)
def test_a_hostile_message_takes_no_second(entities: Entities, text: str) -> None:
    started = time.process_time()
    entities.extract(text)
    assert time.process_time() - started < 1


@pytest.mark.parametrize("piece", ["fri ", "1/1 ", "york ", "in york ", "a", "1,", "GB82 WEST ", "order id "])
def test_the_time_of_the_rules_grows_with_the_length_alone(piece: str) -> None:
    def find_all(length: int) -> None:
        text = (piece * length)[:length]
        find_patterns(text)
        [*find_bank_details(text), *find_addresses(text), *find_dates(text, TODAY), *find_places(text)]

    assert slowdown(find_all) < 10


#: What patterns and libraries trip over: letters that ignoring the case makes equal, spaces, dashes, half characters.
ODD = "ıİſ\u212a\u00a0\u202f\u2007\u2010\u2011\u2013\ud83d\udc00٣０²½ßŉ\u0307’…\x00\x1c\u2028👍"
WORDS = [
    "pounds",
    "quıd",
    "STERLİNG",
    "fıver",
    "sıx",
    "GB82 WEST",
    "order",
    "mother s",
    "may",
    "3rd",
    "£",
    "iban",
]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(WORDS),
            st.text(st.one_of(st.sampled_from(ODD + "0123456789 abcAB.,-/'"), st.characters()), max_size=12),
        ),
        max_size=12,
    )
)
def test_no_text_is_refused(entities: Entities, pieces: list[str]) -> None:
    for text in (" ".join(pieces), "".join(pieces)):
        for entity in entities.extract(text, TODAY):
            assert 0 <= entity.start < entity.end <= len(text)
            entity.value.encode()
        entities.masked(text).encode()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20 quıd", "£20.00"),
        ("20 STERLİNG", "£20.00"),
        ("a fıver", "£5.00"),
        ("sıx pounds", "£6.00"),
        ("DOLLARſ 5, 20 euroſ", "€20.00"),
        ("£20\u00a0000 for ２０ pounds", "£20.00"),
    ],
)
def test_letters_and_figures_of_other_alphabets_are_read_as_ours(text: str, value: str) -> None:
    assert find_patterns(text)[-1].value == value


GAPS = ["\u00a0", "\u202f", "\u2007", ".", "  ", "\u2010", "\u2011", "\u2013", "-"]


@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("card 4111 1111 1111 1111 ok", "card [card_number] ok"),
        ("amex 3782 822463 10005 ok", "amex [card_number] ok"),
        ("call 07700 900123", "call [phone]"),
        ("call +44 7700 900123", "call [phone]"),
        ("it is (020) 7946 0958", "it is [phone]"),
        ("GB82 WEST 1234 5698 7654 32", "[iban]"),
        ("sort code 20 00 00", "sort code [bank_account]"),
        ("account number: 5577 9911", "account number: [bank_account]"),
    ],
)
def test_numbers_are_masked_however_they_are_divided(
    entities: Entities, text: str, hidden: str, gap: str
) -> None:
    divided = re.sub(r"(?<=[\dT)]) (?=[\dW])", gap, text)
    assert divided != text
    assert entities.masked(divided) == hidden


def test_a_sort_code_and_an_account_side_by_side_are_masked(entities: Entities) -> None:
    assert entities.masked("pay 20\u201100\u201100 1234\u00a05678 ok") == "pay [bank_account] ok"


def test_words_after_an_iban_are_none_of_it(entities: Entities) -> None:
    assert entities.masked("BE68 5390 0754 7034. That is it") == "[iban]. That is it"
    assert entities.masked("BE68 5390 0754 7034 please") == "[iban] please"


@pytest.mark.parametrize(
    "text",
    [
        "12.99 13.99 14.99 15.99",
        "22.11.2026 23.11.2026",
        "from 2026-11-22\u20132026-11-23",
        "22-11-2026\u201323-11-2026",
        "RP-100234\u2013RP-100235",
        "100234  100235  100236",
        "account of 2024-2025",
        "HV-1234-567-89 or KT.100.200",
        "between 100. 234 5678",
        "1234.5678",
        "£1,299.00  £1,399.00  £1,499.00",
    ],
)
def test_prices_dates_orders_and_articles_are_no_personal_numbers(entities: Entities, text: str) -> None:
    assert entities.masked(text) == text


def test_half_a_character_becomes_the_sign_for_it() -> None:
    assert mask("hi \ud83d 14 Quarry Lane", [])["masked"] == "hi \ufffd 14 Quarry Lane".replace(
        "14 Quarry Lane", "[address]"
    )


def test_words_of_customers_do_not_stay_in_memory(entities: Entities) -> None:
    strings = entities._recogniser.vocab.strings
    before = len(strings)
    assert ("person", "Ogdwen Brathlefook") in found(entities, "my name is Ogdwen Brathlefook of Snibbery")
    entities.extract("I asked Marvela Quonstable in Leeds")
    assert len(strings) == before
    assert "Quonstable" not in strings


@settings(max_examples=200)
@given(st.text(alphabet=st.sampled_from("0123456789 -+().,£$#rpRPabc@/:\n"), max_size=60))
def test_fixed_forms_never_overlap_and_lie_in_the_text(text: str) -> None:
    end = 0
    for entity in find_patterns(text):
        assert end <= entity.start < entity.end <= len(text)
        assert entity.value
        end = entity.end


@given(
    st.integers(min_value=100_000, max_value=999_999),
    st.sampled_from(["RP-{}", "rp{}", "#{}", "{}", "RP {}"]),
)
def test_every_six_digits_are_an_order(number: int, written: str) -> None:
    [entity] = find_patterns(f"hello {written.format(number)} please")
    assert (entity.entity, entity.value) == ("order_id", f"RP-{number}")


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("I'm Joe Banks, joe@banks.uk", "I'm [person], [email]"),
        ("card 4111 1111 1111 1111, ring 07700 900123", "card [card_number], ring [phone]"),
        ("my iban is GB82 WEST 1234 5698 7654 32", "my iban is [iban]"),
        ("pay it to 20-00-00 12345678", "pay it to [bank_account]"),
        (
            "sort code 200000, account number 55779911",
            "sort code [bank_account]",
        ),
        ("Flat 2, 14 Quarry Lane, Leeds ZZ99 9ZZ", "[address], Leeds [postcode]"),
        ("14 quarry lane zz999zz", "[address] [postcode]"),
        ("2 on the way, order 100234, £40 on 3 March", "2 on the way, order 100234, £40 on 3 March"),
    ],
)
def test_personal_data_are_masked(entities: Entities, text: str, hidden: str) -> None:
    assert entities.masked(text) == hidden


def test_bank_details_are_neither_orders_nor_dates(entities: Entities) -> None:
    assert found(entities, "sort code 20-11-26 account 55779911") == []


@settings(max_examples=50)
@given(
    st.sampled_from(
        ["4111 1111 1111 1111", "07700 900123", "jo@example.com", "GB82WEST12345698765432", "ZZ99 9ZZ"]
    ),
    st.lists(
        st.sampled_from(["kettle", "£40", "on", "friday,", "RP-100234", "Leeds", "3/11", "ok"]), max_size=6
    ),
    st.integers(min_value=0, max_value=6),
)
def test_nothing_personal_is_left(entities: Entities, secret: str, words: list[str], place: int) -> None:
    text = " ".join([*words[:place], secret, *words[place:]])
    assert secret not in entities.masked(text)


def test_check_digits() -> None:
    assert iban_holds("GB82WEST12345698765432")
    assert not iban_holds("GB82WEST12345698765433")
    assert luhn_holds("4111111111111111")
    assert not luhn_holds("4111111111111112")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("products: [", "products.yml"),
        ("", "no list `products`"),
        ("products: []", "no list `products`"),
        ("products:\n- name: Lamp\n", "product 1 has no `sku`"),
        ("products:\n- {sku: A, name: Lamp, aliases: light}\n", "A: `aliases` must be a list"),
    ],
)
def test_a_broken_catalogue_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    file = tmp_path / "products.yml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueError, match=reason):
        Entities.load(file)


def test_the_runtime_needs_neither_training_libraries_nor_the_rest_of_the_project(tmp_path: Path) -> None:
    file = tmp_path / "products.yml"
    file.write_text(CATALOGUE, encoding="utf-8")
    code = (
        "import sys\n"
        "absent = ('torch', 'transformers', 'sklearn', 'onnx', 'common', 'nlu_models.training')\n"
        "sys.modules.update(dict.fromkeys(absent))\n"
        "from nlu_models.runtime import Entities\n"
        f"print(Entities.load({str(file)!r}).extract('my kettle leaks')[0].value)"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert output.stdout.strip() == "KT-1"
