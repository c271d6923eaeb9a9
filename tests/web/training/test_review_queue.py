"""What trainers review: unsure, close, out-of-scope and marked messages, of those who let them be used."""

from uuid import UUID

import pytest

from tests.web.training.conftest import ConsentingProfiles, Query, Said
from web.training import consent
from web.training.service import Training
from web.training.shapes import AgentMark, Filters, Reason, ReviewItem


async def texts(training: Training, filters: Filters | None = None) -> list[str]:
    queue = await training.review_queue(filters or Filters())
    return [item.text for item in queue.items]


async def only_item(training: Training) -> ReviewItem:
    [item] = (await training.review_queue()).items
    return item


async def test_what_was_understood_well_is_left_out(training: Training, said: Said) -> None:
    said("where is my order", confidence=0.97)
    said("wher is ordr", confidence=0.59)
    said("parcel or money", alternatives=["track_order", "get_refund"], confidence=0.7)
    said(
        "cancel it and pay me", wishes=["cancel_order", "get_refund"], alternatives=["a", "b"], confidence=0.9
    )
    said("sing to me", "out_of_scope", 0.8)
    said("stop it", "cancel_order", 0.99, mark=("get_refund", "wanted the money"))
    queue = await training.review_queue()
    assert {item.text: item.reasons for item in queue.items} == {
        "stop it": (Reason.MARKED,),
        "sing to me": (Reason.OUT_OF_SCOPE,),
        "parcel or money": (Reason.CLOSE,),
        "wher is ordr": (Reason.UNSURE,),
    }
    assert queue.items[0].text == "stop it"
    assert queue.items[0].marks == (AgentMark("get_refund", "wanted the money"),)
    assert queue.items[0].suggestion.intent == "get_refund"


async def test_what_a_customer_objected_to_comes_first_with_the_next_likely_intent(
    training: Training, said: Said
) -> None:
    said("wher is ordr", confidence=0.59)
    said(
        "kibosh it",
        "track_order",
        0.97,
        ranking=[("track_order", 0.97), ("cancel_order", 0.02)],
        objected=True,
    )
    first, second = (await training.review_queue()).items
    assert (first.text, first.reasons) == ("kibosh it", (Reason.OBJECTED,))
    assert first.suggestion.intent == "cancel_order"
    assert second.reasons == (Reason.UNSURE,)


async def test_only_who_consents_now_is_read(
    training: Training,
    said: Said,
    query: Query,
    profiles: ConsentingProfiles,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consent, "REMEMBERED", 0.0)
    said("mine may be used")
    said("mine may not", customer="C000002", consents=False)
    said("nobody knows me", customer=None)
    queue = await training.review_queue()
    assert [item.text for item in queue.items] == ["mine may be used"]
    assert (queue.without_consent, queue.consent_unknown) == (2, 0)
    assert query("SELECT text FROM training.messages") == [("mine may be used",)]

    profiles.training.clear()
    queue = await training.review_queue()
    assert (queue.items, queue.without_consent) == ((), 3)
    assert query("SELECT text FROM training.messages") == []


async def test_while_consent_can_t_be_asked_nothing_is_read(
    training: Training, said: Said, profiles: ConsentingProfiles
) -> None:

    said("is anybody there")
    profiles.app.router.routes.clear()
    queue = await training.review_queue()
    assert (queue.items, queue.without_consent, queue.consent_unknown) == ((), 0, 1)


async def test_consent_is_asked_once_a_customer(
    training: Training, said: Said, profiles: ConsentingProfiles
) -> None:
    for text in ("one thing", "another matter", "quite something else"):
        said(text)
    await training.review_queue()
    await training.review_queue()
    assert profiles.asked == ["C000001"]


