"""The sign-in page."""

from fastapi import Request
from fastapi.responses import RedirectResponse
from nicegui import context, ui

from web.console import access, api
from web.console.kit import Button, Form, Node, Notice, TextField, Values, frame
from web.console.shared import console_of

_WHY = {
    access.ENDED: "Your session has ended. Sign in again to go on where you were.",
    access.SIGNED_OUT: "You are signed out.",
}


def register() -> None:
    ui.page(access.SIGN_IN)(show)


def show(request: Request, next: str = "", why: str = "") -> RedirectResponse | None:  # noqa: A002
    """`next`: where to go then; `why`: what brought somebody here."""
    goal = next if access.is_local(next) else "/"
    if access.kept() is not None and not why:
        return RedirectResponse(goal, 303)
    with frame("Sign in", layout="narrow"):
        Notice(_WHY.get(why, ""))

        async def sign_in(values: Values) -> None:
            await _sign_in(values, name, password, goal)

        with Form(sign_in, label="Sign in", classes="form panel"):
            name = TextField("Name", "name", autocomplete="username")
            password = TextField("Password", "password", kind="password", autocomplete="current-password")
            with Node("div", "", "buttons"):
                Button("Sign in", kind="primary", submits=True)
        name.control.props["autofocus"] = True
        Node("p", "Accounts are made by an administrator.", "hint")
    return None


async def _sign_in(values: Values, name: TextField, password: TextField, goal: str) -> None:
    name.error("")
    password.error("")
    if not values["name"].strip():
        name.error("Enter your name.")
        return
    if not values["password"]:
        password.error("Enter your password.")
        return
    client = context.client
    try:
        session = await api.sign_in(console_of().http, values["name"].strip(), values["password"])
    except api.ApiError as error:
        password.error(str(error))
        return
    with client:
        access.keep(session)
        ui.navigate.to(goal)
