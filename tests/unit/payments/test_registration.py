"""Registration numbers: whose digits could be a corporation's."""

import pytest

from services.payments.domain.registration import check_digit_agrees


def test_the_tax_agency_s_own_number_passes() -> None:
    assert check_digit_agrees("T7000012050002")


def test_every_single_wrong_digit_but_nine_for_nought_is_noticed() -> None:
    good = "7000012050002"
    for at, old in enumerate(good):
        for new in "0123456789":
            # Sums by nine cannot tell 0 from 9; the first digit is never 0.
            same = new == old or {new, old} == {"0", "9"}
            wrong = f"T{good[:at]}{new}{good[at + 1 :]}"
            assert check_digit_agrees(wrong) == same, wrong


@pytest.mark.parametrize(
    "number", ["", "T", "7000012050002", "T700001205000", "T70000120500021", "T７000012050002"]
)
def test_what_is_no_number_at_all(number: str) -> None:
    assert not check_digit_agrees(number)
