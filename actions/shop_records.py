"""What the shop's API tells, as far as it is used here; more than that is left aside."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field


class Record(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Item(Record):
    sku: str
    name: str
    quantity: int = 1
    price: float = 0.0


class Address(Record):
    """A delivery address in Britain."""

    line1: str
    line2: str | None = None
    city: str
    postcode: str

    def in_words(self) -> str:
        return ", ".join(part for part in (self.line1, self.line2, self.city, self.postcode) if part)


class Order(Record):
    order_id: str
    status: str
    placed_at: datetime
    expected_at: datetime | None = None
    delivered_at: datetime | None = None
    carrier: str | None = None
    tracking_code: str | None = None
    items: list[Item]
    total: float
    payment_method: str = "card"
    cancellable: bool = False
    returnable: bool = False
    changeable: bool = False
    address_changeable: bool = False
    delivery_address: Address | None = None


class Act(Record):
    """Something that was done, and until when it can be taken back."""

    act_id: str
    kind: str
    undo_until: datetime


class Refund(Record):
    refund_id: str
    order_id: str
    amount: float
    status: str
    method: str | None = None
    requested_at: datetime | None = None
    expected_at: datetime | None = None
    paid_at: datetime | None = None


class Return(Record):
    return_id: str
    items: list[Item] = []
    label_url: str | None = None
    drop_off_by: date | None = None


class ChangedOrder(Order):
    """An order after a change; `message` is the shop's sentence about it."""

    refund: Refund | None = None
    return_: Return | None = Field(default=None, alias="return")
    act: Act | None = None
    message: str = ""


class Payment(Record):
    payment_id: str
    order_id: str
    amount: float
    status: str
    method: str | None = None
    at: datetime


class PaymentDetail(Payment):
    """`next_step`: `pay_again`, `wait`, `person` or `none`; `explanation` is the shop's sentence."""

    explanation: str
    next_step: str
    returned_by: date | None = None


class SentPaymentLink(Record):
    message_id: str
    order_id: str
    amount: float
    sent_to: str
    valid_until: date
    message: str


class InvoiceLine(Record):
    sku: str
    name: str
    quantity: int
    price: float
    amount: float


class Invoice(Record):
    """Amounts in GBP; `total` is `net` and `vat`."""

    invoice_number: str
    order_id: str
    issued_at: datetime
    lines: list[InvoiceLine]
    delivery_fee: float
    net: float
    vat: float
    vat_percent: int
    total: float
    paid: bool
    bill_to: str | None = None
    link: str


class SentInvoice(Record):
    """`sent_to` is masked."""

    invoice: Invoice
    sent_to: str
    message: str


class ItemWarranty(Record):
    """The days are None until the item is delivered; `case_id` is that of an open case about it."""

    sku: str
    name: str
    months: int
    starts_on: date | None = None
    ends_on: date | None = None
    covered: bool
    case_id: str | None = None


class Case(Record):
    """A defect or claim; `answer_by`: until when somebody has looked at it."""

    case_id: str
    order_id: str
    kind: str
    sku: str
    name: str
    problem: str
    remedy: str
    status: str
    answer_by: date


class OpenedCase(Record):
    case: Case
    act: Act
    message: str


class Undone(Record):
    """`order` as it is again, when the act was about one."""

    act_id: str
    kind: str
    order: Order | None = None
    message: str
