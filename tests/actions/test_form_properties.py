"""Whatever is said in whatever order: one act at most follows a yes, it is the one summarised, and strangers hear nothing."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from actions.knowledge import Knowledge
from actions.profile import Profiles
from actions.retrieval.finder import Finder
from actions.server import make_executor
from actions.services import Services
from actions.variants.compiled import compile_set
from actions.variants.schema import VariantSet
from tests.actions.conversation import Conversation
from tests.actions.fake_shop import ARRIVED, EMAIL, HERE, OWNER, SECRETS, FakeShop

Said = tuple[str, str, dict[str, Any]]

WISHES: list[Said] = [
    ("cancel my order", "cancel_order", {}),
    ("change RP-100101", "change_order", {"order_id": HERE}),
    ("I'd like one more kettle in my order", "change_order", {}),
    ("it has to go somewhere else", "change_shipping_address", {}),
    ("send the toaster of RP-100104 back", "return_item", {"order_id": ARRIVED}),
    ("the kettle from RP-100104 is cracked", "report_defect", {"order_id": ARRIVED}),
    ("is my toaster still under warranty", "warranty", {}),
    ("where is it", "track_order", {}),
]
ANSWERS: list[Said] = [
    ("RP-100101", "inform", {"order_id": HERE}),
    ("RP-100104", "inform", {"order_id": ARRIVED}),
    ("RP-999999", "inform", {"order_id": "RP-999999"}),
    ("the first one", "inform", {}),
    ("the kettle", "inform", {}),
    ("make it three", "inform", {}),
    ("take something out", "inform", {}),
    ("another delivery day", "inform", {}),
    ("in four days", "inform", {}),
    ("9 Elm Close, York, YO1 7HH", "inform", {}),
    ("it came cracked down the side", "report_defect", {}),
    ("a replacement please", "inform", {}),
    ("changed my mind", "inform", {}),
]
CORRECTIONS: list[Said] = [
    ("not the kettle, the toaster", "inform", {}),
    ("no, the other order", "deny", {}),
    ("sorry, I meant five", "inform", {}),
    ("no, the postcode is YO1 7HJ", "deny", {}),
    ("actually repair it", "inform", {}),
    ("no, RP-100101", "deny", {"order_id": HERE}),
    ("start again", "out_of_scope", {}),
]
DIGRESSIONS: list[Said] = [
    ("how long does delivery take", "delivery_period", {}),
    ("thanks", "thank", {}),
    ("one moment", "inform", {}),
    ("hm", "out_of_scope", {}),
    ("this is awful", "complaint", {}),
    ("forget it", "deny", {}),
    ("no", "deny", {}),
    ("bye", "goodbye", {}),
    ("undo", "out_of_scope", {}),
    ("wait no", "deny", {}),
    ("", "resume_from_agent", {}),
]
YES: list[Said] = [("yes", "affirm", {}), ("yes please do", "affirm", {}), ("yes but wait", "affirm", {})]
SUMMARIES = {
    "utter_confirm_cancel": "cancel",
    "utter_confirm_order_change": "items",
    "utter_confirm_address": "address",
    "utter_confirm_return": "return",
    "utter_confirm_case": "case",
}


class _Redis:
    """Says that the bot owns every conversation."""

    async def get(self, key: str) -> str:
        return "1"


class _Variants:
    def __init__(self, variants: VariantSet) -> None:
        self.from_files = compile_set(variants)

    async def current(self) -> Any:
        return self.from_files


class Talk:
    """One conversation with a shop of its own."""

    def __init__(self, parts: dict[str, Any], customer_id: str | None) -> None:
        self.shop = FakeShop()
        services = Services(shop=self.shop, redis=_Redis(), profiles=None, **parts)  # type: ignore[arg-type]
        self.conversation = Conversation(make_executor(services, Profiles()), customer_id, consent=None)
        self.summary: dict[str, Any] | None = None

    def say(self, said: Said) -> list[dict[str, Any]]:
        """One turn; holds the act, if there is one, against the summary before it."""
        text, intent, entities = said
        before = len(self.shop.done)
        messages = asyncio.run(self.conversation.say(text, intent, **entities))
        acts = self.shop.done[before:]
        assert len(acts) <= 1
        for kind, order_id, details in acts:
            assert intent == "affirm"
            assert "wait" not in text
            assert self.summary is not None
            self._is_what_was_summarised(kind, order_id, details)
        self._keep_summary(messages)
        return messages

    def _is_what_was_summarised(self, kind: str, order_id: str, details: Any) -> None:
        told = self.summary or {}
        assert order_id == told["order_id"]
        assert kind == ("day" if told["kind"] == "items" and told.get("change") == "day" else told["kind"])
        match kind:
            case "items":
                assert details == {told["item"]: int(told.get("quantity", 0))}
            case "day":
                assert details == told["day"]
            case "address":
                assert details == told["postcode"]
            case "return":
                assert ", ".join(details) == told["return_items"]
            case "case":
                assert details == (told["item"], told["remedy"])

    def _keep_summary(self, messages: list[dict[str, Any]]) -> None:
        if self.conversation.form is None:
            self.summary = None
        for message in messages:
            kind = SUMMARIES.get(message["custom"]["reply"])
            if kind is not None:
                form = messages[-1]["custom"]["decision"]["form"]
                self.summary = {"kind": kind} | {entry["name"]: entry["value"] for entry in form["filled"]}


@pytest.fixture(scope="module")
def parts(variants: VariantSet, knowledge: Knowledge, pages: Finder) -> dict[str, Any]:
    return {"variants": _Variants(variants), "knowledge": knowledge, "pages": pages}


@pytest.mark.timeout(240)
def test_an_act_is_the_one_that_was_summarised_and_said_yes_to(parts: dict[str, Any]) -> None:
    class Customer(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.talk = Talk(parts, OWNER)

        @rule(said=st.sampled_from(WISHES))
        def wishes(self, said: Said) -> None:
            self.talk.say(said)

        @rule(said=st.sampled_from(ANSWERS))
        def answers(self, said: Said) -> None:
            self.talk.say(said)

        @rule(said=st.sampled_from(CORRECTIONS))
        def corrects(self, said: Said) -> None:
            self.talk.say(said)

        @rule(said=st.sampled_from(DIGRESSIONS))
        def digresses(self, said: Said) -> None:
            self.talk.say(said)

        @rule(said=st.sampled_from(YES))
        def says_yes(self, said: Said) -> None:
            self.talk.say(said)

    run_state_machine_as_test(
        Customer, settings=settings(max_examples=40, stateful_step_count=14, deadline=None, derandomize=True)
    )


@pytest.mark.timeout(120)
def test_nobody_hears_of_an_order_before_its_number_and_address_are_given(parts: dict[str, Any]) -> None:
    without_address = [*WISHES, *ANSWERS, *CORRECTIONS, *DIGRESSIONS, *YES]
    without_address.append(("guess@example.com", "inform", {"email": "guess@example.com"}))

    @settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.sampled_from(without_address), min_size=2, max_size=10))
    def strangers_hear_nothing(turns: list[Said]) -> None:
        talk = Talk(parts, None)
        for said in turns:
            messages = talk.say(said)
            spoken = " ".join(message["text"] + str(message["custom"]["cards"]) for message in messages)
            # A rule of the policy in pounds is no secret; what somebody bought is.
            assert [secret for secret in SECRETS[:-1] if secret in spoken] == []
        assert talk.shop.done == []

    strangers_hear_nothing()


@pytest.mark.timeout(120)
def test_the_same_answers_in_any_order_with_anything_between_end_in_the_same_act_or_none(
    parts: dict[str, Any],
) -> None:
    told: list[Said] = [
        ("RP-100101", "inform", {"order_id": HERE}),
        ("the kettle", "inform", {}),
        ("make it three", "inform", {}),
    ]
    between = st.lists(st.sampled_from([None, *DIGRESSIONS[:5]]), min_size=4, max_size=4)
    ends: list[list[Any]] = []

    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(st.permutations(told), between)
    def answers(order: list[Said], asides: list[Said | None]) -> None:
        talk = Talk(parts, OWNER)
        talk.say(("I want more of something", "change_order", {}))
        for said, aside in zip([*order, None], asides, strict=True):
            for turn in (aside, said):
                if turn is not None:
                    talk.say(turn)
        talk.say(("yes", "affirm", {}))
        talk.say(("yes", "affirm", {}))
        assert talk.shop.done in ([], [("items", HERE, {"HV-KT-01": 3})])
        ends.append(talk.shop.done)

    answers()
    assert sum(bool(done) for done in ends) > len(ends) / 2  # most ways lead there


def test_a_visitor_with_number_and_address_is_served(parts: dict[str, Any]) -> None:
    talk = Talk(parts, None)
    talk.say(("cancel it", "cancel_order", {}))
    talk.say(("RP-100101", "inform", {"order_id": HERE}))
    talk.say((EMAIL, "inform", {"email": EMAIL}))
    talk.say(("yes", "affirm", {}))
    assert talk.shop.done == [("cancel", HERE, None)]
