"""Another e-mail address, phone number or name in the account, and closing it."""

import hashlib
import re
from datetime import UTC, datetime, time

from actions.accounts import Account
from actions.contact_words import email_in, is_email, is_uk_phone, name_in, phone_in
from actions.dialogue import signs, undoing
from actions.dialogue.form import Field, NotUsable, yes_no
from actions.dialogue.personal_form import AccountForm
from actions.dialogue.wishes import FORMS
from actions.shop import Act
from actions.turn import Turn
from actions.uk_address import read_address
from actions.variants.schema import quick_reply
from actions.wording import day

TO_PERSON = quick_reply("Talk to a person", "contact_human_agent")
_DETAILS = (
    ("email", r"e-?mails?( address)?|mail address"),
    ("phone", r"(tele)?phone|mobile|cell|landline|(contact )?number"),
    ("name", r"(sur|first |last |middle |maiden |family )?name|married|spelt|spelled|misspel\w*"),
)
_WORDS = {"email": "e-mail address", "phone": "phone number", "name": "name"}
_POSTAL = re.compile(
    r"\b(delivery|shipping|postal|home|street|moved|moving|house)\b.*\baddress|\bmoved house\b|^(?!.*e-?mail).*\baddress\b",
    re.I,
)
_PASSWORD = re.compile(r"\b(password|passcode|log.?in details)\b", re.I)

#: Said of an account that is being closed.
_KEEPS = re.compile(
    r"\b(keep|stay|re-?open|restore|re-?activate|changed my mind|after all|stop (it|that|the closing))\b",
    re.I,
)


def detail_in(turn: Turn) -> str | None:
    """Which detail the words are about."""
    return next((name for name, words in _DETAILS if re.search(rf"\b({words})\b", turn.said, re.I)), None)


def _detail(turn: Turn, _account: Account, asked: bool) -> str | None:
    # "It's smith@example.com" is a value; which detail is changed was said before.
    told = "detail" in turn.answers and not asked and not signs.corrects(turn.text)
    return None if told else detail_in(turn)


def _ask_detail(turn: Turn, account: Account, again: bool) -> None:
    offers = [quick_reply(word.capitalize(), "inform") for word in _WORDS.values()]
    turn.say("utter_ask_detail", again=again, quick_replies=offers)


def _value(turn: Turn, _account: Account, asked: bool) -> str | None:
    detail = turn.answers.get("detail") or detail_in(turn)
    read = {"email": _new_email, "phone": _new_phone, "name": _new_name}.get(str(detail))
    return read(turn, asked) if read else None


def _new_email(turn: Turn, asked: bool) -> str | None:
    if turn.customer is None and not asked and turn.slot("requested_slot") in {None, "order_id", "email"}:
        return None  # it says who they are
    given = turn.entity("email") or email_in(turn.said)
    if given is None and not (asked and "@" in turn.said):
        return None
    if given is None or not is_email(given):
        raise NotUsable("utter_not_an_email")
    return given


def _new_phone(turn: Turn, asked: bool) -> str | None:
    given = turn.entity("phone") or phone_in(turn.said)
    if given is None:
        if asked and re.search(r"\d{3}", turn.said):
            raise NotUsable("utter_not_a_phone")
        return None
    if not is_uk_phone(given):
        if asked:
            raise NotUsable("utter_not_a_phone")
        return None
    return given


def _new_name(turn: Turn, asked: bool) -> str | None:
    return name_in(turn.said, alone=asked)


def _ask_value(turn: Turn, account: Account, again: bool) -> None:
    detail = turn.answers["detail"]
    present = {"email": account.email, "phone": account.phone, "name": account.name}[detail]
    turn.say("utter_ask_new_detail", detail=_WORDS[detail], present=present, again=again)


