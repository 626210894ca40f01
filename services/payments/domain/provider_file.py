"""Files of payment providers: what a mapping says of their columns, and reading them.

A mapping is a small TOML text. Whoever has a file of a new shape writes one; nothing else changes.

    name = "my-acquirer"
    encoding = "shift_jis"            # or "utf-8"; what the file usually is (file_text.py)
    gateway = "other_device"          # whose sales the file tells of
    tender = "code_payment"           # or a column, see [columns] and [tenders]
    shop_place_id = "shop-a"          # or a column, see [columns] and [shops]
    [columns]                         # a heading, or a list of headings of which one is there
    number = ["決済番号", "取引番号"]   # the provider's own number of the line
    time = "取引日時"
    amount = "取引金額"
    status = "取引ステータス"           # reference, fee, payout_date, tender, shop: where there
    [status]
    sale = ["取引完了"]
    refund = ["返金完了"]
    skip = ["取引失敗"]
"""

import csv
import io
import re
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from kit.pure.card_text import holds_card_number
from kit.pure.errors import InvalidFields
from services.payments.domain import file_text
from services.payments.domain.errors import FileUnreadable
from services.payments.domain.tender import Tender

MAX_LINES = 50_000
YEARS = range(2000, 2100)  # at the ends of the calendar no day before or after can be reckoned
NEEDED = ("number", "time", "amount")
KNOWN = (*NEEDED, "status", "reference", "fee", "payout_date", "tender", "shop")
# 2026/1/5, 2026-01-05 09:05, 20260105, with or without seconds: a pattern, because strptime would
# cost a file of ten thousand lines most of its time.
_TIME = re.compile(
    r"([0-9]{4})(?:[-/]([0-9]{1,2})[-/]([0-9]{1,2})|([0-9]{2})([0-9]{2}))"
    r"(?:[ T]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?"
)
_AMOUNT = re.compile(r"-?(?:[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2})")


@dataclass(frozen=True, kw_only=True)
class FileMapping:
    """What a file's columns mean. columns: our name to the headings it may have.

    names_our_shops: its column of shops holds our ids of shops, not numbers of the provider.
    """

    name: str
    encoding: str
    gateway: str
    columns: Mapping[str, tuple[str, ...]]
    tender: str = ""
    shop_place_id: str = ""
    sale: frozenset[str] = frozenset()
    refund: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
    shops: Mapping[str, str] = field(default_factory=dict)
    tenders: Mapping[str, str] = field(default_factory=dict)
    names_our_shops: bool = False


@dataclass(frozen=True, kw_only=True)
class ProviderLine:
    """A sale or refund as the provider tells it. row: in the file, the heading is row 1.

    number: the provider's own; reference: ours, "" where the provider knows none. has_clock: the
    time tells more than the day. fee_yen: what the provider kept, below 0 when it gave it back.
    """

    row: int
    number: str
    reference: str
    is_refund: bool
    amount_yen: int
    time: datetime
    has_clock: bool
    shop_place_id: str
    tender: Tender
    fee_yen: int = 0
    payout_date: date | None = None

    @property
    def day(self) -> date:
        """The day the provider gives, in the area's own time."""
        return self.time.date()


@dataclass(frozen=True)
class Rejected:
    """A row that could not be read."""

    row: int
    field: str
    reason: str
    text: str


@dataclass(frozen=True)
class ReadFile:
    """What a file holds. skipped_rows: rows whose status moves no money."""

    lines: tuple[ProviderLine, ...]
    rejected: tuple[Rejected, ...]
    skipped_rows: tuple[int, ...]


# The history file of PayPay for Business (headings as its help pages list them, Shift_JIS); refunds
# carry a negative amount. It tells neither fees nor the day of the payout.
PAYPAY_DAILY = FileMapping(
    name="paypay_daily", encoding="shift_jis", gateway="other_device",
    tender=Tender.CODE_PAYMENT,
    columns={
        "number": ("決済番号", "取引番号"), "time": ("取引日時",), "amount": ("取引金額",),
        "status": ("取引ステータス",), "reference": ("加盟店決済ID",), "shop": ("店舗ID",),
    },
    sale=frozenset({"取引完了", "取引受付完了"}), refund=frozenset({"返金完了"}),
    skip=frozenset({"取引処理中", "取引失敗", "返金処理中", "取引受付処理中", "取引受付失敗",
                    "取引受付有効期限切れ"}),
)  # fmt: skip
# Our own plain shape: for providers whose portal lets people choose the columns.
GENERIC = FileMapping(
    name="generic", encoding="utf-8", gateway="other_device",
    columns={name: (name,) for name in KNOWN},
    sale=frozenset({"sale"}), refund=frozenset({"refund"}), names_our_shops=True,
)  # fmt: skip
BUILT_IN = {mapping.name: mapping for mapping in (PAYPAY_DAILY, GENERIC)}


