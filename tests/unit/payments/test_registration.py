"""Registration numbers: whose digits could be a corporation's."""

import pytest

from services.payments.domain.registration import has_corporate_check_digit


@pytest.mark.parametrize("number", ["T7000012050002", "7000012050002"])
def test_the_tax_agency_s_own_number_passes(number: str) -> None:
    assert has_corporate_check_digit(number)


def test_every_single_wrong_digit_but_nine_for_nought_is_noticed() -> None:
    good = "7000012050002"
    for at, old in enumerate(good):
        for new in "0123456789":
            # Sums by nine cannot tell 0 from 9; the first digit is never 0.
            same = new == old or {new, old} == {"0", "9"}
            wrong = f"T{good[:at]}{new}{good[at + 1 :]}"
            assert has_corporate_check_digit(wrong) == same, wrong


@pytest.mark.parametrize("number", ["", "T", "T700001205000", "T70000120500021", "T７000012050002"])
def test_what_is_no_number_at_all(number: str) -> None:
    assert not has_corporate_check_digit(number)
