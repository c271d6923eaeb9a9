"""The order ids of the shop: RP and six digits."""

import re

#: Typed, pasted with a dash, or dictated; with another number of digits it is still meant as an order.
OWN_ORDER = re.compile(
    r"(?<![A-Za-z0-9])r[.\s]?p[\s.:_#-]{0,3}(\d{3}[\s-]?\d{3}|\d(?:\s\d){5}|\d{3,12})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
