"""A register's own sales journal: which lines are taken into ours, and what became of them.

The file is read by the reader of provider files (provider_file.py) with a mapping of the same kind;
`number` is the register's own journal number, `reference` of a return that of the sale.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.pure.errors import InvalidFields
from services.payments.domain.amount import MAX_AMOUNT_YEN
from services.payments.domain.payment import Payment, State
from services.payments.domain.provider_file import ProviderLine, Rejected
from services.payments.domain.tender import Tender

MAX_LINES = 5_000  # taken in one transaction
OLD = timedelta(days=62)  # likely the wrong file; it is taken all the same
AHEAD = timedelta(days=1)  # a register's clock may be off, but not by more
_REGISTER = re.compile(r"[A-Za-z0-9._-]{1,40}")


@dataclass(frozen=True)
class Report:
    """What became of a journal. known_count: lines that were taken before. warnings: row and word.
    known_rows, skipped_rows: which rows those were. import_id: "" for a dry run.

    read_count = loaded_count + known_count + skipped_count + rejected.
    """

    read_count: int
    loaded_count: int
    known_count: int
    skipped_count: int
    warnings: tuple[tuple[int, str], ...]
    rejected: tuple[Rejected, ...]
    is_dry_run: bool
    import_id: str = ""
    sold_yen: int = 0
    returned_yen: int = 0
    known_rows: tuple[int, ...] = ()
    skipped_rows: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RegisterImport:
    """A file that was taken. mapping: as it was given. undone_count: sales taken back again."""

    import_id: str
    shop_place_id: str
    register: str
    file_name: str
    mapping: str
    read_count: int
    loaded_count: int
    known_count: int
    skipped_count: int
    rejected_count: int
    sold_yen: int
    returned_yen: int
    made_by: str
    make_time: datetime
    undone_by: str = ""
    undo_time: datetime | None = None
    undone_count: int = 0


@dataclass(frozen=True)
class Undone:
    """What became of an undo. kept: journal number and word of each line that stays."""

    undone_count: int
    kept: tuple[tuple[str, str], ...]
    is_dry_run: bool


def why_kept(payment: Payment, *, is_closed: bool) -> str | None:
    """Returns why a line's sale stays when its import is undone, or None where it can go.

    Only what nobody has reckoned with yet is taken back: no close, no provider, no customer.
    """
    if payment.has_money_back:
        return "returned"
    if payment.state is not State.CAPTURED or payment.pending is not None:
        return "changed"
    if is_closed:
        return "closed"
    if payment.tender is not Tender.CASH_RECORD and not payment.unconfirmed:
        return "confirmed"
    return None


def check_register(register: str) -> str:
    """Returns the name of a register. Errors: InvalidFields."""
    if not _REGISTER.fullmatch(register):
        raise InvalidFields([("register", "give 1 to 40 letters, digits or . _ -")])
    return register


def fingerprint(line: ProviderLine) -> bytes:
    """Returns a hash of what a line says: the same number with another sale is a mistake."""
    told = (line.number, line.reference, line.is_refund, line.amount_yen, line.time.isoformat(),
            line.tender)  # fmt: skip
    return hashlib.sha256(repr(told).encode()).digest()


def problem_of(
    line: ProviderLine, shop_place_id: str, sale_time: datetime, now: datetime
) -> Rejected | None:
    """Returns why a line cannot be taken, or None."""
    if not line.number:
        return Rejected(line.row, "number", "missing", "every line needs its journal number")
    if line.shop_place_id != shop_place_id:
        return Rejected(line.row, "shop", "other_shop", "this line is of another shop")
    if line.amount_yen > MAX_AMOUNT_YEN:
        return Rejected(line.row, "amount", "too_large", f"at most {MAX_AMOUNT_YEN} yen a sale")
    if sale_time > now + AHEAD:
        return Rejected(line.row, "time", "in_future", "this sale is still to come")
    return None


def doubts_of(line: ProviderLine, sale_time: datetime, now: datetime) -> list[tuple[int, str]]:
    """Returns what should be looked at again of a line that was taken."""
    doubts = [] if line.has_clock else [(line.row, "no_time_of_day")]
    return doubts + ([(line.row, "old")] if now - sale_time > OLD else [])
