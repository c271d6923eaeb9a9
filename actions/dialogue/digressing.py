"""How every form talks, whatever it is for: it lets the customer digress, refuse, begin anew and give up."""

import re
from typing import Any

from actions.dialogue import answers, signs, verdict
from actions.dialogue.courtesies import courtesy, says_hello
from actions.dialogue.help_pages import answer_from_page
from actions.dialogue.meanings import asked_which, take_up
from actions.dialogue.questions import answer_question, tell_rule
from actions.dialogue.wishes import FORMS
from actions.shop import ShopUnavailable
from actions.turn import Turn
from actions.variants.schema import quick_reply

#: So many messages without a usable value, and a person is offered instead of asking again.
MOST_FAILURES = 3
#: So often the same is asked for; then it is said what would help, and what else could be done.
MOST_ASKED = 2
TO_PERSON = quick_reply("Talk to a person", "contact_human_agent")
#: Its words say that the answer can't be given (`signs.lacks_it`).
LACKS_IT = quick_reply("I don't have it", "inform")


class Digressing:
    """One call of `run` answers one message. What the form is for, its subclasses say (`actions.dialogue.form`).

    Class attributes:
        intent: the wish it serves; its Rasa name is `{intent}_form`.
        act: how the wish reads after "to".
        issue: under which issue it stands in the customer's history.
        verbs: what customers call the act, as alternatives of a regular expression; None when it changes nothing.
        rule: the frequent question whose answer holds whatever the form works on.
        reasons: other intents that are only a reason for this wish while it is spoken of.
    """

    intent: str
    act: str
    issue: str = "general"
    verbs: str | None = None
    rule: str | None = None
    reasons: frozenset[str] = frozenset()

    async def advance(self, turn: Turn, asked: str | None) -> None:
        """Go on with what the message may answer; `asked` is None when the form begins."""
        raise NotImplementedError

    async def ask(self, turn: Turn, asked: str, again: bool) -> None:
        """Say the question for `asked`."""
        raise NotImplementedError

    async def answers_it(self, turn: Turn, asked: str) -> bool:
        """Whether the words choose from what was asked for or correct an earlier answer, whatever was understood."""
        raise NotImplementedError

    def is_free(self, asked: str) -> bool:
        """Whether any words can answer it, so that only a sure other wish is one."""
        return False

    def finds_by(self) -> frozenset[str]:
        """The slots that only find what the form works on: rules that hold for all may be told meanwhile."""
        return frozenset()

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
        if self._refused_by_name(turn, asked):
            self.stop(turn)
            return True
        if signs.restarts(turn.text):
            await self._begin_anew(turn)
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

    async def _turn_to(self, turn: Turn, wish: str) -> None:
        turn.note(f"{self.intent}: left for {wish}")
        turn.leave_form()
        if wish != "contact_human_agent":
            turn.say("utter_moving_on", act=self.act)
        if wish in FORMS:
            turn.go_on_with(FORMS[wish])
        else:
            await answers.ANSWERS[wish](turn)

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
        if not signs.gives_up(turn.text) and await self._courtesy(turn, asked):
            return True
        if turn.intent == "complaint" and not free:
            await answers.complain(turn)
            await self.repeat(turn, asked, aside=True)
            return True
        if signs.stops(turn, asked):
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

    # --- asking again ----------------------------------------------------------------------------

    async def repeat(self, turn: Turn, asked: str, *, aside: bool = False) -> None:
        """Ask for it (again); once it was asked for `MOST_ASKED` times, say what would help instead.

        Args:
            aside: the message was no attempt at an answer and has been answered: nothing new needs to be said then.
        """
        before = self._asked_before(turn, asked)
        again = turn.slot("requested_slot") == asked
        count = {"name": asked, "times": before["times"] + 1, "helped": before["helped"]}
        turn.remember(requested_slot=asked, asked=count)
        often = count["times"] > MOST_ASKED
        if not often or (aside and asked == "confirmed"):
            await self.ask(turn, asked, again)
            return
        if turn.silent or not again or not (aside or before["helped"]):
            turn.remember(asked={**count, "helped": before["helped"] + 1})
            await self.help_with(turn, asked)
        turn.offer_once(TO_PERSON)

    def _asked_before(self, turn: Turn, asked: str) -> dict[str, Any]:
        """How often it was asked for in a row, and how often it was said what would help."""
        last = turn.slot("asked") or {}
        if last.get("name") == asked:
            return dict(last)
        return {"name": asked, "times": int(turn.slot("requested_slot") == asked), "helped": 0}

    async def help_with(self, turn: Turn, asked: str) -> None:
        """Say how else one can get on when the answer to `asked` does not come."""
        turn.say(
            "utter_what_would_help",
            asked=asked,
            act=self.act,
            known=turn.customer is not None,
            times=self._asked_before(turn, asked)["helped"],
            quick_replies=[*await self.ways_on(turn, asked), TO_PERSON],
        )

    async def ways_on(self, turn: Turn, asked: str) -> list[dict[str, Any]]:
        """Quick replies for who can't answer."""
        return [LACKS_IT] if asked in self.finds_by() else [quick_reply("Leave it", "deny")]

    async def unhelpful(self, turn: Turn, asked: str) -> None:
        """The message held nothing that was asked for."""
        before = self._asked_before(turn, asked)
        if asked in self.finds_by() and signs.lacks_it(turn.text):
            if before["helped"]:
                self.give_up(turn)
            elif not self.failed(turn):
                turn.remember(asked={**before, "times": max(before["times"], MOST_ASKED)})
                await self.repeat(turn, asked)
        elif (kind := signs.unasked_detail(turn)) is not None:
            # Well meant, so it counts half at first; a membership is no attempt at an answer.
            if not self.failed(turn, 1.0 if before["helped"] else 0.0 if kind == "membership" else 0.5):
                turn.say("utter_detail_noted", kind=kind)
                await self.repeat(turn, asked)
        elif not self.failed(turn):
            if before["times"] < MOST_ASKED:
                turn.say("utter_not_understood", asked=asked)
            await self.repeat(turn, asked)

    def failed(self, turn: Turn, weight: float = 1.0) -> bool:
        """Count a failure; after too many of them offer a person and end the form (then True)."""
        failures = float(turn.slot("failures") or 0) + weight
        turn.remember(failures=failures)
        if failures < MOST_FAILURES:
            return False
        self.give_up(turn)
        return True

    def not_found(self, turn: Turn, order_id: str) -> None:
        """There is no such order for whoever asks."""
        again = bool(turn.slot("failures"))
        offers = [TO_PERSON] if again else []
        visitor = turn.customer is None
        turn.say(
            "utter_order_not_found", order_id=order_id, anonymous=visitor, again=again, quick_replies=offers
        )
        self.failed(turn)

    def not_ours(self, turn: Turn, given: str) -> None:
        """What was given as an order number can't be one."""
        again = bool(turn.slot("failures"))
        turn.say(
            "utter_not_an_order_id", given=given, again=again, quick_replies=[TO_PERSON] if again else []
        )
        self.failed(turn)

    def for_a_person(self, turn: Turn, asked: str | None) -> bool:
        """Whether an address or a thing was given in place of a number that does not come: a person is offered then."""
        given = turn.entities.keys() & {"email", "product"}
        if asked != "order_id" or not given or not self._asked_before(turn, asked)["helped"]:
            return False
        turn.note(f"{self.intent}: {' and '.join(sorted(given))} instead of a number, a person is offered")
        turn.concern(self.issue, "open")
        turn.remember(product=turn.entity("product") or turn.slot("product"))
        answers.offer_person(turn, "utter_person_can_find")
        turn.leave_form(keep_order=False)
        return True

    def give_up(self, turn: Turn) -> None:
        """Offer a person and end the form."""
        turn.note(f"{self.intent}: no usable answer, a person is offered")
        turn.concern(self.issue, "open")
        answers.offer_person(turn)
        turn.leave_form(keep_order=False)

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