class EditAccount(AccountForm):
    intent = "edit_account"
    act = "change your details"
    verbs = "change|update|edit"
    fields = (
        Field(
            "detail",
            "What to change",
            _detail,
            _ask_detail,
            early=detail_in,
            resets=("value",),
            shown=lambda detail: _WORDS[detail],
        ),
        Field("value", "New value", _value, _ask_value),
    )

    def proof(self, turn: Turn) -> str | None:
        # "Change my e-mail to x@example.com": that one is new, and proves nothing.
        return turn.entity("email") if turn.slot("requested_slot") is not None else None

    async def find(self, turn: Turn, asked: str | None) -> Account | None:
        if asked is None and detail_in(turn) is None:
            intent = None
            if _PASSWORD.search(turn.text):
                intent = "recover_password"
            elif _POSTAL.search(turn.text) or read_address(turn.said).street is not None:
                intent = "set_up_shipping_address"
            if intent is not None:
                turn.note(f"{self.intent}: this is for {intent}")
                turn.leave_form()
                turn.go_on_with(FORMS[intent])
                return None
        return await super().find(turn, asked)

    async def summarise(self, turn: Turn, subject: Account) -> None:
        detail, value = turn.answers["detail"], turn.answers["value"]
        turn.say(
            "utter_confirm_change",
            detail=_WORDS[detail],
            value=value,
            confirm_at=value if detail == "email" else subject.email,
            told_too=subject.email if detail == "email" else None,
            quick_replies=yes_no("Yes, change it", **self.known(turn)),
        )

    def act_name(self, turn: Turn, subject: Account) -> str:
        value = hashlib.sha256(str(turn.answers["value"]).casefold().encode()).hexdigest()[:12]
        return f"change-{turn.answers['detail']}-{value}"

    async def act_on(self, turn: Turn, subject: Account, key: str) -> Act | None:
        asked = await turn.services.shop.accounts.change(
            turn.who,
            key,
            turn.deadline,
            field=turn.answers["detail"],
            value=turn.answers["value"],
            order_id=turn.slot("order_id"),
        )
        turn.note(f"change of {asked.field} asked for")
        turn.concern(self.issue, "answered")
        turn.say(
            "utter_change_asked",
            detail=_WORDS[asked.field],
            sent_to=asked.sent_to[0],
            told_too=asked.sent_to[1] if len(asked.sent_to) > 1 else None,
            change_id=asked.change_id,
            hours=turn.services.knowledge.policy["accounts"]["link_hours"],
        )
        return asked.act


class DeleteAccount(AccountForm):
    intent = "delete_account"
    act = "close your account"
    verbs = "close|delete|remove|erase|deactivate"

    async def ready(self, turn: Turn, subject: Account) -> bool:
        if subject.closing_on is not None:
            self._closing_already(turn, subject)
        elif subject.open_matters is not None:
            turn.note("account can't be closed yet")
            turn.concern(self.issue, "open")
            turn.remember(offer="person_mentioned")
            offers = [quick_reply("See my orders", "track_order"), TO_PERSON]
            turn.say("utter_cannot_close", detail=subject.open_matters, quick_replies=offers)
        else:
            return True
        turn.leave_form()
        return False

    def _closing_already(self, turn: Turn, account: Account) -> None:
        turn.note("account is being closed already")
        turn.concern(self.issue, "answered")
        if account.closing_act is not None and account.closing_on is not None:
            until = datetime.combine(account.closing_on, time(), tzinfo=UTC)
            act = Act(act_id=account.closing_act, kind="close", undo_until=until)
            undoing.keep(turn, act, self.known(turn))
            if _KEEPS.search(turn.text):
                turn.go_on_with("action_undo")
                return
        turn.say(
            "utter_closing_already",
            closing_on=day(account.closing_on),
            quick_replies=[quick_reply("Keep my account", undoing.UNDO)],
        )

    async def complete(self, turn: Turn, subject: Account, asked: str | None) -> None:
        if asked == "confirmed" and _KEEPS.search(turn.text):
            self.stop(turn)
        else:
            await super().complete(turn, subject, asked)

    async def summarise(self, turn: Turn, subject: Account) -> None:
        days = turn.services.knowledge.policy["accounts"]["closing_grace_days"]
        turn.say(
            "utter_confirm_close",
            days=days,
            quick_replies=yes_no("Yes, close it", **self.known(turn)),
        )

    def act_name(self, turn: Turn, subject: Account) -> str:
        return "close-account"

    async def act_on(self, turn: Turn, subject: Account, key: str) -> Act | None:
        closing = await turn.services.shop.accounts.close(
            turn.who, key, turn.deadline, order_id=turn.slot("order_id")
        )
        turn.note("account to be closed")
        turn.concern(self.issue, "resolved")
        turn.say("utter_account_closing", closing_on=day(closing.closing_on), act_id=closing.act.act_id)
        return closing.act
