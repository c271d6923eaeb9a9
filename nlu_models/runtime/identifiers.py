"""What names one order, one mailbox or one place and nothing else: ids of orders, e-mail addresses, postcodes."""

import re

#: An order id of the shop: RP and six digits. Typed, pasted with a dash, or dictated; with another number of digits it
#: is still meant as an order.
OWN_ORDER = re.compile(
    r"(?<![A-Za-z0-9])r[.\s]?p[\s.:_#-]{0,3}(\d{3}[\s-]?\d{3}|\d(?:\s\d){5}|\d{3,12})(?![A-Za-z0-9])",
    re.IGNORECASE,
)

EMAIL = re.compile(r"(?<![\w.+'-])[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")

#: Of the British form.
POSTCODE = re.compile(
    r"(?<![\w-])(?:[A-Z]{1,2}\d[A-Z\d]?\s{0,2}\d[ABD-HJLNP-UW-Z]{2}|GIR\s{0,2}0AA)(?![\w-])", re.IGNORECASE
)
