"""The strict reader of customers' codes, and that nothing of a card ever comes out of it."""

import json
from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain.emvqr.ber import read, write
from services.payments.domain.emvqr.brands import WALLETS
from services.payments.domain.emvqr.consumer import MAX_CHARACTERS, parse_barcode, parse_consumer
from services.payments.domain.emvqr.kinds import read_code
from services.payments.domain.emvqr.practice import Objects, PracticeCode, make_consumer, track2
from tests.unit.payments.emvqr.samples import (
    CARD,
    CARD_CODE,
    JCB,
    JPQR_CODE,
    TRACK,
    TWO_CARDS,
    VISA,
)

GOOD: Objects = [("4F", VISA), ("57", TRACK)]


def reasons(*applications: Objects, common: Objects = (), version: bytes = b"CPV01") -> list[str]:
    code = PracticeCode(applications=applications, common=common, version=version)
    return [f"{each.reason} {each.field}" for each in parse_consumer(make_consumer(code)).errors]


def test_codes_begin_as_the_standards_say() -> None:
    assert CARD_CODE.startswith("hQVDUFY")
    assert JPQR_CODE.startswith("hQVKUFFS")


def test_a_card_s_code_tells_brand_and_the_four_digits_it_prints() -> None:
    code = parse_consumer(CARD_CODE)
    assert (code.valid, code.scheme, code.brand, code.last4) == (True, "emvco", "visa", "1111")


def test_the_four_digits_are_never_taken_from_the_number_itself() -> None:
    code = parse_consumer(make_consumer(PracticeCode(applications=[GOOD])))
    assert (code.valid, code.last4) == (True, "")


def test_two_applications_share_what_is_common() -> None:
    code = parse_consumer(TWO_CARDS)
    assert (code.valid, code.brand) == (True, "jcb")
    assert code.tree[3] == ["62", [
        ["5A", "*" * 16], ["5F20", "*" * 26], ["5F2D", "6A61656E"],
        ["64", [["9F36", "0001"], ["9F26", "11223344556677AA"]]],
    ]]  # fmt: skip


def test_a_jpqr_code_tells_its_issuer_and_hides_the_payment_id() -> None:
    code = parse_consumer(JPQR_CODE)
    assert (code.valid, code.scheme, code.brand) == (True, "jpqr", "PAY01")
    assert code.tree[1] == ["61", [["4F", "5041593031"], ["57", "*" * 32], ["99", "*" * 8]]]


@pytest.mark.parametrize("code", [CARD_CODE, TWO_CARDS, JPQR_CODE])
def test_no_number_name_or_code_is_in_anything_that_could_be_kept(code: str) -> None:
    secrets = (CARD, "HANAKO", b"HANAKO".hex(), "9876543210123456", code)
    for spoiled in (code, code[:-4], code + "A", code[:30] + "!" + code[30:], "x" + code):
        kept = repr(read_code(spoiled)) + str(parse_consumer(spoiled))
        assert not [secret for secret in secrets if secret.lower() in kept.lower()]


def test_a_number_in_a_place_where_none_belongs_is_not_shown() -> None:
    for tag, value in [("50", CARD.encode()), ("9F10", TRACK), ("4F", b"1" + bytes.fromhex(CARD))]:
        objects = [each for each in GOOD if each[0] != tag]
        code = parse_consumer(make_consumer(PracticeCode(applications=[[*objects, (tag, value)]])))
        written = json.dumps(code.tree)
        assert CARD not in written
        assert CARD.encode().hex() not in written


def test_number_name_and_reference_are_stars_whatever_their_digits() -> None:
    """A token need not pass the check of card numbers."""
    hidden = [
        ("5A", bytes.fromhex("41111112")), ("5F20", b"T. ABE"), ("9F24", b"V" * 29),
        ("9F7C", b"unknown"),
    ]  # fmt: skip
    code = parse_consumer(make_consumer(PracticeCode(applications=[[("4F", VISA), *hidden]])))
    assert code.tree[1][1][1:] == [[tag, "**" * len(value)] for tag, value in hidden]


