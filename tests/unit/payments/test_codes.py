"""Codes to scan: in memory only, bounded, and forgotten with the end of the sale."""

import io
from argparse import Namespace

import pytest

from services.payments.app.customer_codes import MOST, CustomerCodes
from services.payments.cli import codes as cli_codes


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


@pytest.mark.parametrize("on_terminal", [True, False])
def test_qr_parse_says_that_it_waits_for_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, on_terminal: bool
) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b"00020101\n"))
    monkeypatch.setattr(stdin, "isatty", lambda: on_terminal)
    monkeypatch.setattr("sys.stdin", stdin)
    assert cli_codes.run_qr_parse(Namespace()) == 0
    told = capsys.readouterr()
    assert ("one a line, from this terminal; end with Ctrl-D" in told.err) is on_terminal
    assert told.out.count("\n") == 1
