"""What a visit costs, from 料金(基本) and 料金(詳細)."""

import re

from services.itinerary.domain.municipal.hours import Doubt
from services.itinerary.domain.municipal.words import normalized
from services.itinerary.domain.poi import MAX_FEE_YEN, Fees

_FREE = re.compile("無料|0円?|なし")
_YEN = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)円?")
_PRICE = r"\s*[:は]?\s*(?:([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)円|無料)"
# The word nearest before the price decides; 高校生以上 is the adults' price, 中・高校生 is not.
_ADULT = re.compile(rf"(?:大人|おとな|一般|高校生以上|大学生以上|中学生以上){_PRICE}")
_JUNIOR = re.compile(
    rf"(?:中学生|中・高校生|中高生|小中学生|小・中学生|中学生以下|高校生以下){_PRICE}"
)
_CHILD = re.compile(
    rf"(?:小学生|子供|子ども|こども|小人|小中学生|小・中学生|中学生以下|小学生以下|高校生以下){_PRICE}"
)


def read_fees(basic: str, detail: str) -> tuple[Fees, tuple[Doubt, ...]]:
    """Returns the fees that the two columns say, and where they do not agree or cannot be read.

    料金(基本) is the price of an adult; where the detail says another, the detail is taken: it is
    what stands at the ticket window word for word.
    """
    base, said = normalized(basic), normalized(detail)
    adult = _amount(base)
    doubts = []
    if base and adult is None:
        doubts.append(Doubt("FEE_UNREADABLE", basic.strip()))
    named = _yen(_ADULT.search(said))
    if named is not None and adult is not None and named != adult:
        doubts.append(Doubt("FEES_DIFFER", f"{basic.strip()} / {detail.strip()}"))
    adult = named if named is not None else adult
    junior, child = _yen(_JUNIOR.search(said)), _yen(_CHILD.search(said))
    if adult == 0 and junior is None and child is None:
        junior = child = 0
    return Fees(adult, junior, child), tuple(doubts)


def _amount(text: str) -> int | None:
    if _FREE.fullmatch(text):
        return 0
    found = _YEN.fullmatch(text)
    return _yen(found)


def _yen(found: re.Match[str] | None) -> int | None:
    if found is None:
        return None
    digits = (found[1] or "0").replace(",", "").lstrip("0")
    if len(digits) > len(str(MAX_FEE_YEN)):  # thousands of digits are more than int() takes
        return None
    amount = int(digits or "0")
    return amount if amount <= MAX_FEE_YEN else None
