"""A register's sales file: looking at its first rows, and writing the mapping of its columns.

A mapping is the TOML text that payments reads; here people choose it from what the file holds. The
file itself travels with the form, packed: nothing of it is kept before somebody takes it.
"""

import base64
import binascii
import csv
import io
import json
import tomllib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.edge.office.forms import Unreadable

FIELDS = ("number", "time", "amount", "status", "tender", "reference")
NEEDED = ("number", "time", "amount")
PREVIEW = 5  # rows
MAX_LINES = 5_000  # what payments takes in one transaction
MAX_BYTES = 4_000_000  # unpacked
MAX_PACKED = 400_000  # a form's field, as the framework bounds it
MAX_WORDS = 40  # of one column: more is no status and no way to pay
LEFT_OUT = ""
ENCODINGS = {"utf-8-sig": "utf-8", "cp932": "shift_jis"}  # Python's name -> a mapping's
# Headings that registers sold in Japan write, and ours.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "number": ("number", "伝票番号", "レシート番号", "取引番号", "伝票No", "会計番号"),
    "time": ("time", "日時", "取引日時", "会計日時", "精算日時", "売上日時", "日付", "取引日"),
    "amount": ("amount", "金額", "合計", "税込合計", "合計金額", "売上金額", "取引金額", "総合計"),
    "status": ("status", "区分", "取引区分", "取引種別", "種別", "ステータス"),
    "tender": ("tender", "支払", "支払方法", "支払種別", "決済方法", "決済種別", "入金方法"),
    "reference": ("reference", "元伝票", "元伝票番号", "取消元番号", "返品元"),
}  # fmt: skip
# Part of a word -> what it means; the first that is found.
STATUSES = (
    ("返", "refund"), ("取消", "refund"), ("取り消し", "refund"), ("refund", "refund"),
    ("return", "refund"), ("void", "refund"), ("売", "sale"), ("販売", "sale"), ("会計", "sale"),
    ("sale", "sale"), ("精算", "skip"), ("点検", "skip"), ("両替", "skip"), ("入金", "skip"),
    ("出金", "skip"),
)  # fmt: skip
TENDERS = (
    ("現金", "cash_record"), ("cash", "cash_record"), ("交通", "transit_ic"),
    ("suica", "transit_ic"), ("icoca", "transit_ic"), ("quic", "quicpay"), ("クレ", "card"),
    ("カード", "card"), ("card", "card"), ("pay", "code_payment"), ("コード", "code_payment"),
    ("qr", "code_payment"),
    ("d払い", "code_payment"), ("id", "id"),
)  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """A file read as a table."""

    encoding: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def cell(self, row: Sequence[str], heading: str) -> str:
        """Returns what a row holds below a heading, "" for nothing."""
        place = self.headings.index(heading) if heading in self.headings else -1
        return row[place].strip() if 0 <= place < len(row) else ""

    def words(self, heading: str) -> list[str]:
        """Returns the different texts below a heading. Errors: Unreadable words."""
        found = dict.fromkeys(self.cell(row, heading) for row in self.rows)
        found.pop("", None)
        if len(found) > MAX_WORDS:
            raise Unreadable("words", what=heading)
        return list(found)


@dataclass
class Choice:
    """What somebody chose a file's columns to mean. tender: of all rows, where no column tells."""

    columns: dict[str, str] = field(default_factory=dict)
    tender: str = "cash_record"
    status: dict[str, str] = field(default_factory=dict)
    tenders: dict[str, str] = field(default_factory=dict)


def read_sheet(content: bytes) -> Sheet:
    """Reads a file in UTF-8 or Shift_JIS. Errors: Unreadable."""
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Unreadable("encoding")
    try:
        rows = [tuple(row) for row in csv.reader(io.StringIO(text, newline=""))]
    except csv.Error as error:
        raise Unreadable("table") from error
    if len(rows) < 2:
        raise Unreadable("empty")
    headings = tuple(heading.strip() for heading in rows[0])
    named = [heading for heading in headings if heading]
    if len(named) < len(NEEDED) or len(set(named)) != len(named):
        raise Unreadable("headings")
    if len(rows) - 1 > MAX_LINES:
        raise Unreadable("long")
    return Sheet(ENCODINGS[encoding], headings, tuple(rows[1:]))


def pack(content: bytes) -> str:
    """Returns a file as the text of a hidden field. Errors: Unreadable long."""
    packed = base64.b64encode(zlib.compress(content, 9)).decode()
    if len(packed) > MAX_PACKED:
        raise Unreadable("long")
    return packed


def unpack(text: str) -> bytes:
    """Returns the file of a hidden field. Errors: Unreadable lost, for what was not packed here."""
    try:
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(base64.b64decode(text, validate=True), MAX_BYTES)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise Unreadable("lost") from error
    if unpacking.unconsumed_tail or not unpacking.eof:
        raise Unreadable("lost")
    return content


def guess(sheet: Sheet) -> Choice:
    """Returns what the headings and words of a file most likely mean."""
    columns = {
        name: heading for name, choices in HEADINGS.items()
        if (heading := next((each for each in choices if each in sheet.headings), ""))
    }  # fmt: skip
    return with_words(sheet, Choice(columns=columns))


def with_words(sheet: Sheet, choice: Choice) -> Choice:
    """Returns a choice that says something of every word of the file. Errors: Unreadable words."""
    for name, known, table in (
        ("status", choice.status, STATUSES), ("tender", choice.tenders, TENDERS),
    ):  # fmt: skip
        for word in sheet.words(choice.columns[name]) if choice.columns.get(name) else []:
            known.setdefault(word, _meaning(word, table))
    return choice


def _meaning(word: str, table: Sequence[tuple[str, str]]) -> str:
    plain = word.casefold()
    return next((meaning for part, meaning in table if part in plain), LEFT_OUT)


def to_toml(sheet: Sheet, choice: Choice, name: str) -> str:
    """Returns the mapping that payments reads.

    What was left out is in no list: its rows are refused one by one, in words.
    """
    lines = [f"name = {_quoted(name)}", f"encoding = {_quoted(sheet.encoding)}"]
    if not choice.columns.get("tender"):
        lines.append(f"tender = {_quoted(choice.tender)}")
    lines.append("[columns]")
    lines += [f"{name} = {_quoted(each)}" for name, each in choice.columns.items() if each]
    if choice.columns.get("status"):
        lines.append("[status]")
        for meaning in ("sale", "refund", "skip"):
            words = [word for word, means in choice.status.items() if means == meaning]
            lines.append(f"{meaning} = [{', '.join(map(_quoted, words))}]")
    if choice.columns.get("tender"):
        lines.append("[tenders]")
        lines += [f"{_quoted(word)} = {_quoted(tender)}" for word, tender in choice.tenders.items()
                  if tender]  # fmt: skip
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def from_toml(text: str) -> Choice | None:
    """Returns what a mapping chose, None for one that was not made of such choices."""
    try:
        given: dict[str, Any] = tomllib.loads(text)
        columns, status = given.get("columns", {}), given.get("status", {})
        choice = Choice(
            columns={name: str(heading) for name, heading in columns.items() if name in FIELDS},
            tender=str(given.get("tender", "cash_record")),
            status={word: meaning for meaning, words in status.items() for word in words},
            tenders={str(word): str(tender) for word, tender in given.get("tenders", {}).items()},
        )  # fmt: skip
    except (tomllib.TOMLDecodeError, AttributeError, TypeError, RecursionError):
        return None
    return choice if set(NEEDED) <= set(choice.columns) else None
