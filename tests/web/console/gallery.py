"""Every part of the kit on one page, and the customer on another, served by a console of its own: `python -m tests.web.console.gallery PORT`."""

import sys
from datetime import UTC, datetime, timedelta

import uvicorn
from nicegui import ui

from common import settings
from web.agents.schemas import Attribute, CustomerPanel, PastIssue
from web.console.app import create_app
from web.console.conversations.customer import customer_panel
from web.console.kit import (
    Bubble,
    Button,
    Checkbox,
    Chip,
    Dialog,
    Disclosure,
    EmptyState,
    Form,
    Node,
    Notice,
    Panel,
    Person,
    Place,
    Progress,
    Select,
    Table,
    TextArea,
    TextField,
    Values,
    Wordings,
    confirm,
    event_line,
    facts,
    frame,
    lines,
    link,
)
from web.console.settings import ConsoleSettings

_PLACES = [Place("Conversations", "/conversations"), Place("Gallery", "/gallery")]
_AT = datetime.now(UTC) - timedelta(minutes=4)


_CUSTOMER = CustomerPanel(
    customer_id="C000001",
    name="Maria Hartley",
    email="maria.hartley@example.com",
    phone="+44 7700 900123",
    segment="loyal_high_value",
    segment_why=["2 or more orders in 90 days: she has 6", "spent 1,500 or more: she spent 3,120.50"],
    tier="gold",
    attributes=[Attribute(name="orders_total", label="Orders in all", value="31")],
    orders=[
        {
            "order_id": f"RP-10010{number}",
            "status": status,
            "placed_at": _AT.isoformat(),
            "total": 1129.0,
            "items": [{"sku": "HV-1", "name": "Copperline kettle", "quantity": number, "price": 49.0}],
        }
        for number, status in enumerate(
            ["shipped", "delivered", "cancelled", "returned", "packed", "processing"], 1
        )
    ],
    past_issues=[
        PastIssue(
            at=_AT,
            channel="chat",
            issue="billing",
            outcome="handed_off",
            subject=None,
            conversation_id="7f0c2b52",
        ),
        PastIssue(
            at=_AT, channel="phone", issue=None, outcome=None, subject="Charged twice", conversation_id=None
        ),
    ],
    consent={"service": True, "personalisation": True, "marketing": False},
    unavailable=[],
)


def customer() -> None:
    with frame("Customer"), Node("div", "", "stack"):
        customer_panel(_CUSTOMER)


def customer_in_part() -> None:
    gone = {"name": None, "email": None, "phone": None, "orders": None, "consent": None, "attributes": None}
    unknown = {"segment": None, "segment_why": [], "tier": None, "past_issues": None}
    panel = _CUSTOMER.model_copy(update=gone | unknown | {"unavailable": ["details", "profile", "orders"]})
    with frame("Customer"), Node("div", "", "stack"):
        customer_panel(panel)


def gallery() -> None:
    person = Person("Sam Carter", "Agent", lambda: None)
    with frame("Gallery", _PLACES, "/gallery", person) as page:
        Notice("Live updates are interrupted; the page shows the state of a minute ago.", "warn")
        with Panel("Buttons and chips"):
            with Node("div", "", "buttons"):
                Button("Take over", kind="primary")
                Button("Say something", lambda: page.toasts.show("Saved.", "good"))
                Button("Fail", lambda: page.toasts.show("The server is away.", "bad"))
                Button("Quiet", kind="quiet")
                Button("Not now").enable(False)

                async def ask() -> None:
                    sure = await confirm("Close it?", "It can't be opened again.", "Close it", kind="danger")
                    answer.say(f"confirmed: {sure}")

                Button("Close", ask, kind="danger")
                answer = Node("span", "")
                dialog = Dialog("Keys")
                with dialog.body:
                    lines(["J: next", "K: previous"])
                Button("Help", dialog.show)
                link("A link", "/gallery")
            with Node("div", "", "chips"):
                for tone, words in (("plain", "Neutral"), ("good", "Happy"), ("warn", "Unhappy")):
                    Chip(words, tone, prefix="Mood")  # type: ignore[arg-type]
                Chip("Angry", "bad", prefix="Mood")
                Chip("Loyal high value", "accent", prefix="Segment")
        with Panel("A form"):

            def sent(values: Values) -> None:
                name.error("" if values["name"] else "Enter a name.")
                result.say(repr(sorted(values.items())))

            with Form(sent, label="Example"):
                name = TextField("Name", "name", hint="As customers read it.")
                Select("Mood", "mood", {"": "Any", "angry": "Angry"})
                TextArea("Text", "text", "as it was")
                Checkbox("Only mine", "mine")
                Button("Save", submits=True, kind="primary")
            result = Node("p", "")
        Table(
            "Orders",
            ["Order", "Status", "Total"],
            [["RP-100103", lambda: Chip("Shipped", "good"), "£49.00"], ["RP-100104", "Delivered", "£129.00"]],
        )
        with Panel("Messages"):
            with Bubble("Maria Hartley", "where is my order?", _AT, "customer").more, Disclosure("Why"):
                Node("p", "The assistant was sure (98%) that this means “track order”.")
            Bubble("Assistant", "It is on its way.", _AT, "bot")
            event_line("Sam Carter has joined", _AT)
            Bubble("Sam Carter", "Hello Maria, I have a look.", _AT, "agent")
        with Panel("Wordings"):
            now = ("Live now", "Will be live")
            Wordings("Text", "Your kettle is late.", "Your toaster is late.", about="Late", labels=now)
            Wordings("Buttons", None, "Talk to a person", about="Late", labels=now)
        with Panel("Progress"):
            bar = Progress("Training")
            bar.show(42.4, "epoch 3 of 6")
            facts([("Segment", "Loyal high value"), ("E-mail", "maria@example.com")])
        EmptyState("Nobody is waiting", "Conversations appear here as they begin.")


def main(port: int) -> None:
    app = create_app(settings.load(ConsoleSettings))
    ui.page("/gallery")(gallery)
    ui.page("/customer")(customer)
    ui.page("/customer-in-part")(customer_in_part)
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
