"""Stop codes: what the check character catches, and what readers of a sign may type."""

import contextlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.multilingual.domain.stop_code import (
    ALPHABET,
    LENGTH,
    StopCodeMistyped,
    check_character,
    make,
    read,
)

bodies = st.text(ALPHABET, min_size=LENGTH - 1, max_size=LENGTH - 1)


def whole(body: str) -> str:
    return body + check_character(body)


@given(bodies, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_every_single_wrong_letter_is_detected(body: str, at: int, letter: str) -> None:
    code = whole(body)
    assume(code[at] != letter)
    with pytest.raises(StopCodeMistyped):
        read(code[:at] + letter + code[at + 1 :])


@given(bodies, st.integers(0, LENGTH - 1), st.integers(0, LENGTH - 1))
def test_every_swap_of_two_letters_is_detected(body: str, left: int, right: int) -> None:
    letters = list(whole(body))
    assume(letters[left] != letters[right])
    letters[left], letters[right] = letters[right], letters[left]
    with pytest.raises(StopCodeMistyped):
        read("".join(letters))


@given(bodies)
def test_any_way_of_typing_is_read(body: str) -> None:
    code = whole(body)
    typed = code.lower().replace("1", "l").replace("0", "o")
    assert read(f" {typed[:2]}-{typed[2:]}\n") == code
    assert read(code.replace("1", "I")) == code


@given(st.text(max_size=60))
def test_reading_never_fails_otherwise(typed: str) -> None:
    with contextlib.suppress(StopCodeMistyped):
        assert len(read(typed)) == LENGTH


@given(st.text(max_size=10), st.text(max_size=40), st.integers(0, 50))
def test_made_codes_are_right_and_always_the_same(area: str, place_id: str, attempt: int) -> None:
    code = make(area, place_id, attempt)
    assert read(code) == code == make(area, place_id, attempt)


def test_an_invented_code_is_right_one_time_in_32() -> None:
    right = sum(
        check_character("K7Q2") == last and read("K7Q2" + last) == "K7Q2" + last
        for last in ALPHABET
    )
    assert right == 1


def test_a_japanese_keyboard_may_type_it() -> None:
    code = make("mine", "akiyoshido/hyakumaizara", 0)
    wide = code.translate({point: point + 0xFEE0 for point in range(0x21, 0x7F)})
    assert wide != code
    assert read(f" {wide} ") == code
