"""All forms that work on an order."""

from typing import Any

from actions.dialogue.cancelling import CancelOrder
from actions.dialogue.form import Form
from actions.dialogue.refunds import GetRefund, TrackRefund
from actions.dialogue.returning import ReturnItem
from actions.dialogue.tracking import TrackOrder

ORDER_FORMS: tuple[Form[Any], ...] = (TrackOrder(), CancelOrder(), ReturnItem(), GetRefund(), TrackRefund())