def test_a_node_has_no_words_for_its_value() -> None:
    (node,) = read(write("5A", bytes.fromhex(CARD)))
    assert CARD not in repr(node)
    assert CARD not in repr(PracticeCode(applications=[GOOD]))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (reasons(GOOD), []),
        (reasons(GOOD, version=b"CPV02"), ["format 85"]),
        (reasons([("57", TRACK)]), ["missing 61/4F"]),
        (reasons([("4F", VISA)]), ["missing 61/57"]),
        (reasons([*GOOD, ("5A", bytes.fromhex(CARD))]), ["cond 61/5A"]),
        (reasons([*GOOD, ("50", b"x" * 17)]), ["length 61/50"]),
        (reasons([*GOOD, ("9F25", b"\xab\xcd")]), ["format 61/9F25"]),
        (reasons([*GOOD, ("4F", JCB)]), ["duplicate_id 61/4F"]),
        (reasons([*GOOD, ("64", b"")]), ["unexpected 61/64"]),
        (reasons([("4F", VISA), ("57", bytes.fromhex(CARD))]), ["format 61/57"]),
        (reasons([("4F", VISA), ("57", track2(CARD, "3013", "201"))]), ["format 61/57"]),
        (reasons([("4F", VISA), ("57", TRACK + b"\x00" * 9)]), ["length 61/57"]),
        (reasons([("4F", b"abc"), ("57", TRACK)]), ["length 61/4F"]),
        (reasons(GOOD, common=[("5F2D", b"ja")]), ["cond 62"]),
        (reasons(GOOD, [("4F", JCB)], common=[("50", b"x")]), ["missing 61/57"]),
        (reasons(GOOD, GOOD, common=[("57", TRACK)]), ["duplicate_id 61/57"] * 2),
        (reasons(GOOD, GOOD, common=[("4F", VISA)]),
         ["duplicate_id 61/4F", "duplicate_id 61/4F", "unexpected 62/4F"]),
        (reasons(GOOD, GOOD, GOOD), ["duplicate_id 61"]),
        (reasons(), ["missing 61"]),
        (reasons([("4F", b"A"), ("57", b"id")], version=b"JPQR1"), []),
    ],
)  # fmt: skip
def test_each_rule_names_reason_and_object(found: list[str], expected: list[str]) -> None:
    assert found == expected


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("", "base64"),
        (CARD_CODE[:-1], "base64"),
        (CARD_CODE.replace("hQ", "h\n"), "base64"),
        (CARD_CODE[:-2] + "\u3042=", "base64"),
        ("hR==", "base64"),  # bits behind the last byte
        (CARD_CODE[:-4], "tlv"),
        (b64encode(b"\x85\x80\x61\x00").decode(), "tlv"),  # the endless form
        (b64encode(b"\x85\x83\x00\x00\x01x").decode(), "tlv"),
        (b64encode(b"\x00\x01x").decode(), "tlv"),
        (b64encode(b"\x9f\xff\xff\xff\x01x").decode(), "tlv"),
        (b64encode(b"\x85\x05CPV01\x61").decode(), "tlv"),
        (b64encode(b"\x85\x05CPV01\x61\x02\x4f\x05").decode(), "tlv"),
        (b64encode(b"\x61\x00").decode(), "first_id"),
        ("hQVD" * (MAX_CHARACTERS // 4 + 1), "too_long"),
    ],
)
def test_codes_that_cannot_be_followed(code: str, reason: str) -> None:
    assert parse_consumer(code).errors[0].reason == reason


def test_places_are_those_of_the_bytes() -> None:
    data = b64decode(CARD_CODE)
    spoiled = data.replace(bytes.fromhex("9F25021111"), bytes.fromhex("9F2502AAAA"))
    (error,) = parse_consumer(b64encode(spoiled).decode()).errors
    assert data[error.position : error.position + 2] == b"\x9f\x25"


def test_a_reader_manages_512_bytes_and_more() -> None:
    long = make_consumer(PracticeCode(applications=[[*GOOD, ("9F7C", b"x" * 600)]]))
    assert parse_consumer(long).valid


@given(tag=st.sampled_from(["50", "9F10", "5F2D", "DF8101"]), value=st.binary(max_size=700))
def test_objects_of_any_length_are_read_as_written(tag: str, value: bytes) -> None:
    (node,) = read(write(tag, value))
    assert (node.tag, node.value) == (tag, value)


@pytest.mark.parametrize(
    ("digits", "brand"),
    [
        ("900081818812345678", "paypay"),
        ("9000000000123456", "line_pay"),
        ("9000000212345678", "d_barai"),
        ("3158993512345678", "yucho_pay"),
        ("1234567890123456", ""),
        (CARD, ""),
    ],
)
def test_a_bar_code_tells_its_wallet_and_nothing_else(digits: str, brand: str) -> None:
    code = read_code(digits)
    assert code == parse_barcode(digits)
    assert (code.valid, getattr(code, "brand", None)) == (bool(brand), brand)
    assert digits not in repr(code)


def test_no_wallet_begins_as_another_does() -> None:
    for one in WALLETS:
        assert [other for other in WALLETS if other.startswith(one)] == [one]


def test_digits_too_few_for_a_bar_code() -> None:
    assert [each.reason for each in parse_barcode("9000818188").errors] == ["length"]
    assert [each.reason for each in read_code("hello").errors] == ["unknown_kind"]
