"""All forms."""

from typing import Any

from actions.dialogue.account_forms import ACCOUNT_FORMS
from actions.dialogue.form import Form
from actions.dialogue.order_forms import ORDER_FORMS

FORMS: tuple[Form[Any], ...] = (*ORDER_FORMS, *ACCOUNT_FORMS)
