"""What a receipt or return slip says, in the language of the page, the law's Japanese beside it.

One list of words and figures for whoever sets it; amounts are those of payments and are only
written here, never computed.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any

from flask import g
from flask_babel import format_time
from flask_babel import gettext as _

from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.pages import yen
from services.edge.till import basket, words

if TYPE_CHECKING:
    from services.edge.till.named import Named
    from services.edge.till.sale import Cash

REDUCED_RATE_PERCENT = 8


@dataclass(frozen=True)
class Text:
    """A text in the language of the page. ja: the Japanese beside it, "" where both are one."""

    own: str
    ja: str = ""


@dataclass(frozen=True)
class Row:
    """A line with an amount. detail: 650 yen × 2, or nothing. inner: part of the line above."""

    label: Text
    amount: str
    detail: str = ""
    inner: bool = False


@dataclass
class Slip:
    """A receipt or return slip ready to be set. issuer: lines in Japanese, as on a paper.

    when_label: where the slip names more than one day. sale: the sale a return slip is of.
    """

    title: Text
    number: str
    when: str
    issuer: list[str]
    total: Row
    issuer_own: str = ""
    when_label: Text | None = None
    sale: Row | None = None
    registration: Row | None = None
    kind: Text | None = None
    banners: list[Text] = field(default_factory=list)
    named: dict[str, str] | None = None
    items: list[Row] = field(default_factory=list)
    taxes: list[Row] = field(default_factory=list)
    paid: list[Row] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    voided: bool = False
    width_mm: int = 80

    def as_plain(self) -> dict[str, Any]:
        """Returns it as JSON can carry it."""
        return asdict(self)


def both(ja: str, own: str) -> Text:
    """Returns a text with its Japanese where the page speaks another language."""
    return Text(own) if g.locale == "ja" else Text(own, ja)


def of_receipt(
    receipt: pb.Receipt, *, named: "Named | None" = None, cash: "Cash | None" = None
) -> Slip:
    """Returns what a receipt says. named: 宛名 and 但し書き. cash: what was handed over."""
    sold = receipt.create_time.ToDatetime(tzinfo=UTC)
    slip = Slip(
        title=both("領収書", _("Receipt")),
        number=receipt.receipt_number,
        when=f"{receipt.business_date} {format_time(sold, 'short')}",
        **issuer(receipt.shop),
        total=Row(both("合計", _("Total")), yen(receipt.total_yen)),
        kind=_qualified() if receipt.qualified else None,
        banners=_banners(receipt, named),
        items=_items(receipt),
        taxes=taxes(receipt.rate_totals),
        paid=_paid(receipt, cash),
        voided=receipt.voided,
    )  # fmt: skip
    slip.notes += reduced_note(receipt.rate_totals)
    if named is not None:
        slip.named = {
            "name": named.name, "honorific": named.honorific, "sum": yen(receipt.total_yen),
            "purpose": f"但し {named.purpose}", "words": "上記正に領収いたしました",
        }  # fmt: skip
        slip.width_mm = int(named.width)
    return slip


def issuer(shop: pb.Shop) -> dict[str, Any]:
    """Returns the fields of a slip that say whose it is."""
    names, number = dict(shop.names), shop.registration_number
    own_name = names.get(g.locale, "")
    return {
        "issuer": [text for text in (names.get("ja", ""), shop.address, shop.phone) if text],
        "issuer_own": own_name if own_name != names.get("ja") else "",
        "registration": (
            Row(both("登録番号", _("Registration number")), number) if number else None
        ),
    }


def reduced_note(totals: Iterable[pb.RateTotal]) -> list[Text]:
    """Returns what ※ means, where it stands on the slip."""
    if not any(each.tax_rate_percent == REDUCED_RATE_PERCENT for each in totals):
        return []
    return [both("※は軽減税率(8%)対象", _("※ marks the reduced rate of 8 %%") % ())]


def _banners(receipt: pb.Receipt, named: "Named | None") -> list[Text]:
    found = []
    if receipt.practice:
        found.append(both("練習・入金されません", practice()))
    if receipt.voided:
        found.append(both("取消済み", _("Canceled")))
    elif 0 < receipt.refunded_yen < receipt.total_yen:
        found.append(both("一部返金済み", _("Partly refunded")))
    elif receipt.refunded_yen:
        found.append(both("全額返金済み", _("Refunded in full")))
    if named is not None and named.reissued:
        found.append(both("再発行", _("Issued again")))
    return found


def _qualified() -> Text:
    return both("適格簡易請求書", _("Qualified simplified invoice"))


def practice() -> str:
    """Returns what stands beside 練習・入金されません, so that nobody takes the slip for money."""
    return "練習・入金されません" if g.locale == "ja" else _("Practice: no money moves")


def _items(receipt: pb.Receipt) -> list[Row]:
    rows = [
        Row(
            item_name(item.name, item.tax_rate_percent),
            yen(item.unit_amount_yen * item.quantity),
            f"{yen(item.unit_amount_yen)} × {item.quantity}" if item.quantity > 1 else "",
        )
        for item in receipt.items
    ]
    if not rows:
        rate = receipt.rate_totals[0].tax_rate_percent if receipt.rate_totals else 0
        rows = [Row(item_name(basket.FREE_NAME, rate), yen(receipt.total_yen))]
    return rows


def item_name(name: str, rate_percent: int) -> Text:
    """Returns the name of a line, with its mark where the rate is the reduced one."""
    mark = " ※" if rate_percent == REDUCED_RATE_PERCENT else ""
    if name != basket.FREE_NAME:
        return Text(name + mark)
    text = both(name, _("Sale"))
    return Text(text.own, text.ja + mark) if text.ja else Text(text.own + mark)


def taxes(totals: Iterable[pb.RateTotal], sign: int = 1) -> list[Row]:
    """Returns the total of each rate with the tax inside. sign: -1 for what went back."""
    rows = []
    for total in totals:
        rate = total.tax_rate_percent
        if not rate:
            rows.append(Row(both("対象外", _("Untaxed")), yen(sign * total.amount_yen)))
            continue
        rows.append(
            Row(
                both(f"{rate}%対象", _("%(rate)s %% taxed", rate=rate)),
                yen(sign * total.amount_yen),
            )
        )
        rows.append(Row(both("内消費税", _("tax inside")), yen(sign * total.tax_yen), inner=True))
    return rows


def _paid(receipt: pb.Receipt, cash: "Cash | None") -> list[Row]:
    label = both("お支払い", _("Paid by"))
    rows = [
        Row(
            label if number == 0 else Text(""),
            f"{words.tender_word(share.tender)} {yen(share.amount_yen)}",
        )
        for number, share in enumerate(receipt.tender_shares)
    ] or [Row(label, words.tender_word(receipt.tender))]
    if cash is not None:
        rows += [
            Row(both("お預り", _("Handed over")), yen(cash.tendered_yen)),
            Row(both("お釣り", _("Change to give back")), yen(cash.change_yen)),
        ]
    if receipt.refunded_yen:
        rows += [
            Row(both("返金済み", _("Refunded")), yen(-receipt.refunded_yen)),
            Row(
                both("返金後のお支払額", _("Paid after refunds")),
                yen(receipt.total_yen - receipt.refunded_yen),
            ),
        ]
    return rows
