"""What clients sell: a seed decides tenders, amounts and what follows a sale."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

TENDERS = ("card", "cash_record", "transit_ic", "code_payment", "id", "quicpay")
AMOUNT_MOST = 8_999  # the simulator gives amounts from 9901 a meaning
FOLLOWING = 0.15  # of all sales


@dataclass(frozen=True)
class Sale:
    """One sale. follow: "", capture (of an authorization), void or refund; part_yen: of it."""

    tender: str
    amount_yen: int
    follow: str = ""
    part_yen: int = 0

    @property
    def capture_at_once(self) -> bool:
        """Whether the sale is captured when it is taken."""
        return self.follow != "capture"


def make_sales(count: int, seed: int, amounts: Sequence[int] = ()) -> list[Sale]:
    """Returns sales in the order in which they are sold. amounts: to choose from instead."""
    chance = random.Random(seed)
    return list(_sales(count, chance, amounts))


def _sales(count: int, chance: random.Random, amounts: Sequence[int]) -> Iterator[Sale]:
    for _ in range(count):
        amount_yen = chance.choice(amounts) if amounts else chance.randint(1, AMOUNT_MOST)
        tender = "card" if amounts else chance.choice(TENDERS)
        follow = ""
        if chance.random() < FOLLOWING:
            follow = chance.choice(("capture", "void", "refund"))
        if follow == "capture" and tender == "cash_record":
            follow = "void"  # cash is taken at once
        yield Sale(tender, amount_yen, follow, chance.randint(1, amount_yen) if follow else 0)
