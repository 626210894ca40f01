"""Reading an amount as people type it."""

import re

from services.edge.whole import plainly

MAX_AMOUNT_YEN = 9_999_999


class AmountInvalid(ValueError):
    """The text is no amount that can be taken. reason: empty, malformed, too_small, too_large;
    not_enough for cash."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def read_amount(text: str) -> int:
    """Returns whole yen for "1,300", "¥1300", "１３００円". Errors: AmountInvalid."""
    plain = plainly(text)
    if not plain:
        raise AmountInvalid("empty")
    if not re.fullmatch(r"-?[0-9]{1,40}", plain):
        raise AmountInvalid("malformed")
    amount_yen = int(plain)
    if amount_yen < 1:
        raise AmountInvalid("too_small")
    if amount_yen > MAX_AMOUNT_YEN:
        raise AmountInvalid("too_large")
    return amount_yen
