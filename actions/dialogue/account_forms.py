"""All forms that work on an account, or help without one."""

from typing import Any

from actions.dialogue.account_details import DeleteAccount, EditAccount
from actions.dialogue.address_book import SetUpShippingAddress
from actions.dialogue.form import Form
from actions.dialogue.letters import CreateAccount, RecoverPassword, RegistrationProblems
from actions.dialogue.newsletters import NewsletterSubscription
from actions.dialogue.payment_form import PaymentIssue

ACCOUNT_FORMS: tuple[Form[Any], ...] = (
    SetUpShippingAddress(),
    RecoverPassword(),
    RegistrationProblems(),
    CreateAccount(),
    DeleteAccount(),
    EditAccount(),
    NewsletterSubscription(),
    PaymentIssue(),
)
