"""Telephone numbers for readers from abroad, and colons as their languages write them."""

import pytest

from services.edge import phones
from services.edge.listed import labeled


@pytest.mark.parametrize(
    ("printed", "shown", "dialed"),
    [
        ("0837-62-0304", "+81 837-62-0304", "tel:+81837620304"),
        ("(0837) 62-0304", "+81 837 62-0304", "tel:+81837620304"),
        ("083 762 0304", "+81 83 762 0304", "tel:+81837620304"),
        ("090-1234-5678", "+81 90-1234-5678", "tel:+819012345678"),
        ("+81 837-62-0304", "+81 837-62-0304", "tel:+81837620304"),
        ("0120-000-000", "0120-000-000", "tel:0120000000"),
        ("0570-000-000", "0570-000-000", "tel:0570000000"),
        ("119", "119", "tel:119"),
        ("", "", "tel:"),
    ],
)
def test_a_number_is_dialed_from_any_phone(printed: str, shown: str, dialed: str) -> None:
    assert phones.shown(printed, "ko") == shown
    assert phones.dialed(printed, "fr") == dialed
    assert phones.shown(printed, "ja") == printed


def test_readers_of_japanese_get_numbers_as_printed() -> None:
    assert phones.dialed("0837-62-0304", "ja") == "tel:0837620304"


def test_a_colon_stands_apart_in_french_alone() -> None:
    assert labeled("Départ", "fr") == "Départ\u202f:"
    assert labeled("Start", "en") == "Start:"