async def test_personal_data_is_masked_and_made_up_in_what_would_be_learnt(
    training: Training, said: Said, query: Query
) -> None:
    said(
        "Sarah Connor here, 14 Orchard Terrace BS6 5QT. where's #100234 and my [kettle]? ring 07712 345678",
        entities=[
            ("person", "Sarah Connor"),
            ("order_id", "#100234"),
            ("product", "kettle"),
            ("phone", "07712 345678"),
        ],
        mark=(None, "Sarah is on 07712 345678"),
    )
    item = await only_item(training)
    assert item.text == (
        "[person] here, [address] [postcode]. where's [order_id] and my [kettle]? ring [phone]"
    )
    assert [item.text[span.start : span.end] for span in item.spans] == [
        "[person]",
        "[address]",
        "[postcode]",
        "[order_id]",
        "kettle",
        "[phone]",
    ]
    draft = item.suggestion.draft
    assert training.check_utterance(draft) is None
    assert "(kettle)" not in draft and "([kettle](product))" in draft
    assert "](person) here" in draft and "](order_id)" in draft and "](phone)" in draft
    assert item.marks == (AgentMark(None, "Sarah is on [phone]"),)
    kept = str(query("SELECT * FROM training.messages"))
    for secret in ("Sarah", "Orchard", "BS6", "100234", "345678"):
        assert secret not in draft
        assert secret not in kept


async def test_near_duplicates_are_one_item_with_its_variants(training: Training, said: Said) -> None:
    first = said("where the heck is my parcel")
    second = said("Where the heck is my parcel???", customer="C000002")
    said("where the hek is my parcel", customer="C000003")
    said("where the heck is my parcel", customer="C000004")
    said("don't tell me where the heck is my parcel")
    items = (await training.review_queue()).items
    assert [(item.text, item.count) for item in items] == [
        ("where the heck is my parcel", 4),
        ("don't tell me where the heck is my parcel", 1),
    ]
    assert [(variant.text, variant.count) for variant in items[0].variants] == [
        ("where the heck is my parcel", 2),
        ("Where the heck is my parcel???", 1),
        ("where the hek is my parcel", 1),
    ]
    assert items[0].messages[:2] == ((first, 1), (second, 1))


async def test_different_numbers_and_readings_are_not_folded(training: Training, said: Said) -> None:
    said("i paid 49 pounds twice", "get_refund")
    said("i paid 59 pounds twice", "get_refund")
    said("i paid 59 pounds twice", "track_order")
    assert len((await training.review_queue()).items) == 3


async def test_an_item_keeps_its_id_when_more_of_it_come(training: Training, said: Said) -> None:
    said("wheres my stuff at")
    before = await only_item(training)
    said("wheres my stuff at!!", customer="C000002")
    after = await only_item(training)
    assert (after.item_id, after.count) == (before.item_id, 2)


async def test_filters_leave_what_fits_and_count_the_reasons(training: Training, said: Said) -> None:
    said("sing me something", "out_of_scope", 0.5, ranking=[("get_refund", 0.5), ("out_of_scope", 0.3)])
    said("money where", "get_refund", 0.5)
    said("parcel where", "track_order", 0.5)
    assert await texts(training, Filters(reasons=frozenset({Reason.OUT_OF_SCOPE}))) == ["sing me something"]
    assert await texts(training, Filters(intent="get_refund")) == ["money where", "sing me something"]
    assert await texts(training, Filters(text="WHERE parcel")) == ["parcel where"]
    queue = await training.review_queue(Filters(reasons=frozenset({Reason.CLOSE}), intent="get_refund"))
    assert queue.items == ()
    assert queue.counts == {
        Reason.MARKED: 0,
        Reason.OBJECTED: 0,
        Reason.OUT_OF_SCOPE: 1,
        Reason.CLOSE: 0,
        Reason.UNSURE: 1,
    }


async def test_where_an_agent_only_said_that_it_is_wrong_the_next_is_suggested(
    training: Training, said: Said
) -> None:
    ranking = [("cancel_order", 0.9), ("get_refund", 0.06), ("track_order", 0.04)]
    said("stop and pay", "cancel_order", 0.9, ranking=ranking, mark=(None, None))
    item = await only_item(training)
    assert item.suggestion.intent == "get_refund"
    assert [ranked.name for ranked in item.suggestion.ranking] == [
        "cancel_order",
        "get_refund",
        "track_order",
    ]


async def test_an_erased_conversation_takes_its_masked_message_along(
    training: Training, said: Said, query: Query
) -> None:
    conversation: UUID = said("will you forget me")
    assert await texts(training) == ["will you forget me"]
    said.erase(conversation)
    assert query("SELECT count(*) FROM training.messages") == [(0,)]
    assert await texts(training) == []
