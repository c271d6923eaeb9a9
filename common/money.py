"""How amounts are written to a customer."""


def pounds(amount: float) -> str:
    """`129.0` → `£129`, `49.5` → `£49.50`: whole pounds without pence."""
    return f"£{amount:,.0f}" if float(amount).is_integer() else f"£{amount:,.2f}"
