"""Save a delivery address in the account."""

import hashlib
import re

from actions.accounts import Account
from actions.dialogue import signs
from actions.dialogue.address_fields import ADDRESS_FIELDS, address_of
from actions.dialogue.form import Field, yes_no
from actions.dialogue.personal_form import AccountForm
from actions.shop import Act
from actions.turn import Turn
from actions.variants.schema import quick_reply

_DEFAULT = re.compile(r"\b(default|main|always|usual|first choice|standard address|from now on)\b", re.I)
_NOT_DEFAULT = re.compile(r"\b(not|no|don.?t|just|only|keep|also|extra|second)\b", re.I)


def _default(turn: Turn, _account: Account, asked: bool) -> bool | None:
    if _DEFAULT.search(turn.text):
        return _NOT_DEFAULT.search(turn.text) is None
    if not asked:
        return None
    if signs.says_yes(turn):
        return True
    return False if turn.intent == "deny" or _NOT_DEFAULT.search(turn.text) else None


def _ask_default(turn: Turn, account: Account, again: bool) -> None:
    turn.say(
        "utter_ask_default_address",
        again=again,
        quick_replies=[quick_reply("Yes, as my default", "affirm"), quick_reply("No, just save it", "deny")],
    )


class SetUpShippingAddress(AccountForm):
    intent = "set_up_shipping_address"
    act = "save an address"
    issue = "order"
    verbs = "save|add"
    # An address by itself sounds like a change of one.
    reasons = frozenset({"change_shipping_address"})
    fields = (
        *ADDRESS_FIELDS,
        Field(
            "default",
            "Default address",
            _default,
            _ask_default,
            shown=lambda wanted: "yes" if wanted else "no",
        ),
    )

    async def summarise(self, turn: Turn, subject: Account) -> None:
        turn.say(
            "utter_confirm_new_address",
            address=address_of(turn).in_words(),
            as_default=turn.answers["default"],
            quick_replies=yes_no("Yes, save it", **self.known(turn)),
        )

    def act_name(self, turn: Turn, subject: Account) -> str:
        words = f"{address_of(turn).in_words()} {turn.answers['default']}"
        return f"add-address-{hashlib.sha256(words.encode()).hexdigest()[:12]}"

    async def act_on(self, turn: Turn, subject: Account, key: str) -> Act | None:
        saved = await turn.services.shop.accounts.add_address(
            turn.who,
            key,
            turn.deadline,
            address=address_of(turn),
            default=turn.answers["default"],
            order_id=turn.slot("order_id"),
        )
        turn.note("address saved" if saved.act else "address was saved before")
        turn.concern(self.issue, "resolved")
        turn.say(
            "utter_new_address_saved",
            detail=saved.message,
            act_id=saved.act.act_id if saved.act else None,
            elsewhere=saved.act is not None,
        )
        return saved.act
