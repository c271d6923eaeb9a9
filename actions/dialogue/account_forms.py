"""All forms that work on an account."""

from typing import Any

from actions.dialogue.form import Form

ACCOUNT_FORMS: tuple[Form[Any], ...] = ()
