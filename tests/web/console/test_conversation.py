"""One conversation at the console: seen as it goes, taken over, answered, handed back, closed; by one agent only."""

import pytest
from playwright.async_api import expect

from tests.browser import ColorScheme
from tests.web.conftest import Web
from tests.web.console.conftest import SCREENSHOTS, Arrive
from tests.web.desk import employ, seated
from tests.web.servers import FakeBot
from tests.web.talk import begin

#: A browser, a console and a server share the cores with whatever else runs.
pytestmark = pytest.mark.timeout(300)

ANGRY = "this is a disgrace, the kettle broke again"
FORM = "I want to send the kettle back"


async def test_an_agent_takes_over_answers_and_hands_back(web: Web, arrive: Arrive, moods: FakeBot) -> None:
    await employ(web, "sam")
    talk = await begin(web.http, "C000001")
    await talk.say(FORM)
    sam = await arrive()
    await sam.sign_in("sam", path=f"/conversations/{talk.conversation_id}")
    await expect(sam.page.get_by_text("The assistant answers here. Take over to write")).to_be_visible()
    await expect(sam.page.get_by_role("heading", name="Open: Return an item")).to_be_visible()
    await expect(sam.page.get_by_text("RP-100234", exact=True)).to_be_visible()
    await expect(sam.page.locator(".summary li")).to_have_count(3)
    await sam.press("Take over")
    answer = sam.page.get_by_label("Your answer to the customer")
    await expect(answer).to_be_focused()
    await sam.page.keyboard.type("Sam here.")
    await sam.page.keyboard.press("Shift+Enter")
    await sam.page.keyboard.type("What is wrong with it?")
    await sam.page.keyboard.press("Enter")
    log = sam.page.get_by_role("log")
    await expect(log.locator(".agent .bubble")).to_have_text("Sam here.\nWhat is wrong with it?")
    await expect(answer).to_have_value("")
    said = [event for event in await talk.events() if event["role"] == "agent" and event["type"] == "message"]
    assert [event["text"] for event in said] == ["Sam here.\nWhat is wrong with it?"]
    await talk.post("it leaks")
    await expect(log.get_by_text("it leaks")).to_be_visible()
    await sam.press("Hand back to the assistant")
    await expect(sam.page.get_by_text("The assistant answers here.")).to_be_visible()
    assert (await talk.state())["owner"] == "bot"
    assert (sam.wrong, sam.elsewhere) == ([], [])


async def test_what_was_understood_and_why_is_said_beside_each_message(
    web: Web, arrive: Arrive, moods: FakeBot
) -> None:
    await employ(web, "sam")
    talk = await begin(web.http, "C000001")
    await talk.say(ANGRY)
    sam = await arrive()
    await sam.sign_in("sam", path=f"/conversations/{talk.conversation_id}")
    log = sam.page.get_by_role("log")
    await expect(log.locator(".customer .about")).to_contain_text("Complaint, 97% sure")
    await expect(log.locator(".customer .about")).to_contain_text("Angry")
    why = log.locator(".bot details").last
    await why.get_by_text("Why this reply?").click()
    await expect(why).to_contain_text("“complaint”")


async def test_two_agents_cannot_both_take_a_conversation(web: Web, arrive: Arrive) -> None:
    await employ(web, "sam")
    noor = await seated(web, "noor")
    talk = await begin(web.http, "C000001")
    sam = await arrive()
    await sam.sign_in("sam", path=f"/conversations/{talk.conversation_id}")
    take = sam.page.locator("button", has_text="Take over")
    await expect(take).to_be_visible()
    await noor.take(talk)
    # As if pressed before the page has heard of it: the button may be hidden by now.
    await take.evaluate("button => button.click()")
    await expect(
        sam.page.get_by_role("status").get_by_text("Noor has taken this conversation.")
    ).to_be_visible()
    await expect(sam.page.get_by_text("Noor answers here.")).to_be_visible()
    await expect(take).to_be_hidden()
    await expect(sam.page.get_by_label("Your answer to the customer")).to_be_hidden()


async def test_a_refused_answer_stays_in_the_field_and_is_explained(web: Web, arrive: Arrive) -> None:
    await employ(web, "sam")
    talk = await begin(web.http, "C000001")
    sam, elsewhere = await arrive(), await arrive()
    for window in (sam, elsewhere):
        await window.sign_in("sam", path=f"/conversations/{talk.conversation_id}")
    await sam.press("Take over")
    answer = sam.page.get_by_label("Your answer to the customer")
    await answer.fill("You will have it tomorrow.")
    await elsewhere.press("Hand back to the assistant")
    await expect(sam.page.get_by_text("The assistant answers here.")).to_be_visible()
    await answer.evaluate("area => area.form.requestSubmit()")
    refusal = sam.page.get_by_role("status").get_by_text("Take this conversation over first")
    await expect(refusal).to_be_visible()
    assert "You will have it tomorrow." not in [event.get("text") for event in await talk.events()]
    await sam.press("Take over")
    await expect(answer).to_have_value("You will have it tomorrow.")


