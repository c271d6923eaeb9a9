"""What a customer of the shop gets: orders found, cancelled and returned; details asked for; minds changed."""

from bench.client import RapportClient
from tests.e2e.talk import Talk

MARIA, DEREK, PRIYA, TOM, ELEANOR, GARETH, AOIFE, SUNITA = (f"C00000{number}" for number in range(1, 9))


async def test_the_only_open_order_is_found_without_asking(client: RapportClient) -> None:
    talk = await Talk.begin(client, PRIYA)
    await talk.say("where is my order?")
    assert [card["order_id"] for card in talk.cards] == ["RP-100301"]
    assert (await talk.why())["intent"] == "track_order"


async def test_one_of_several_orders_is_chosen_by_number_in_words_or_by_button(client: RapportClient) -> None:
    for choice in ("RP-100103", "100103", "the last one", "the lamp"):
        talk = await Talk.begin(client, MARIA)
        await talk.say("where's my parcel")
        assert len(talk.choices) >= 3, talk.heard
        await talk.say(choice)
        assert len(talk.cards) == 1, f"{choice}: {talk.heard}"
    talk = await Talk.begin(client, MARIA)
    await talk.say("where's my parcel")
    await talk.choose("100103")
    assert [card["order_id"] for card in talk.cards] == ["RP-100103"]


async def test_an_order_is_cancelled_after_a_summary_and_a_yes_and_only_once(client: RapportClient) -> None:
    talk = await Talk.begin(client, TOM)
    summary = await talk.say("i need to cancel order RP-100401 please")
    assert "RP-100401" in summary
    await talk.say("yes, go ahead")
    assert "cancel" in talk.heard.lower()
    again = await Talk.begin(client, TOM)
    await again.say("cancel RP-100401")
    assert "already" in again.heard.lower(), again.heard
    assert not any("yes" in choice["title"].lower() for choice in again.choices)


async def test_another_wish_with_an_order_of_its_own_is_turned_to_while_asked_which(
    client: RapportClient,
) -> None:
    talk = await Talk.begin(client, MARIA)
    await talk.say("where's my parcel")
    assert len(talk.choices) >= 3, talk.heard
    assert "RP-100102" in await talk.say("cancel RP-100102")
    assert (await talk.why())["form"]["intent"] == "cancel_order"
    asked = await Talk.begin(client, MARIA)
    await asked.say("I want to cancel my order")
    assert [card["order_id"] for card in asked.cards] == ["RP-100101", "RP-100102"]
    await asked.say("return the kettle")
    form = (await asked.why())["form"]
    assert (form["intent"], form["filled"][0]["value"]) == ("return_item", "RP-100104")


async def test_no_means_no(client: RapportClient) -> None:
    talk = await Talk.begin(client, PRIYA)
    await talk.say("cancel my order RP-100301")
    await talk.say("no, don't")
    await talk.say("where is my order RP-100301")
    assert talk.cards[0]["status"] == "processing"


async def test_a_shipped_order_cannot_be_cancelled_and_says_why(client: RapportClient) -> None:
    talk = await Talk.begin(client, DEREK)
    heard = await talk.say("cancel RP-100201")
    assert "shipped" in heard.lower() or "on its way" in heard.lower()


async def test_the_order_of_somebody_else_is_refused_without_a_word_about_it(client: RapportClient) -> None:
    talk = await Talk.begin(client, DEREK)
    heard = await talk.say("where is order RP-100101")
    assert not talk.cards
    assert "maria" not in heard.lower()
    await talk.say("cancel order RP-100101")
    await talk.say("yes")
    maria = await Talk.begin(client, MARIA)
    await maria.say("where is order RP-100101")
    assert maria.cards[0]["status"] == "processing"


async def test_a_return_asks_for_the_reason_sums_up_and_gives_an_id(client: RapportClient) -> None:
    talk = await Talk.begin(client, GARETH)
    await talk.say("I want to send back order RP-100602")
    for _ in range(4):
        if any("yes" in choice["title"].lower() for choice in talk.choices):
            break
        await talk.say(
            "it's the wrong size"
            if "why" in talk.heard.lower() or "reason" in talk.heard.lower()
            else "all of it"
        )
    await talk.say("yes")
    assert "return" in talk.heard.lower()
    assert (await talk.why())["status"] == "answered"
    await talk.say("where is order RP-100602")
    assert talk.cards[0]["status"] == "return_requested"


async def test_a_return_after_the_window_is_refused_with_the_rule(client: RapportClient) -> None:
    talk = await Talk.begin(client, AOIFE)
    heard = await talk.say("i would like to return order RP-100701")
    assert "30" in heard


async def test_an_anonymous_visitor_is_asked_for_order_and_email_and_checked(client: RapportClient) -> None:
    talk = await Talk.begin(client, None)
    heard = await talk.say("where is my order")
    assert "order" in heard.lower()
    heard = await talk.say("RP-100301")
    assert "mail" in heard.lower()
    await talk.say("somebody@example.com")
    assert not talk.cards
    other = await Talk.begin(client, None)
    await other.say("where is my order RP-100301")
    await other.say("priya.menon@example.net")
    assert [card["order_id"] for card in other.cards] == ["RP-100301"]


async def test_a_change_of_mind_in_the_middle_is_followed(client: RapportClient) -> None:
    talk = await Talk.begin(client, MARIA)
    await talk.say("cancel order RP-100102")
    await talk.say("actually, where is RP-100103 right now?")
    assert "100103" in talk.heard + str(talk.cards)
    await talk.say("where is order RP-100102")
    assert talk.cards[0]["status"] == "packed"


async def test_thanks_in_the_middle_keeps_the_question_open(client: RapportClient) -> None:
    talk = await Talk.begin(client, MARIA)
    await talk.say("cancel order RP-100102")
    await talk.say("thank you")
    assert any("yes" in choice["title"].lower() for choice in talk.choices), talk.heard


async def test_a_late_refund_is_looked_up(client: RapportClient) -> None:
    talk = await Talk.begin(client, SUNITA)
    heard = await talk.say("when do i get the money for the headphones i sent back?")
    assert "refund" in heard.lower()


async def test_every_intent_gets_an_answer_of_its_own(client: RapportClient) -> None:
    heard = {}
    for intent, text in {
        "get_refund": "i want my money back",
        "track_refund": "where is my refund",
        "payment_issue": "my card was declined at the checkout",
        "billing_inquiry": "what is this charge on my statement",
        "technical_support": "my router won't connect to the wifi",
        "complaint": "your service is really disappointing",
        "contact_human_agent": "let me talk to a real person",
        "greet": "good morning",
        "goodbye": "goodbye",
        "thank": "thanks a lot",
        "out_of_scope": "what's the capital of Mongolia",
    }.items():
        talk = await Talk.begin(client, DEREK)
        heard[intent] = await talk.say(text)
        assert (await talk.why())["intent"] == intent, text
    assert len(set(heard.values())) == len(heard)


async def test_who_asks_for_a_person_is_put_in_the_queue(client: RapportClient) -> None:
    talk = await Talk.begin(client, DEREK)
    await talk.say("can i speak to a human please")
    assert (await client.state(talk.conversation))["owner"] == "queued"
