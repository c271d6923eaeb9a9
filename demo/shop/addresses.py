"""Postal and e-mail addresses and telephone numbers in Britain: whether they can be one, and how they are shown."""

import re
from typing import Annotated

from pydantic import BaseModel, StringConstraints

from common.problems import Problem

_POSTCODE = re.compile(r"^(GIR ?0AA|[A-PR-UWYZ][A-HK-Y]?\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2})$")
_EMAIL = re.compile(r"^[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s.,;<>]{2,}$")
_PHONE = re.compile(r"^(\+44|0)[1-9]\d{8,9}$")

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]


class Address(BaseModel):
    line1: Line
    line2: Line | None = None
    city: Line
    postcode: Line


def checked(address: Address) -> Address:
    """The address with its postcode in the usual spelling.

    Raises:
        Problem: 422 `not-an-address`, with a sentence for the customer.
    """
    if len(address.line1) < 3 or not re.search(r"\w", address.city):
        raise Problem(422, "not-an-address", "The address needs a street with its number, and a town.")
    squeezed = re.sub(r"\s", "", address.postcode.upper())
    if not _POSTCODE.match(squeezed):
        raise Problem(
            422, "not-an-address", f"{address.postcode} is no UK postcode; we deliver to the UK only."
        )
    postcode = f"{squeezed[:-3]} {squeezed[-3:]}"
    return Address(line1=address.line1, line2=address.line2 or None, city=address.city, postcode=postcode)


def email(written: str) -> str:
    """The address as it is used.

    Raises:
        Problem: 422 `not-an-email`.
    """
    address = written.strip()
    if not _EMAIL.match(address):
        raise Problem(
            422, "not-an-email", "That can't be an e-mail address; one looks like name@example.com."
        )
    return address


def phone(written: str) -> str:
    """A British number as +44….

    Raises:
        Problem: 422 `not-a-phone`.
    """
    digits = re.sub(r"[\s().-]", "", written.replace("(0)", ""))
    digits = re.sub(r"^0044", "+44", digits)
    if not _PHONE.match(digits):
        raise Problem(422, "not-a-phone", "That can't be a UK telephone number; it has ten or eleven digits.")
    return digits if digits.startswith("+") else f"+44{digits[1:]}"


def masked_email(address: str) -> str:
    """`m•••@example.com`: enough for its owner to know it by."""
    name, _, domain = address.partition("@")
    return f"{name[:1]}•••@{domain}"


def masked_phone(written: str) -> str:
    """`•••• 001`."""
    return f"•••• {written[-3:]}"
