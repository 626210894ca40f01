"""The strict reader of merchants' codes, rule by rule, each with a reason and a place."""

import pytest

from services.payments.domain.emvqr.crc import crc
from services.payments.domain.emvqr.make import make_merchant
from services.payments.domain.emvqr.merchant import MAX_CHARACTERS, parse_merchant
from tests.unit.payments.emvqr.samples import ADMISSION, LEAST, STICKER, signed


def found(payload: str) -> list[tuple[str, str, int]]:
    return [(each.reason, each.field, each.position) for each in parse_merchant(payload).errors]


def test_the_checksum_is_that_of_the_standard() -> None:
    assert crc("123456789") == "29B1"  # the check value of this CRC in every catalog


def test_the_least_code_is_valid_and_read_in_its_order() -> None:
    code = parse_merchant(signed(LEAST))
    assert code.valid
    assert [each.id for each in code.root] == ["00", "02", "52", "53", "58", "59", "60", "63"]
    assert [each.position for each in code.root] == [0, 6, 13, 21, 28, 34, 39, 44]
    assert (code.value("59"), code.value("54"), code.value("26", "00")) == ("A", "", "")


def test_objects_between_first_and_last_may_stand_in_any_order() -> None:
    assert parse_merchant(signed("0002016001B5901A5802JP5303392520458120203abc")).valid


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (LEAST[6:] + "000201", [("first_id", "00", 0)]),
        ("000202" + LEAST[6:], [("format", "00", 0)]),
        (LEAST.replace("0203abc", ""), [("no_account", "", 0)]),
        (LEAST + "010213", [("format", "01", 44)]),
        (LEAST + "010212", []),
        (LEAST.replace("52045812", "520458x2"), [("format", "52", 13)]),
        (LEAST.replace("52045812", "5203581"), [("length", "52", 13)]),
        (LEAST.replace("52045812", ""), [("missing", "52", 36)]),
        (LEAST.replace("5303392", "5303JPY"), [("format", "53", 21)]),
        (LEAST.replace("5802JP", "5802jp"), [("format", "58", 28)]),
        (LEAST.replace("5901A", "5901あ"), [("format", "59", 34)]),
        (LEAST.replace("5901A", "5926" + "A" * 26), [("length", "59", 34)]),
        (LEAST.replace("6001B", "6016" + "B" * 16), [("length", "60", 39)]),
        (LEAST + "5901A", [("duplicate_id", "59", 44)]),
        (LEAST + "540498.7", []),
        (LEAST + "540398.", []),
        (LEAST + "540598,73", [("format", "54", 44)]),
        (LEAST + "54040.00", [("format", "54", 44)]),
        (LEAST + "54049.9.", [("format", "54", 44)]),
        (LEAST + "5402-1", [("format", "54", 44)]),
        (LEAST + "5402١٢", [("format", "54", 44)]),
        (LEAST + "540212" + "550204", [("format", "55", 50)]),
        (LEAST + "550202", [("cond", "56", 50)]),
        (LEAST + "550202" + "5603500", []),
        (LEAST + "5603500", [("cond", "56", 44)]),
        (LEAST + "550203" + "57055.255", [("format", "57", 50)]),
        (LEAST + "550203" + "5703100", [("format", "57", 50)]),
        (LEAST + "550203" + "570500.01", []),
        (LEAST + "550203" + "570500.00", [("format", "57", 50)]),
        (LEAST + "6111" + "1" * 11, [("length", "61", 44)]),
        (LEAST + "62070503***", []),
        (LEAST + "6205a1234", [("tlv", "62", 48)]),
        (LEAST + "62060502xy0", [("tlv", "", 54)]),
        (LEAST + "62120101a0101b" + "01", [("tlv", "62", 58)]),
        (LEAST + "62100101a0101b", [("duplicate_id", "62/01", 53)]),
        (LEAST + "62300126" + "x" * 26, [("length", "62/01", 48)]),
        (LEAST + "64060002JA", [("missing", "64/01", 54)]),
        (LEAST + "640501019", [("missing", "64/00", 53)]),
        (LEAST + "64110002JA0101店", []),
        (LEAST + "26050101x", [("missing", "26/00", 53)]),
        (LEAST + "2637" + "0033" + "g" * 33, [("length", "26/00", 48)]),
        (LEAST + "80050101x", [("missing", "80/00", 53)]),
        (LEAST + "6502あ\x07", [("format", "65", 44)]),
    ],
)
def test_each_rule_names_reason_object_and_place(
    body: str, expected: list[tuple[str, str, int]]
) -> None:
    assert found(signed(body)) == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("", ["first_id", *["missing"] * 6, "no_account", "crc_missing"]),
        ("0", ["tlv"]),
        ("0002", ["tlv"]),
        ("000001", ["tlv"]),
        ("00020", ["tlv"]),
        ("0002012", ["tlv"]),
        ("00\uff10\uff12" + "01", ["tlv"]),  # full-width digits are none
        (LEAST, ["crc_missing"]),
        (LEAST + "6304", ["tlv"]),
        (LEAST + "6303ABC", ["length"]),
        (signed(LEAST) + "65011", ["crc_not_last"]),
        (signed(LEAST)[:-4] + "0000", ["crc_mismatch"]),
        (signed(LEAST)[:-4] + "XXXX", ["crc_mismatch"]),
        ("0002\ud83001", ["not_text"]),
        ("9" * (MAX_CHARACTERS + 1), ["too_long"]),
    ],
)
def test_codes_that_cannot_be_followed(payload: str, expected: list[str]) -> None:
    assert [each.reason for each in parse_merchant(payload).errors] == expected


