"""Products of a shop: what its buttons sell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kit.pure.errors import InvalidFields
from services.payments.domain.amount import MAX_AMOUNT_YEN
from services.payments.domain.shop import TAX_RATES_PERCENT

MAX_PRODUCTS = 500
MAX_BUTTON = 60
MAX_NAME_LENGTH = 80


@dataclass(frozen=True, kw_only=True)
class Product:
    """Something a shop sells. unit_amount_yen: tax included. button: place on the till, 0 for none.

    names: by BCP 47 locale, "ja" is always there. code: the shop's own, unique in the shop.
    """

    code: str
    names: Mapping[str, str] = field(default_factory=dict)
    unit_amount_yen: int
    tax_rate_percent: int
    button: int = 0


def check_products(products: Sequence[Product]) -> tuple[Product, ...]:
    """Returns the products. Errors: InvalidFields naming row and field of all that is wrong."""
    if len(products) > MAX_PRODUCTS:
        raise InvalidFields([("products", f"give at most {MAX_PRODUCTS}")])
    bad: list[tuple[str, str]] = []
    codes: set[str] = set()
    buttons: set[int] = set()
    for number, product in enumerate(products):
        bad += [(f"products[{number}].{name}", text) for name, text in _wrong(product)]
        if product.code in codes:
            bad.append((f"products[{number}].code", "this code is given twice"))
        if product.button and product.button in buttons:
            bad.append((f"products[{number}].button", "this button is given twice"))
        codes.add(product.code)
        buttons.add(product.button)
    if bad:
        raise InvalidFields(bad)
    return tuple(products)


def _wrong(product: Product) -> list[tuple[str, str]]:
    bad: list[tuple[str, str]] = []
    if not 0 < len(product.code.strip()) <= 40:
        bad.append(("code", "give 1 to 40 characters"))
    if not product.names.get("ja", "").strip():
        bad.append(("names", "give the name in Japanese"))
    if any(len(name) > MAX_NAME_LENGTH for name in product.names.values()):
        bad.append(("names", f"a name has at most {MAX_NAME_LENGTH} characters"))
    if not 0 < product.unit_amount_yen <= MAX_AMOUNT_YEN:
        bad.append(("unit_amount_yen", f"give 1 to {MAX_AMOUNT_YEN:,} yen"))
    if product.tax_rate_percent not in TAX_RATES_PERCENT:
        bad.append(("tax_rate_percent", "give 10, 8 or 0"))
    if not 0 <= product.button <= MAX_BUTTON:
        bad.append(("button", f"give 1 to {MAX_BUTTON}, or 0 for no button"))
    return bad
