"""Help by e-mail: back into an account, through a sign-up that fails, or into a new account.

Nobody learns here whether an address has an account: the shop mails to each what fits it.
"""

import hashlib
import re

from actions.contact_words import email_in, is_email
from actions.dialogue.form import Field, Form, NotUsable, yes_no
from actions.shop import Act, Who
from actions.turn import Turn
from actions.variants.schema import quick_reply

_LOST_MAILBOX = re.compile(
    r"""\b(no\ longer|don.?t|do\ not|can.?t|cannot|lost|without)\b.{0,30}\b(have|use|using|access|get\ (in)?to|reach|open)\b.{0,25}
        \b(e-?mails?|inbox|mailbox|(mail\ )?address)\b
        |\b(e-?mail|mailbox|inbox|address)\b.{0,25}\b(doesn.?t\ exist|closed|gone|old\ (job|work)|no\ longer)\b""",
    re.I | re.X,
)
_MEANT_AS_ADDRESS = re.compile(r"@|\bat\b.*\bdot\b", re.I)
_PROBLEMS = (
    (
        "no_mail",
        r"confirm\w*|activation|verif\w*|(mail|link) (has ?n.?t|did ?n.?t|does ?n.?t|never|not)|no (e-?)?mail|spam",
    ),
    ("in_use", r"in use|taken|exists?|already (have|registered|us(ed|ing)|an account)|registered already"),
    ("form", r"form|button|error|field|page|captcha|grey|greyed|submit|click|invalid|reject\w*|accept\w*"),
)
TO_PERSON = quick_reply("Talk to a person", "contact_human_agent")


def read_email(turn: Turn, _who: object, asked: bool) -> str | None:
    """The e-mail address in the message; also one that is spelt out, if it was asked for."""
    given = turn.entity("email") or (email_in(turn.said) if asked else None)
    if given is not None and is_email(given):
        return given
    if asked and (given is not None or _MEANT_AS_ADDRESS.search(turn.said)):
        raise NotUsable("utter_not_an_email")
    return None


def early_email(turn: Turn) -> str | None:
    """The address in the message, or the one that was given before in this conversation."""
    given = turn.entity("email") or turn.slot("email")
    return given if turn.customer is None and given is not None and is_email(given) else None


def _problem(turn: Turn, _who: Who, asked: bool) -> str | None:
    return problem_in(turn)


def problem_in(turn: Turn) -> str | None:
    """What goes wrong with signing up, by the words."""
    return next((name for name, words in _PROBLEMS if re.search(rf"\b({words})\b", turn.said, re.I)), None)


def _ask_problem(turn: Turn, _who: Who, again: bool) -> None:
    offers = ("The e-mail never came", "My address is taken", "The form shows an error")
    turn.say(
        "utter_ask_sign_up_problem",
        again=again,
        quick_replies=[quick_reply(title, "inform") for title in offers],
    )


def _visitor(turn: Turn) -> bool:
    return turn.customer is None


class LetterForm(Form[Who]):
    """A letter to a visitor's address, or to a signed-in customer's on file.

    Class attributes:
        letter: the shop's name for it.
    """

    letter: str

    async def settled(self, turn: Turn) -> Who | None:
        return turn.who if turn.customer is not None else Who(None, turn.answers.get("address"))

    def known(self, turn: Turn) -> dict[str, str]:
        return {}

    async def advance(self, turn: Turn, asked: str | None) -> None:
        if _LOST_MAILBOX.search(turn.text) and "email" not in turn.entities:
            # A letter would not reach them, and who they are can only be found out by a person.
            turn.note(f"{self.intent}: no way to their e-mail")
            turn.concern(self.issue, "open")
            turn.remember(offer="person")
            turn.say("utter_lost_mailbox", quick_replies=[TO_PERSON])
            turn.leave_form()
            return
        await super().advance(turn, asked)

    async def summarise(self, turn: Turn, subject: Who) -> None:
        turn.say(
            "utter_confirm_letter",
            kind=self.letter,
            email=turn.answers.get("address"),
            problem=turn.answers.get("problem"),
            quick_replies=yes_no("Yes, send it"),
        )

    def act_name(self, turn: Turn, subject: Who) -> str:
        # A digest: keys are kept by the shop, addresses need not be.
        address = subject.email or subject.customer_id or ""
        return f"{self.letter}-{hashlib.sha256(address.casefold().encode()).hexdigest()[:12]}"

    async def act_on(self, turn: Turn, subject: Who, key: str) -> Act | None:
        sent = await turn.services.shop.accounts.send_letter(self.letter, subject, key, turn.deadline)
        turn.note(f"{self.letter}: {'sent' if sent.message_id else 'not sent, too many within the hour'}")
        turn.concern(self.issue, "answered")
        if subject.email is not None:
            turn.remember(email=subject.email)
        turn.remember(offer="person_mentioned")
        turn.say(
            "utter_letter_sent",
            kind=self.letter,
            sent_to=sent.sent_to,
            message_id=sent.message_id,
            hours=sent.valid_hours,
            quick_replies=[TO_PERSON],
        )
        return None


def _ask_address(turn: Turn, _who: Who, again: bool) -> None:
    turn.say("utter_ask_account_email", again=again)


_ADDRESS = Field("address", "E-mail address", read_email, _ask_address, needed=_visitor, early=early_email)


class RecoverPassword(LetterForm):
    intent = "recover_password"
    act = "get a new password"
    letter = "password"
    verbs = "send|reset"
    reasons = frozenset({"registration_problems"})
    fields = (_ADDRESS,)


class _ForNewcomers(LetterForm):
    """One who is signed in has an account."""

    async def ready(self, turn: Turn, subject: Who) -> bool:
        if turn.customer is None:
            return True
        turn.note("signed in: has an account")
        turn.concern(self.issue, "answered")
        turn.say(
            "utter_has_account", quick_replies=[quick_reply("Change my details", "edit_account"), TO_PERSON]
        )
        turn.leave_form()
        return False


class RegistrationProblems(_ForNewcomers):
    intent = "registration_problems"
    act = "sort out the sign-up"
    letter = "registration"
    verbs = "send"
    reasons = frozenset({"create_account", "recover_password", "edit_account"})
    fields = (Field("problem", "What happens", _problem, _ask_problem, early=problem_in), _ADDRESS)


class CreateAccount(_ForNewcomers):
    intent = "create_account"
    act = "open an account"
    letter = "invitation"
    verbs = "send|open|create"
    reasons = frozenset({"registration_problems"})
    fields = (_ADDRESS,)
