"""All forms that work on an order."""

from typing import Any

from actions.dialogue.cancelling import CancelOrder
from actions.dialogue.changing_address import ChangeShippingAddress
from actions.dialogue.changing_order import ChangeOrder
from actions.dialogue.defects import ReportDefect
from actions.dialogue.form import Form
from actions.dialogue.invoicing import CheckInvoice, GetInvoice
from actions.dialogue.refunds import GetRefund, TrackRefund
from actions.dialogue.returning import ReturnItem
from actions.dialogue.tracking import TrackOrder
from actions.dialogue.warranty_form import Warranty

ORDER_FORMS: tuple[Form[Any], ...] = (
    TrackOrder(),
    CancelOrder(),
    ChangeOrder(),
    ChangeShippingAddress(),
    ReturnItem(),
    GetRefund(),
    TrackRefund(),
    GetInvoice(),
    CheckInvoice(),
    Warranty(),
    ReportDefect(),
)