async def test_a_note_is_for_colleagues_only(web: Web, arrive: Arrive) -> None:
    await employ(web, "sam")
    talk = await begin(web.http, "C000001")
    sam = await arrive()
    await sam.sign_in("sam", path=f"/conversations/{talk.conversation_id}")
    await sam.page.get_by_label("New note").last.fill("Called the depot, parcel is lost.")
    await sam.press("Add note")
    await expect(sam.page.locator(".note")).to_contain_text("Called the depot, parcel is lost.")
    assert "depot" not in str(await talk.events())


async def test_closing_asks_for_the_outcome_first(web: Web, arrive: Arrive) -> None:
    await employ(web, "sam")
    talk = await begin(web.http, "C000001")
    sam = await arrive()
    await sam.sign_in("sam", path=f"/conversations/{talk.conversation_id}")
    await sam.press("Take over")
    await sam.press("Close…")
    dialog = sam.page.get_by_role("dialog", name="Close the conversation")
    sure = dialog.get_by_role("button", name="Close the conversation", exact=True)
    await sure.click()
    await expect(dialog.get_by_text("Choose how it ended.")).to_be_visible()
    assert (await talk.state())["owner"] == "agent"
    await dialog.get_by_label("How did it end?").select_option("resolved")
    await sure.click()
    await expect(sam.page.get_by_text("This conversation is closed.").first).to_be_visible()
    await expect(dialog).to_be_hidden()
    assert (await talk.state())["owner"] == "closed"


async def test_a_misread_message_is_marked_and_the_mark_taken_back(
    web: Web, arrive: Arrive, moods: FakeBot
) -> None:
    await employ(web, "sam")
    talk = await begin(web.http, "C000001")
    await talk.say("my toaster is haunted")
    sam = await arrive()
    await sam.sign_in("sam", path=f"/conversations/{talk.conversation_id}")
    await sam.press("Mark as misread: “my toaster is haunted”")
    dialog = sam.page.get_by_role("dialog", name="Mark as misread")
    await expect(dialog.locator("blockquote")).to_have_text("my toaster is haunted")
    await dialog.get_by_label("What did the customer want?").select_option("Report defect")
    await dialog.get_by_role("button", name="Mark", exact=True).click()
    marked = sam.page.get_by_role("log").get_by_text("Marked as misread by Sam, meant: report defect")
    await expect(marked).to_be_visible()
    await sam.press("Remove mark: “my toaster is haunted”")
    await expect(marked).to_be_hidden()
    assert sam.wrong == []


async def test_an_unknown_conversation_is_said_to_be_unknown(web: Web, arrive: Arrive) -> None:
    await employ(web, "sam")
    sam = await arrive()
    await sam.sign_in("sam", path="/conversations/not-a-number")
    await sam.reads("There is no such conversation")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
async def test_a_conversation_has_no_barrier_and_fits_the_screen(
    web: Web, arrive: Arrive, moods: FakeBot, width: int, scheme: ColorScheme
) -> None:
    await employ(web, "sam")
    noor = await seated(web, "noor")
    talk = await begin(web.http, "C000001")
    await talk.say(
        "hello, when will my kettle come, it should have been here on Friday and I waited in all day"
    )
    await talk.say(FORM)
    await talk.say(ANGRY)
    await noor.act(talk, "notes", text="Has rung three times this week.")
    sam = await arrive(width, scheme)
    await sam.sign_in("sam", path=f"/conversations/{talk.conversation_id}")
    await sam.press("Take over")
    await sam.page.get_by_label("Your answer to the customer").fill("I am so sorry, Maria.")
    await sam.page.keyboard.press("Enter")
    await expect(sam.page.locator(".agent .bubble")).to_be_visible()
    assert await sam.barriers() == []
    assert await sam.overflow() <= 0
    SCREENSHOTS.mkdir(exist_ok=True)
    await sam.page.screenshot(path=SCREENSHOTS / f"conversation-{width}.png")
    if width == 390:
        await sam.press("Customer and notes")
        await expect(sam.page.get_by_text("Has rung three times this week.")).to_be_visible()
        assert await sam.barriers() == []
        assert await sam.overflow() <= 0
    await sam.page.screenshot(path=SCREENSHOTS / f"customer-{width}.png", full_page=True)
    await sam.press("Close…")
    assert await sam.barriers() == []
    await sam.page.screenshot(path=SCREENSHOTS / f"close-{width}.png")
    assert (sam.wrong, sam.elsewhere) == ([], [])
