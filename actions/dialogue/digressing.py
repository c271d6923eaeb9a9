"""How every form talks, whatever it is for: it lets the customer digress, refuse, begin anew and give up."""

import re
from typing import Any

from actions.dialogue import answers, refusals, signs, verdict
from actions.dialogue.asking import Asking
from actions.dialogue.courtesies import courtesy, says_hello
from actions.dialogue.help_pages import answer_from_page
from actions.dialogue.meanings import OR, asked_which, either_meant, take_up
from actions.dialogue.questions import answer_question, tell_rule
from actions.dialogue.wishes import FORMS
from actions.shop import ShopUnavailable
from actions.turn import Turn
from actions.variants.schema import quick_reply

#: In the slot `offer` when it was asked which of the two "cancel" means.
_STOP_OR_CANCEL = f"deny{OR}cancel_order"
_AN_ORDER = re.compile(r"\W*(to )?((cancel|it'?s) )?(an|the|my|that|this) order\W*", re.I)


class Digressing(Asking):
    """One call of `run` answers one message. What the form is for, its subclasses say (`actions.dialogue.form`).

    Class attributes:
        verbs: what customers call the act, as alternatives of a regular expression; None when it changes nothing.
        rule: the frequent question whose answer holds whatever the form works on.
        reasons: other intents that are only a reason for this wish while it is spoken of.
    """

    verbs: str | None = None
    rule: str | None = None
    reasons: frozenset[str] = frozenset()

    async def advance(self, turn: Turn, asked: str | None) -> None:
        """Go on with what the message may answer; `asked` is None when the form begins."""
        raise NotImplementedError

    async def answers_it(self, turn: Turn, asked: str) -> bool:
        """Whether the words choose from what was asked for or correct an earlier answer, whatever was understood."""
        raise NotImplementedError

    def is_free(self, asked: str) -> bool:
        """Whether any words can answer it, so that only a sure other wish is one."""
        return False

    def known(self, turn: Turn) -> dict[str, str]:
        """The entities with which the wish is begun again by a button."""
        return {}

    def forget(self, turn: Turn) -> None:
        """What a new beginning forgets besides the answers."""

    async def run(self, turn: Turn) -> None:
        asked = turn.slot("requested_slot")
        try:
            if asked is None:
                await self._start(turn)
            elif not await self._digression(turn, asked):
                await self.advance(turn, asked)
        except ShopUnavailable:
            self._shop_is_away(turn)

    async def _start(self, turn: Turn) -> None:
        turn.remember(failures=0.0, choices=None, offer=None)  # answers may come from the form before
        take_up(turn, self.intent)
        if not turn.entities and answer_question(turn):
            turn.leave_form()
            return
        if self._refused_by_name(turn, None):
            self.stop(turn)
            return
        if asked_which(turn):
            turn.leave_form()
            return
        turn.note(f"{self.intent}: started")
        if turn.customer is None and not turn.slot("order_id"):
            tell_rule(turn, self.rule)
        turn.remember(topic=self.rule or turn.slot("topic"))
        await self.advance(turn, None)

    # --- something else than an answer -----------------------------------------------------------

    async def _digression(self, turn: Turn, asked: str) -> bool:
        """Whether the message was something else than an answer; then it has been dealt with."""
        if await self._ended(turn, asked):
            return True
        if asked == "confirmed" and self.verbs and verdict.accepts(turn.text, self.verbs):
            return False
        answers_it = await self.answers_it(turn, asked)
        wish = signs.other_wish(turn, self.intent, asked, free=self.is_free(asked))
        if wish in self.reasons or self.intent in turn.alternatives:
            wish = None
        if turn.confidence < signs.VERY_SURE and wish is not None and self._rule_meant(turn, asked):
            wish = None
        if wish is not None and not (answers_it and not signs.is_clear_wish(turn)):
            if not asked_which(turn):
                await self._turn_to(turn, wish)
            return True
        if answers_it or turn.entities.keys() & {"order_id", "email"}:
            return False
        return await self._aside(turn, asked)

    async def _ended(self, turn: Turn, asked: str) -> bool:
        """Whether the message ended the form in so many words, or began it anew."""
        if self.intent != "cancel_order" and await self._cancel_said(turn):
            return True
        if self._refused_by_name(turn, asked) or refusals.leaves_alone(turn.text):
            self.stop(turn)
            return True
        if signs.restarts(turn.text):
            await self._begin_anew(turn)
            return True
        return False

    async def _turn_to(self, turn: Turn, wish: str) -> None:
        turn.note(f"{self.intent}: left for {wish}")
        turn.leave_form()
        if wish != "contact_human_agent":
            turn.say("utter_moving_on", act=self.act)
        if wish in FORMS:
            turn.go_on_with(FORMS[wish])
        else:
            await answers.ANSWERS[wish](turn)

    async def _cancel_said(self, turn: Turn) -> bool:
        """Whether it was "cancel" and no more, or says what was meant by it: to stop here, or to cancel an order."""
        was_asked = turn.slot("offer") == _STOP_OR_CANCEL
        if was_asked:
            turn.remember(offer=None)
        if refusals.only_cancels(turn.text):
            if was_asked:
                self.stop(turn)
                return True
            turn.note(f"{self.intent}: asked whether to stop or to cancel an order")
            turn.remember(offer=_STOP_OR_CANCEL)
            offers = [quick_reply("Stop here", "deny"), quick_reply("Cancel an order", "cancel_order")]
            turn.say("utter_stop_or_cancel", quick_replies=offers)
            return True
        meant = either_meant(turn.text, _STOP_OR_CANCEL) if was_asked else None
        if meant == "cancel_order" or (was_asked and _AN_ORDER.fullmatch(turn.text)):
            turn.use_up()
            await self._turn_to(turn, "cancel_order")
        elif meant == "deny":
            self.stop(turn)
        return turn.left_form

    async def _begin_anew(self, turn: Turn) -> None:
        turn.note(f"{self.intent}: begun anew")
        turn.remember(failures=0.0, choices=None, answers=None, requested_slot=None)
        self.forget(turn)
        turn.say("utter_restarted", act=self.act)
        turn.use_up()
        await self.advance(turn, None)

    def _refused_by_name(self, turn: Turn, asked: str | None) -> bool:
        if self.verbs is None:
            return False
        if turn.said != turn.text and re.search(rf"\b({self.verbs})", turn.said, re.I):
            return False  # "don't cancel that one, cancel this one"
        return verdict.refuses(turn.text, self.verbs, asked_to_confirm=asked == "confirmed")

    def stop(self, turn: Turn) -> None:
        turn.note(f"{self.intent}: stopped by the customer")
        turn.say("utter_stopped", act=self.act)
        turn.leave_form()

    async def _aside(self, turn: Turn, asked: str) -> bool:
        """Whether it was a courtesy, a complaint, a refusal or a question beside the matter."""
        free = self.is_free(asked)
        if not refusals.gives_up(turn.text) and await self._courtesy(turn, asked):
            return True
        if turn.intent == "complaint" and not free:
            await answers.complain(turn)
            await self.repeat(turn, asked, aside=True)
            return True
        if refusals.stops(turn, asked):
            self.stop(turn)
            return True
        if not free and signs.asks_beside(turn, turn.services.knowledge.answers):
            await answers.answer(turn, turn.intent)
            await self.repeat(turn, asked, aside=True)
            return True
        if self._answered_in_general(turn, asked) or (not free and await answer_from_page(turn)):
            await self.repeat(turn, asked, aside=True)
            return True
        return False

    def _answered_in_general(self, turn: Turn, asked: str) -> bool:
        if self.is_free(asked) or signs.says_yes(turn):
            return False
        return (asked in self.finds_by() and tell_rule(turn, self.rule)) or answer_question(turn, "inform")

    def _rule_meant(self, turn: Turn, asked: str) -> bool:
        """Whether it asks for the rule that holds for all, before it is known what the form works on."""
        known = turn.services.knowledge
        return self.rule is not None and asked in self.finds_by() and known.asks(self.rule, turn.text)

    async def _courtesy(self, turn: Turn, asked: str) -> bool:
        if turn.intent == "goodbye":
            turn.note(f"{self.intent}: the customer left")
            turn.say("utter_goodbye")
            turn.leave_form()
            return True
        kind = courtesy(turn)
        if kind is None or (asked == "confirmed" and signs.says_yes(turn)):
            return False
        if kind == "hello" and self.is_free(asked) and not says_hello(turn.text):
            return False  # a name by itself is easily taken for a greeting
        turn.say("utter_courtesy", kind=kind, open=True)
        if kind != "wait":  # who looks for something need not be asked for it again
            await self.repeat(turn, asked, aside=True)
        return True

    def _shop_is_away(self, turn: Turn) -> None:
        turn.note("shop unavailable")
        turn.concern(self.issue, "open")
        known: dict[str, Any] = self.known(turn)
        turn.leave_form()
        turn.say(
            "utter_shop_unavailable",
            changing=False,
            quick_replies=[quick_reply("Try again", self.intent, **known)],
        )
