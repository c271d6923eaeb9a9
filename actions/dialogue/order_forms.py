"""All forms that work on an order."""

from actions.dialogue.cancelling import CancelOrder
from actions.dialogue.form import OrderForm
from actions.dialogue.refunds import GetRefund, TrackRefund
from actions.dialogue.returning import ReturnItem
from actions.dialogue.tracking import TrackOrder

FORMS: tuple[OrderForm, ...] = (TrackOrder(), CancelOrder(), ReturnItem(), GetRefund(), TrackRefund())