def read_mapping(text: str) -> FileMapping:
    """Reads a mapping. Errors: InvalidFields naming what it lacks."""
    try:
        given: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidFields([("mapping", f"this is no TOML text: {error}")]) from error
    except RecursionError as error:  # brackets within brackets
        raise InvalidFields([("mapping", "this is nested too deep")]) from error
    columns = {
        str(name): tuple(heading) if isinstance(heading, list) else (str(heading),)
        for name, heading in _table(given, "columns").items()
    }
    status = _table(given, "status")
    bad = [("mapping.columns", f"name the column of {name}") for name in NEEDED
           if name not in columns]  # fmt: skip
    bad += [("mapping.columns", f"{name} is none of ours") for name in columns if name not in KNOWN]
    if str(given.get("encoding", "utf-8")).lower() not in file_text.NAMES:
        bad.append(("mapping.encoding", "give utf-8 or shift_jis"))
    if not given.get("tender") and "tender" not in columns:
        bad.append(("mapping.tender", "name the way to pay, or its column"))
    if bad:
        raise InvalidFields(bad)
    return FileMapping(
        name=str(given.get("name", "")), encoding=str(given.get("encoding", "utf-8")).lower(),
        gateway=str(given.get("gateway", "other_device")), columns=columns,
        tender=str(given.get("tender", "")), shop_place_id=str(given.get("shop_place_id", "")),
        sale=_words(status, "sale"), refund=_words(status, "refund"),
        skip=_words(status, "skip"), shops=_names(given, "shops"), tenders=_names(given, "tenders"),
    )  # fmt: skip


def _table(given: dict[str, Any], name: str) -> dict[str, Any]:
    found = given.get(name, {})
    if not isinstance(found, dict):
        raise InvalidFields([(f"mapping.{name}", "this is a table: [name] and lines below it")])
    return found


def _names(given: dict[str, Any], name: str) -> dict[str, str]:
    found = _table(given, name)
    if not all(isinstance(each, str) for each in found.values()):
        raise InvalidFields([(f"mapping.{name}", "give each as a text in quotation marks")])
    return found


def _words(status: dict[str, Any], name: str) -> frozenset[str]:
    found = status.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise InvalidFields([("mapping.status", f'{name} is a list of texts: ["…", "…"]')])
    return frozenset(found)


def read_file(content: bytes, mapping: FileMapping, shop_place_id: str = "") -> ReadFile:
    """Reads a file. shop_place_id: whose file it is, where the mapping does not tell.

    Errors: FileUnreadable when it has other headings or is too long, FileEncodingUnknown.
    """
    text = file_text.read_text(content, mapping.encoding, lambda row: _fits(row, mapping))
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:  # a cell without an end, most of all
        raise FileUnreadable(f"The file is no table: {error}.") from error
    if not rows:
        raise FileUnreadable("The file is empty.")
    if len(rows) - 1 > MAX_LINES:
        raise FileUnreadable(f"A file has at most {MAX_LINES} lines. Split it by day.")
    reader = _Reader(mapping, shop_place_id, _places(rows[0], mapping))
    lines: list[ProviderLine] = []
    rejected: list[Rejected] = []
    skipped: list[int] = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        found = reader.read(number, row)
        if isinstance(found, ProviderLine):
            lines.append(found)
        elif found is None:
            skipped.append(number)
        else:
            rejected.append(found)
    return ReadFile(tuple(lines), tuple(rejected), tuple(skipped))


def _fits(headings: Sequence[str], mapping: FileMapping) -> bool:
    try:
        return bool(_places(headings, mapping))
    except FileUnreadable:
        return False


def _places(headings: Sequence[str], mapping: FileMapping) -> dict[str, int]:
    known = {heading.strip(): place for place, heading in enumerate(headings)}
    places = {}
    for name, choices in mapping.columns.items():
        place = next((known[heading] for heading in choices if heading in known), None)
        if place is not None:
            places[name] = place
        elif name in NEEDED or (name == "status" and mapping.name != GENERIC.name):
            raise FileUnreadable(f"The file has no column {' or '.join(choices)}.")
    return places


