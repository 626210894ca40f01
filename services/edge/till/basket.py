"""The basket of a sale, as the form carries it: one field a line, so that it needs no JavaScript.

A line is written "2*650@8 夏みかん": quantity, price of one with tax, rate, name as printed. The
price travels with the line: a sale sent again says the same, whatever the product costs by then.
"""

import re
from collections.abc import Iterable, Sequence

from flask import g

from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.errors import Problem
from services.edge.till.amounts import MAX_AMOUNT_YEN, AmountInvalid

MAX_LINES = 200
MAX_QUANTITY = 999
FREE_NAME = "お買上げ"  # of an amount that was typed
_LINE = re.compile(r"([1-9][0-9]{0,2})\*([1-9][0-9]{0,6})@(0|8|10) (\S[^\r\n]{0,79})")


def read_line(text: str) -> pb.Item:
    """Reads a line. Errors: Problem invalid_fields."""
    found = _LINE.fullmatch(text)
    if found is None:
        raise Problem(400, "invalid_fields", fields=[("item", "give quantity*yen@rate name")])
    return pb.Item(
        quantity=int(found[1]), unit_amount_yen=int(found[2]), tax_rate_percent=int(found[3]),
        name=found[4],
    )  # fmt: skip


def read_lines(texts: Iterable[str]) -> list[pb.Item]:
    """Reads all lines. Errors: Problem invalid_fields for one that is none, or for too many."""
    items = [read_line(text) for text in texts]
    if len(items) > MAX_LINES:
        raise Problem(400, "invalid_fields", fields=[("item", f"give at most {MAX_LINES} lines")])
    return items


def write_line(item: pb.Item) -> str:
    """Writes a line as read_line reads it."""
    return f"{item.quantity}*{item.unit_amount_yen}@{item.tax_rate_percent} {item.name}"


def free_line(amount_yen: int, rate_percent: int) -> pb.Item:
    """Returns the line of an amount that was typed."""
    return pb.Item(
        name=FREE_NAME, quantity=1, unit_amount_yen=amount_yen, tax_rate_percent=rate_percent
    )


def sum_yen(items: Iterable[pb.Item]) -> int:
    """Returns the sum, tax included, for a page to show."""
    return sum(item.quantity * item.unit_amount_yen for item in items)


def total_yen(items: Iterable[pb.Item]) -> int:
    """Returns the sum where it can be taken. Errors: AmountInvalid too_large."""
    total = sum_yen(items)
    if total > MAX_AMOUNT_YEN:
        raise AmountInvalid("too_large")
    return total


def put(items: Sequence[pb.Item], more: pb.Item) -> list[pb.Item]:
    """Returns the basket with one line more, or with that line's quantity raised."""
    kept = [_copy(item) for item in items]
    for item in kept:
        if _same(item, more) and item.quantity + more.quantity <= MAX_QUANTITY:
            item.quantity += more.quantity
            return kept
    return [*kept, _copy(more)]


def change(items: Sequence[pb.Item], line: str, by: int) -> list[pb.Item]:
    """Returns the basket with one more or less of a line; at none left the line goes.

    line: its place from 0, as a button sends it; a place that is not there changes nothing.
    """
    kept = [_copy(item) for item in items]
    place = int(line) if line.isascii() and line.isdigit() and len(line) < 4 else len(kept)
    if place < len(kept):
        kept[place].quantity = min(kept[place].quantity + by, MAX_QUANTITY)
    return [item for item in kept if item.quantity > 0]


def product_name(product: office_pb.Product) -> str:
    """Returns a product's name in the language of the page, else in Japanese."""
    names: dict[str, str] = dict(product.names)
    return str(names.get(g.locale) or names["ja"])


def _same(one: pb.Item, other: pb.Item) -> bool:
    return (one.name, one.unit_amount_yen, one.tax_rate_percent) == (
        other.name, other.unit_amount_yen, other.tax_rate_percent
    )  # fmt: skip


def _copy(item: pb.Item) -> pb.Item:
    copied = pb.Item()
    copied.CopyFrom(item)
    return copied
