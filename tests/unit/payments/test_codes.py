"""Codes to scan: in memory only, bounded, and forgotten with the end of the sale."""

from services.payments.app.customer_codes import MOST, CustomerCodes


def test_a_code_is_there_until_its_sale_is_over() -> None:
    codes = CustomerCodes()
    codes.keep("p-1", "code")
    codes.keep("p-1", "")
    assert codes.of("p-1", is_open=True) == "code"
    assert codes.of("p-1", is_open=False) == ""
    assert codes.of("p-1", is_open=True) == ""


def test_the_oldest_goes_first_when_there_are_too_many() -> None:
    codes = CustomerCodes()
    for number in range(MOST + 1):
        codes.keep(str(number), "code")
    assert codes.of("0", is_open=True) == ""
    assert codes.of("1", is_open=True) == codes.of(str(MOST), is_open=True) == "code"