class _Unreadable(Exception):
    def __init__(self, name: str, reason: str, text: str) -> None:
        self.name, self.reason, self.text = name, reason, text
        super().__init__(text)


def _check_masked(row: Sequence[str]) -> None:
    """Providers mask the numbers of cards. Errors: _Unreadable for one that is whole."""
    # Four blanks are more than any gap inside of a number: cells side by side make none.
    if holds_card_number("    ".join(row)):
        cells = [place for place, cell in enumerate(row, 1) if holds_card_number(cell)]
        where = f"column {cells[0]}" if cells else "the row"
        raise _Unreadable(
            "row",
            "card_number",
            f"{where} holds the whole number of a card; it was not kept",
        )


@dataclass(frozen=True)
class _Reader:
    mapping: FileMapping
    shop_place_id: str
    places: Mapping[str, int]

    def read(self, number: int, row: Sequence[str]) -> ProviderLine | Rejected | None:
        """Returns the line, why it cannot be read, or None where no money moved."""
        try:
            _check_masked(row)
            return self._read(number, row)
        except _Unreadable as error:
            return Rejected(number, error.name, error.reason, error.text)

    def _read(self, number: int, row: Sequence[str]) -> ProviderLine | None:
        status = self._cell(row, "status")
        if status in self.mapping.skip:
            return None
        amount_yen = self._yen(row, "amount")
        is_refund = status in self.mapping.refund or (not status and amount_yen < 0)
        if status and not is_refund and status not in self.mapping.sale:
            raise _Unreadable("status", "unknown_status", f"{status[:40]} is not in the mapping")
        if amount_yen < 0 and not is_refund:  # a sale taken back, or a slip: nobody may guess
            raise _Unreadable("amount", "below_zero", f"{amount_yen:,} yen is no sale")
        if amount_yen == 0:
            raise _Unreadable("amount", "zero", "a line moves at least 1 yen")
        moment, has_clock = self._time(row, "time")
        payout = self._cell(row, "payout_date")
        return ProviderLine(
            row=number, number=self._cell(row, "number"), reference=self._cell(row, "reference"),
            is_refund=is_refund, amount_yen=abs(amount_yen), time=moment, has_clock=has_clock,
            shop_place_id=self._shop(row), tender=self._tender(row),
            fee_yen=self._yen(row, "fee") if self._cell(row, "fee") else 0,
            payout_date=self._time(row, "payout_date")[0].date() if payout else None,
        )  # fmt: skip

    def _cell(self, row: Sequence[str], name: str) -> str:
        place = self.places.get(name)
        text = row[place].strip() if place is not None and place < len(row) else ""
        return "" if text in ("-", "–") else text[:100]

    def _yen(self, row: Sequence[str], name: str) -> int:
        plain = self._cell(row, name).replace("円", "").replace("¥", "")
        if not _AMOUNT.fullmatch(plain):
            raise _Unreadable(name, "malformed", f"{plain[:20] or 'nothing'} is no amount in yen")
        return int(plain.replace(",", ""))

    def _time(self, row: Sequence[str], name: str) -> tuple[datetime, bool]:
        text = self._cell(row, name)
        found = _TIME.fullmatch(text)
        if found is not None and int(found[1]) in YEARS:
            year, *parts = found.groups(default="")
            month, day = parts[0] or parts[2], parts[1] or parts[3]
            hour, minute, second = (int(part or 0) for part in parts[4:])
            with suppress(ValueError):
                local = datetime(int(year), int(month), int(day), hour, minute, second)  # noqa: DTZ001 - local time of the file
                return local, bool(parts[4])
        raise _Unreadable(name, "malformed", f"{text[:30] or 'nothing'} is no date")

    def _shop(self, row: Sequence[str]) -> str:
        told = self._cell(row, "shop")
        shop = self.mapping.shops.get(told) or self.mapping.shop_place_id or self.shop_place_id
        if not shop and told and not self.mapping.shops:
            return told
        if self.mapping.names_our_shops and told and told != shop:
            # Whoever chose a shop for the file chose wrongly, or the row got into it by mistake.
            raise _Unreadable("shop", "other_shop", f"the row is of {told[:40]}")
        if not shop:
            raise _Unreadable("shop", "unknown_shop", "say whose file it is, or map its shops")
        return shop

    def _tender(self, row: Sequence[str]) -> Tender:
        told = self._cell(row, "tender")
        name = self.mapping.tenders.get(told) or told or self.mapping.tender
        try:
            return Tender(name)
        except ValueError as error:
            raise _Unreadable("tender", "unknown_tender", f"{name[:40]} is not mapped") from error
