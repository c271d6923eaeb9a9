"""Get newsletters, or stop them."""

import re
from collections.abc import Sequence

from actions.accounts import TopicState
from actions.dialogue.form import Field, Form, yes_no
from actions.dialogue.letters import early_email, read_email
from actions.shop import Act, Who
from actions.turn import Turn
from actions.variants.schema import quick_reply
from actions.wording import listed

_STOPS = re.compile(
    r"""\b(un-?subscribe|unsub|stop\w*|cancel|remove|opt(ing)?[ -]?out|off|no\ (more|longer)|too\ many|fewer|less|spam\w*|delete
        |don.?t\ (want|send|need|like)|do\ not\ (want|send)|never|without|rid\ of|sick\ of|fed\ up|leave\ me\ alone|quit|end|not\ interested)\b""",
    re.I | re.X,
)
_BEGINS = re.compile(
    r"\b(subscribe|sign (me |us )?(back )?up|sign-up|get|receive|join|opt(ing)?[ -]?in|start|send me|add me|put me on|want|like|back on|again|begin)\b",
    re.I,
)
_ALL = re.compile(r"\b(all|everything|every|any|both|the lot|whole|completely|entirely)\b", re.I)
_TOPICS = (
    ("offers", r"offer|promo|discount|deal|sale\b|sales|voucher|coupon|code|bargain|marketing"),
    ("news", r"new (product|thing|item|stuff|arrival|release)|arrivals|launch|product news|what.?s new"),
    ("tips", r"\btips?\b|how.?to|advice|guide|ideas"),
)


def wanted_in(turn: Turn) -> bool | None:
    """Whether the words ask for newsletters (True) or to be rid of them (False)."""
    if _STOPS.search(turn.said):
        return False
    return True if _BEGINS.search(turn.said) else None


def topics_in(turn: Turn) -> list[str] | None:
    """The topics that the words name, in the shop's order."""
    every = list(turn.services.knowledge.policy["newsletters"])
    if _ALL.search(turn.said):
        return every
    named = {topic for topic, words in _TOPICS if re.search(rf"\b({words})", turn.said, re.I)}
    return [topic for topic in every if topic in named] or None


def _read_wanted(turn: Turn, _who: Who, asked: bool) -> bool | None:
    if asked or "wanted" not in turn.answers:
        return wanted_in(turn)
    return None


def _ask_wanted(turn: Turn, _who: Who, again: bool) -> None:
    offers = [quick_reply("Get newsletters", "inform"), quick_reply("Stop them", "inform")]
    turn.say("utter_ask_newsletter_wanted", again=again, quick_replies=offers)


def _read_topics(turn: Turn, _who: Who, asked: bool) -> list[str] | None:
    named = topics_in(turn)
    if named is None and not asked and "topics" not in turn.answers:
        wanted = turn.answers.get("wanted", wanted_in(turn))
        # Who wants to hear no more and names nothing wants to hear nothing.
        return list(turn.services.knowledge.policy["newsletters"]) if wanted is False else None
    return named


def _ask_topics(turn: Turn, _who: Who, again: bool) -> None:
    titles: dict[str, str] = turn.services.knowledge.policy["newsletters"]
    offers = [quick_reply(title.capitalize(), "inform") for title in titles.values()]
    offers.append(quick_reply("All of them", "inform"))
    turn.say(
        "utter_ask_newsletter_topics", titles=listed(list(titles.values())), again=again, quick_replies=offers
    )


def _ask_address(turn: Turn, _who: Who, again: bool) -> None:
    turn.say("utter_ask_newsletter_email", wanted=turn.answers["wanted"], again=again)


class NewsletterSubscription(Form[Who]):
    intent = "newsletter_subscription"
    act = "change your newsletters"
    reasons = frozenset({"delete_account", "edit_account"})
    fields = (
        Field(
            "wanted",
            "Get or stop",
            _read_wanted,
            _ask_wanted,
            early=wanted_in,
            shown=lambda wanted: "get" if wanted else "stop",
        ),
        Field("topics", "Topics", _read_topics, _ask_topics, shown=", ".join),
        Field(
            "address",
            "E-mail address",
            read_email,
            _ask_address,
            needed=lambda turn: turn.customer is None,
            early=early_email,
        ),
    )

    async def settled(self, turn: Turn) -> Who | None:
        return turn.who if turn.customer is not None else Who(None, turn.answers.get("address"))

    async def summarise(self, turn: Turn, subject: Who) -> None:
        wanted, topics = turn.answers["wanted"], turn.answers["topics"]
        if turn.customer is not None:
            states = await turn.services.shop.accounts.newsletters(subject, turn.deadline)
            if all(state.subscribed is wanted for state in states if state.topic in topics):
                turn.note("newsletters are so already")
                turn.concern(self.issue, "answered")
                turn.say("utter_newsletters_already", wanted=wanted, titles=_titles(turn, topics))
                turn.leave_form()
                return
        turn.say(
            "utter_confirm_newsletters",
            wanted=wanted,
            titles=_titles(turn, topics),
            email=turn.answers.get("address"),
            quick_replies=yes_no("Yes, please" if wanted else "Yes, stop them"),
        )

    def act_name(self, turn: Turn, subject: Who) -> str:
        topics = "-".join(sorted(turn.answers["topics"]))
        return f"newsletters-{'on' if turn.answers['wanted'] else 'off'}-{topics}"

    async def act_on(self, turn: Turn, subject: Who, key: str) -> Act | None:
        changed = await turn.services.shop.accounts.change_newsletters(
            subject, key, turn.deadline, topics=turn.answers["topics"], wanted=turn.answers["wanted"]
        )
        if subject.email is not None:
            turn.remember(email=subject.email)
        turn.note("newsletters changed" if not changed.to_confirm else "newsletters wait for the link")
        turn.concern(self.issue, "resolved" if not changed.to_confirm else "answered")
        turn.say(
            "utter_newsletters_changed",
            detail=changed.message,
            wanted=turn.answers["wanted"],
            still=_still(changed.topics),
            act_id=changed.act.act_id if changed.act else None,
        )
        return changed.act


def _titles(turn: Turn, topics: Sequence[str]) -> str:
    titles: dict[str, str] = turn.services.knowledge.policy["newsletters"]
    return listed([titles[topic] for topic in topics])


def _still(topics: list[TopicState]) -> str | None:
    return listed([state.title for state in topics if state.subscribed]) or None
