"""Registration numbers of invoice issuers: "T" and 13 digits."""


def has_corporate_check_digit(registration_number: str) -> bool:
    """Tells whether the digits could be a corporate number.

    The first digit is 9 less the rest of the weighted sum of the others by 9, weights 1, 2, 1, 2 …
    from the right (ministerial ordinance on corporate numbers, article 2). Sole traders' numbers
    follow no such rule, so a number that fails may still be right: warn, never refuse.
    """
    digits = registration_number.removeprefix("T")
    if len(digits) != 13 or not (digits.isascii() and digits.isdigit()):
        return False
    weighted = sum(int(digit) * (1 + place % 2) for place, digit in enumerate(digits[:0:-1]))
    return int(digits[0]) == 9 - weighted % 9
