"""The search for card data finds what was planted, in every disguise, and nothing else."""

import base64
import random
import uuid
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.card_scan import Kind, is_card_number, passes_luhn, scan, scan_stream
from services.payments.domain.emvqr.practice import PracticeCode, make_consumer, track2

# Numbers that the schemes publish for tests; no account has them.
NUMBERS = ["4111111111111111", "5555555555554444", "2223003122003222", "378282246310005",
           "3530111333300000", "6011111111111117", "30569309025904"]  # fmt: skip
AROUND = b"2026-11-27T03:00:00Z info taken amount_yen=1300 "


def kinds(content: bytes) -> set[Kind]:
    return {hit.kind for hit in scan(content)}


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_are_found_as_they_are_written(number: str) -> None:
    four = " ".join(number[place : place + 4] for place in range(0, len(number), 4))
    for text in (number, four, four.replace(" ", "-"), f'"{number}"', f"reason={number};"):
        assert Kind.CARD_NUMBER in kinds(AROUND + text.encode() + b" end"), text


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_are_found_inside_base64_and_hex(number: str) -> None:
    for before in ("", "x", "xy"):  # each place where it can begin
        inner = f"{before}|card {number}|".encode()
        assert Kind.CARD_NUMBER in kinds(b"body=" + base64.b64encode(inner) + b" ")
        assert Kind.CARD_NUMBER in kinds(b"\\x" + inner.hex().encode() + b"\n")


def test_tracks_are_found_in_text_and_packed() -> None:
    packed = track2(NUMBERS[0], "3012", "201", "0000")
    assert Kind.TRACK in kinds(b";4111111111111111=30122010000?")
    assert Kind.TRACK in kinds(b"%B4111111111111111^TARO/MEGURI^3012201?")
    assert Kind.TRACK in kinds(b"\\x" + packed.hex().encode())
    assert Kind.TRACK in kinds(b"d=" + base64.b64encode(b"\x57" + bytes([len(packed)]) + packed))
    longest = track2(NUMBERS[0], "3012", "201", "0" * 13)
    in_a_message = b"\x0a\x03abc\x12" + bytes([len(longest)]) + longest + b"\x1a\x01x"
    assert len(longest) == 19
    assert Kind.TRACK in kinds(b"\\x" + in_a_message.hex().encode())


@pytest.mark.parametrize("version", [b"CPV01", b"JPQR1"])
def test_customers_codes_are_found(version: bytes) -> None:
    application = [
        ("4F", bytes.fromhex("A0000000031010")),
        ("57", track2(NUMBERS[0], "3012", "201")),
    ]
    code = make_consumer(PracticeCode(version=version, applications=[application]))
    assert Kind.CUSTOMER_CODE in kinds(AROUND + code.encode())


@given(st.integers(10**11, 10**18 - 1))
def test_one_wrong_digit_is_no_card_number(number: int) -> None:
    digits = str(number).encode()
    good = [digit for digit in b"0123456789" if passes_luhn(digits + bytes([digit]))]
    assert len(good) == 1


def test_what_looks_alike_is_left_alone() -> None:
    made = random.Random(7)
    uuids = b" ".join(str(uuid.UUID(int=made.getrandbits(128), version=4)).encode()
                      for _ in range(1_000))  # fmt: skip
    hashes = b"\n".join(made.randbytes(32).hex().encode() for _ in range(500))
    times = b" ".join(str(1_790_000_000_000 + made.randrange(10**10)).encode() for _ in range(500))
    numbers = (
        b"T7000012050002 090-1234-5678 03-1234-5678 2026-11-27 20261127-K7Q2ABCD 0.4111111111111111"
    )
    messages = made.randbytes(50_000).hex().encode()
    alike = b"\\x0a2000" + track2(NUMBERS[0], "3012", "201").hex().encode() + b"cc" * 20
    for content in (uuids, hashes, messages, alike, times, numbers, b"4" * 16, b"0" * 40):
        assert kinds(content) == set()


TRACE = b"f2ca2464093d77d9253ee673e114fa21"


def test_a_span_of_digits_only_is_no_card_number_and_a_number_beside_it_is_one() -> None:
    parent = b"00-%b-4267160679914531-02" % TRACE
    for content in (parent, b"\t%b\t" % parent, b'{"traceparent": "%b"}' % parent):
        assert kinds(content) == set()
        assert kinds(content + b" 4267160679914531-02") == {Kind.CARD_NUMBER}
    assert kinds(b"0-%b-4267160679914531-02" % TRACE) == {Kind.CARD_NUMBER}  # no traceparent
    # Cut in two at any place: its end alone would be a number.
    for size in range(1, 90):
        whole = AROUND * 60 + b" " + parent + b" " + AROUND * 60
        begin = len(AROUND) * 60 + size - 20
        assert not list(scan_stream(iter([whole[:begin], whole[begin:]])))


def test_the_seam_of_two_pieces_hides_nothing_and_counts_nothing_twice() -> None:
    content = AROUND * 100 + b"4111111111111111 " + AROUND * 100

    def pieces(size: int) -> Iterator[bytes]:
        return (content[begin : begin + size] for begin in range(0, len(content), size))

    for size in (1000, 4808, 4809, 4815, 10**6):
        [hit] = scan_stream(pieces(size))
        assert (hit.kind, hit.at) == (Kind.CARD_NUMBER, len(AROUND) * 100)


@given(st.integers(0, 150), st.lists(st.integers(1, 60), min_size=1, max_size=8))
def test_small_pieces_from_the_first_on_hide_nothing(before: int, sizes: list[int]) -> None:
    """As the first values of a store come: each a piece, all together less than a seam."""
    content = (AROUND * 4)[:before] + b"\n4111111111111111\n" + AROUND
    begins = [sum(sizes[:index]) for index in range(len(sizes) + 1)]
    pieces = [content[one:other] for one, other in pairwise([*begins, len(content)])]
    assert b"".join(pieces) == content[: max(len(content), begins[-1])]
    [hit] = scan_stream(iter(pieces))
    assert (hit.kind, hit.at) == (Kind.CARD_NUMBER, before + 1)


def test_a_number_needs_length_beginning_and_check_digit() -> None:
    assert is_card_number(b"4111 1111 1111 1111")
    assert not is_card_number(b"4111111111111112")
    assert not is_card_number(b"1111111111111117")
    assert not is_card_number(b"411111111116")


def test_a_hash_is_no_track_although_it_looks_like_one_and_a_track_is_one() -> None:
    track = "4111111111111111d30122010000000f"
    padded = track + "c" * (64 - len(track))  # 32 bytes: what SHA-256 makes once in a while
    assert list(scan(f"\\\\x{padded}\t".encode())) == []
    assert [hit.kind for hit in scan(f"\\\\x{track}\t".encode())] == [Kind.TRACK]
    spelled = f"paid {'4111111111111111'} by card today!!".encode()[:32].hex()
    assert [hit.kind for hit in scan(f"\\\\x{spelled}\t".encode())] == [Kind.CARD_NUMBER]
