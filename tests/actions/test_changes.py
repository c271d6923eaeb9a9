"""What a set of replies would change, in words that a trainer can check before it is live."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from actions.variants.changes import Change, TextChange, Wording, between
from actions.variants.check import version_of
from actions.variants.schema import VariantSet

GOLD = {"attribute": "customer.tier", "op": "==", "value": "gold"}
ANGRY = {"attribute": "message.sentiment", "op": "==", "value": "angry"}
YES = {"title": "Yes, please", "command": {"intent": "affirm"}}


def variant(name: str, text: str, when: dict[str, Any] = GOLD, **more: Any) -> dict[str, Any]:
    return {"name": name, "when": when, "text": text, **more}


def thanks(*variants: dict[str, Any], text: str = "You're welcome.", **default: Any) -> VariantSet:
    reply = {"default": {"text": text, **default}, "variants": list(variants)}
    return VariantSet.model_validate({"version": "", "replies": {"utter_thanks": reply}})


def only(before: VariantSet, after: VariantSet) -> Change:
    [change] = between(before, after)
    assert (change.of, change.name) == ("reply", "utter_thanks")
    return change


def test_a_text_that_was_reworded_is_told_with_the_old_and_the_new_words() -> None:
    change = only(thanks(), thanks(text="Any time."))
    assert (change.kind, change.order) == ("changed", None)
    assert change.texts == (
        TextChange("default", "changed", Wording("You're welcome."), Wording("Any time.")),
    )


def test_variants_come_and_go_with_their_conditions_in_plain_words() -> None:
    change = only(thanks(variant("gold", "Dear gold!")), thanks(variant("angry", "Sorry again.", ANGRY)))
    assert change.texts == (
        TextChange("angry", "added", None, Wording("Sorry again.", when="message's sentiment is angry")),
        TextChange("gold", "removed", Wording("Dear gold!", when="customer's tier is gold"), None),
    )


def test_another_condition_is_a_change_although_the_words_stay() -> None:
    [text] = only(thanks(variant("gold", "Dear!")), thanks(variant("gold", "Dear!", ANGRY))).texts
    assert text.old is not None and text.new is not None
    assert (text.kind, text.old.text) == ("changed", text.new.text)
    assert (text.old.when, text.new.when) == ("customer's tier is gold", "message's sentiment is angry")


def test_buttons_are_told_with_what_they_do() -> None:
    other = {"title": "Yes, please", "command": {"intent": "track_order"}}
    numbered = {
        "title": "That one",
        "command": {"intent": "inform", "entities": [{"entity": "order_id", "value": "RP-100234"}]},
    }
    [text] = only(thanks(quick_replies=[YES]), thanks(quick_replies=[other, numbered])).texts
    assert text.old is not None and text.new is not None
    assert text.old.quick_replies == ("Yes, please (affirm)",)
    assert text.new.quick_replies == ("Yes, please (track order)", "That one (inform: order id RP-100234)")


def test_the_order_matters_because_the_first_that_holds_is_said() -> None:
    gold, angry = variant("gold", "Dear gold!"), variant("angry", "Sorry again.", ANGRY)
    change = only(thanks(gold, angry), thanks(angry, gold))
    assert (change.kind, change.texts) == ("changed", ())
    assert change.order == (("gold", "angry"), ("angry", "gold"))
    # Where one that is new stands is told; that one has gone leaves the others in their order.
    assert only(thanks(gold), thanks(angry, gold)).order == (("gold",), ("angry", "gold"))
    assert only(thanks(gold, angry), thanks(angry)).order is None


def test_whole_replies_come_and_go() -> None:
    none = VariantSet(version="", replies={})
    added = only(none, thanks(variant("gold", "Dear gold!")))
    assert (added.kind, [text.kind for text in added.texts]) == ("added", ["added", "added"])
    removed = only(thanks(), none)
    assert (removed.kind, [text.kind for text in removed.texts]) == ("removed", ["removed"])


def test_what_is_offered_at_the_greeting_is_part_of_the_set() -> None:
    path = {"name": "billing", "when": GOLD, "reply": "utter_greet", "offer": "billing_help"}
    before = thanks()
    after = VariantSet.model_validate({**before.model_dump(mode="json"), "greeting": [path]})
    [change] = between(before, after)
    assert (change.of, change.name, change.kind) == ("greeting", "greeting", "changed")
    said = Wording("utter_greet, which offers billing help", when="customer's tier is gold")
    assert change.texts == (TextChange("billing", "added", None, said),)


_texts = st.sampled_from(["You're welcome.", "Any time.", "My pleasure."])
_variants = st.lists(
    st.builds(variant, st.sampled_from(["gold", "angry", "casual"]), _texts, st.sampled_from([GOLD, ANGRY])),
    unique_by=lambda made: made["name"],
    max_size=3,
)


@st.composite
def sets(draw: st.DrawFn) -> VariantSet:
    names = draw(st.sets(st.sampled_from(["utter_thanks", "utter_greet", "utter_bye"])))
    replies = {
        name: {
            "default": {"text": draw(_texts), "quick_replies": draw(st.sampled_from([[], [YES]]))},
            "variants": draw(_variants),
        }
        for name in sorted(names)
    }
    return VariantSet.model_validate({"version": "", "replies": replies})


@given(sets(), sets())
def test_there_are_changes_exactly_when_the_version_is_another(before: VariantSet, after: VariantSet) -> None:
    assert bool(between(before, after)) == (version_of(before) != version_of(after))


@given(sets(), sets())
def test_the_way_back_is_the_same_the_other_way_round(before: VariantSet, after: VariantSet) -> None:
    turned = {"added": "removed", "removed": "added", "changed": "changed"}

    def texts(changes: tuple[Change, ...]) -> list[tuple[object, ...]]:
        return sorted(
            (
                (change.name, text.variant, text.kind, text.old, text.new)
                for change in changes
                for text in change.texts
            ),
            key=str,
        )

    back = [
        (name, label, turned[str(kind)], new, old)
        for name, label, kind, old, new in texts(between(before, after))
    ]
    assert sorted(back, key=str) == texts(between(after, before))
