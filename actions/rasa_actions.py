"""The answers and forms as Rasa's custom actions."""

from collections.abc import Awaitable, Callable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from actions.dialogue import answers, misread, undoing
from actions.dialogue.forms import FORMS
from actions.dialogue.meanings import see_to_second
from actions.profile import Profiles
from actions.services import Services
from actions.turn import Turn
from common.logs import get_logger

log = get_logger(__name__)

#: Rasa's name → the answer. The default fallback takes the place of Rasa's own.
_ANSWERS = {
    "action_greet": "greet",
    "action_billing_inquiry": "billing_inquiry",
    "action_technical_support": "technical_support",
    "action_complaint": "complaint",
    "action_contact_human_agent": "contact_human_agent",
    "action_affirm": "affirm",
    "action_deny": "deny",
    "action_inform": "inform",
    "action_out_of_scope": "out_of_scope",
    "action_default_fallback": "default_fallback",
}


#: The command with which the conversation server gives the conversation back to the assistant.
RESUME = "resume_from_agent"


class TurnAction(Action):  # type: ignore[misc]  # rasa-sdk has no types
    """One custom action: begins the turn, lets `work` answer, gives Rasa the messages and events.

    `intent` is the wish that it serves, None when it serves any.
    """

    def __init__(
        self,
        name: str,
        intent: str | None,
        work: Callable[[Turn], Awaitable[None]],
        services: Services,
        profiles: Profiles,
    ) -> None:
        self._name = name
        self._intent = intent
        self._work = work
        self._services = services
        self._profiles = profiles

    def name(self) -> str:
        return self._name

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        turn = await Turn.begin(tracker, self._services, self._profiles)
        _count(turn, tracker)
        if misread.is_said(turn):
            misread.record(turn)
        new = turn.active_form is None or turn.slot("requested_slot") is None
        try:
            if turn.intent == RESUME:
                await _resume(turn)
            elif undoing.is_asked(turn):
                await undoing.undo(turn)
            elif misread.is_said(turn) and misread.says_no_more(turn):
                await misread.ask_again(turn)
            elif new and self._intent not in {None, turn.intent} and _puts_first(turn, tracker):
                # Rasa went by the likeliest intent of the whole message; the wish put first comes first.
                turn.note(f"first of the wishes: {turn.intent}")
                if turn.active_form is not None:
                    turn.leave_form()
                await answers.serve(turn, turn.intent)
            else:
                await self._work(turn)
            see_to_second(turn, new=new)
            _keep_for_corrections(turn)
        except Exception as error:
            # The customer gets an answer whatever is broken here; what was half done is not remembered.
            log.error("action failed", action=self._name, error=error, exc_info=error)
            turn = await Turn.begin(tracker, self._services, self._profiles)
            turn.note(f"{self._name}: failed ({type(error).__name__})")
            if turn.active_form is not None:
                turn.leave_form()
            turn.say("utter_trouble", quick_replies=[answers.TO_PERSON])
        for message in turn.messages():
            dispatcher.utter_message(text=message["text"], json_message=message["custom"])
        return turn.events()


async def _resume(turn: Turn) -> None:
    """An agent has handed back: what was open before them is not gone on with."""
    if turn.active_form is not None:
        turn.leave_form()
    turn.note("back from an agent")
    turn.remember(offer=None, second_wish=None, undoable=None)
    turn.say("utter_resumed")


def _keep_for_corrections(turn: Turn) -> None:
    """Keep which message this was: the next one may say that it was misread."""
    if turn.goes_on:
        return
    said_so = misread.is_said(turn)
    turn.remember(
        last_turn=None if said_so else {"turn_id": turn.turn_id, "intent": turn.intent, "near": turn.near}
    )


def _puts_first(turn: Turn, tracker: Tracker) -> bool:
    """Whether the message's own words put another wish first than the likeliest intent of the whole."""
    return bool(turn.wishes) or (turn.named_wish is not None and _is_first(tracker))


def _is_first(tracker: Tracker) -> bool:
    """Whether this is the first action of the turn."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            break
        if event.get("event") == "slot" and event.get("name") == "turns":
            return False
    return True


def _count(turn: Turn, tracker: Tracker) -> None:
    """Count the turn and its temper once, in the first action of the turn."""
    if not _is_first(tracker):
        return
    turn.remember(turns=float(turn.slot("turns") or 0) + 1, mood=turn.sentiment)
    if turn.only_details:
        return  # they say nothing new about the mood
    angry = (turn.slot("angry_turns") or 0) + 1 if turn.sentiment == "angry" else 0
    turn.remember(angry_turns=float(angry))
    # Twice in a row: a person first, then the answer. A complaint is answered with that offer anyway.
    if angry and angry % 2 == 0 and turn.intent not in {"contact_human_agent", "complaint"}:
        turn.note("angry twice in a row: a person is offered first")
        turn.say("utter_offer_person", quick_replies=[answers.TO_PERSON])


def register(executor: ActionExecutor, services: Services, profiles: Profiles) -> None:
    """Register every action that `domain.yml` names."""
    for name, answer in _ANSWERS.items():
        executor.register_action(
            TurnAction(name, answer, _answering(answer), services, profiles),
        )
    executor.register_action(TurnAction("action_answer", None, _answer_intent, services, profiles))
    executor.register_action(TurnAction("action_undo", None, undoing.undo, services, profiles))
    executor.register_action(TurnAction("action_resume", None, _resume, services, profiles))
    for form in FORMS:
        executor.register_action(
            TurnAction(f"validate_{form.intent}_form", form.intent, form.run, services, profiles),
        )


async def _answer_intent(turn: Turn) -> None:
    """The answer that goes by the name of the intent, for all intents whose rule names no action of their own."""
    await answers.serve(turn, turn.intent)


def _answering(name: str) -> Callable[[Turn], Awaitable[None]]:
    async def work(turn: Turn) -> None:
        await answers.answer(turn, name)

    return work
