"""What the command line tells of an answer: numbers of 64 bits as numbers, all else as it is."""

import pytest

from services.payments.cli.calls import _numbers


@pytest.mark.parametrize("text", ["²", "٣", "３", "0837", "--1", "-", "", "1.0", "9" * 20])
def test_a_text_that_is_no_plain_number_stays_as_it_is(text: str) -> None:
    assert _numbers({"names": {"ja": text}, "all": [text]}) == {
        "names": {"ja": text},
        "all": [text],
    }


def test_numbers_of_64_bits_are_numbers() -> None:
    assert _numbers({"yen": "1300", "back": ["-500", "0"]}) == {"yen": 1300, "back": [-500, 0]}
