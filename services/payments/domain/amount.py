"""Amounts: whole yen within bounds."""

from kit.pure.errors import InvalidFields

# Seven digits: what a receipt of 58 mm prints in one line, and ten times a plausible group ticket.
MAX_AMOUNT_YEN = 9_999_999


def check_amount(field: str, amount_yen: int, most_yen: int = MAX_AMOUNT_YEN) -> int:
    """Returns the amount. Errors: InvalidFields unless it is an integer from 1 to most_yen."""
    if isinstance(amount_yen, bool) or not isinstance(amount_yen, int):
        raise InvalidFields([(field, "give a whole number of yen")])
    if amount_yen <= 0:
        raise InvalidFields([(field, "give at least 1 yen")])
    if amount_yen > most_yen:
        raise InvalidFields([(field, f"give at most {most_yen:,} yen")])
    return amount_yen
