"""The qualified invoice issuer number: T and 13 digits, the first of them a check digit.

Source: National Tax Agency, check digit of corporate numbers: 9 - (sum of the other digits from the
right, weighted 1, 2, 1, 2 …, modulo 9). Numbers of sole traders need not follow it, so a wrong
digit is a doubt to look into and never a refusal.
"""

from services.payments.domain.shop import REGISTRATION_NUMBER


def check_digit_agrees(registration_number: str) -> bool:
    """Tells whether the check digit fits; False too for a text of another form."""
    if not REGISTRATION_NUMBER.fullmatch(registration_number):
        return False
    first, others = int(registration_number[1]), registration_number[2:]
    weighted = sum(int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(others)))
    return first == 9 - weighted % 9