def test_length_counts_characters_and_the_checksum_runs_over_bytes() -> None:
    body = LEAST + "6415" + "0002JA" + "0105秋芳カフェ"
    assert parse_merchant(signed(body)).valid
    in_bytes = LEAST + "6425" + "0002JA" + "0115秋芳カフェ"
    assert found(signed(in_bytes))[0][0] == "tlv"
    beyond = parse_merchant(signed(LEAST + "6411" + "0002JA" + "0101𠮷"))
    assert beyond.valid
    assert [each.reason for each in beyond.warnings] == ["beyond_bmp"]


def test_what_is_read_but_never_issued_is_a_warning() -> None:
    good = signed(LEAST + "540512.50")
    code = parse_merchant(good[:-4] + good[-4:].lower())
    assert code.valid
    reasons = [each.reason for each in code.warnings]
    assert reasons == (["lower_case_crc"] if good[-4:] != good[-4:].lower() else []) + ["decimals"]


def test_every_single_changed_digit_of_a_code_is_noticed() -> None:
    good = make_merchant(ADMISSION)
    for at, old in enumerate(good):
        for new in "07A店":
            if new != old and at < len(good) - 4:
                assert not parse_merchant(good[:at] + new + good[at + 1 :]).valid, at


def test_jpqr_asks_for_more() -> None:
    good = make_merchant(STICKER)
    assert parse_merchant(good).is_jpqr
    body = good[:-8]
    for old, new, reason in [
        ("5802JP", "5802US", "jpqr_country"),
        ("5303392", "5303840", "jpqr_currency"),
        ("61077540511", "", "jpqr_postal"),
        ("0002JA", "0002EN", "jpqr_lang"),
        ("64150002JA0105秋芳カフェ", "64200002JA0105秋芳カフェ0201x", "jpqr_lang_city"),
        ("jp.or.paymentsjapan", "jp.or.paymentsjapax", "jpqr_id_missing"),
        ("0406000001", "0506000001", "jpqr_id_format"),
    ]:
        assert old in body
        code = parse_merchant(signed(body.replace(old, new)))
        assert code.valid
        assert not code.is_jpqr
        assert [each.reason for each in code.jpqr_errors] == [reason]
