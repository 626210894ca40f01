"""What the counter asks once more before it takes a sale, and what goes back over the counter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.till.amounts import MAX_AMOUNT_YEN, AmountInvalid, read_amount

# Above this a slip of the finger (one zero too many) is likelier than a sale, in a shop of a cave.
UNUSUAL_YEN = 100_000
CASH_GATEWAY = "cash_record"
NOTES_YEN = (1_000, 5_000, 10_000)


@dataclass(frozen=True)
class Cash:
    """Cash handed over for a sale. Both in yen."""

    tendered_yen: int
    change_yen: int


def is_unusual(amount_yen: int) -> bool:
    """Tells whether an amount is to be confirmed first."""
    return amount_yen > UNUSUAL_YEN


def asks_for_cash(form: Mapping[str, str], gateway: str) -> bool:
    """Tells whether the next page asks what the customer handed over: only after the counter."""
    return form.get("step") == "counter" and gateway == CASH_GATEWAY


def likely_notes(amount_yen: int) -> Sequence[int]:
    """Returns what people hand over for an amount, smallest first: the next full 1,000, 5,000 and
    10,000 yen, without the amount itself."""
    rounded = {-(-amount_yen // note) * note for note in NOTES_YEN}
    return sorted(each for each in rounded if amount_yen < each <= MAX_AMOUNT_YEN)


def read_tendered(text: str, amount_yen: int) -> int | None:
    """Returns what was handed over, None where it is not stated.

    Errors: AmountInvalid, with reason not_enough for less than the amount.
    """
    if not text.strip():
        return None
    tendered_yen = read_amount(text)
    if tendered_yen < amount_yen:
        raise AmountInvalid("not_enough")
    return tendered_yen


def cash_of(text: str, tender: int, amount_yen: int) -> Cash | None:
    """Returns cash and change as an address states them; None for what cannot be."""
    if tender != pb.TENDER_CASH_RECORD or not amount_yen:
        return None
    try:
        tendered_yen = read_tendered(text, amount_yen)
    except AmountInvalid:
        return None  # of an address that somebody wrote by hand
    return None if tendered_yen is None else Cash(tendered_yen, tendered_yen - amount_yen)
