"""Whose a customer's code is: tables only.

Registered application providers from EMVCo's and the schemes' public lists. Prefixes of numeric
bar codes as seen in 2020 at one place; wallets change them, so a shop's provider has the last word.
"""

# The first five bytes of an application's name.
PROVIDERS: dict[str, str] = {
    "A000000003": "visa",
    "A000000004": "mastercard",
    "A000000025": "amex",
    "A000000065": "jcb",
    "A000000152": "discover",
    "A000000324": "discover",
    "A000000333": "unionpay",
}

# Wallet by the first digits of its bar code; none begins as another does.
WALLETS: dict[str, str] = {
    "9000818188": "paypay",
    "9000000000": "line_pay",
    "900001": "rakuten_pay",
    "90000002": "d_barai",
    "31589900": "merpay",
    "31589921": "au_pay",
    **{str(prefix): "yucho_pay" for prefix in range(31589931, 31589941)},
}


def provider(application: str) -> str:
    """Returns the brand of an application name in hexadecimal, "" for one not in the table."""
    return PROVIDERS.get(application[:10].upper(), "")


def wallet(number: str) -> str:
    """Returns the wallet of a numeric bar code, "" for one not in the table."""
    return next((name for prefix, name in WALLETS.items() if number.startswith(prefix)), "")
