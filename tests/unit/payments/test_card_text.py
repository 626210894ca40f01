"""A card's number is found however it was typed; what only looks like one is let through."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import texts
from kit.pure import card_text
from kit.pure.card_text import holds_card_number
from kit.texts import CardNumberTyped
from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from services.payments.api.sales import waiting_value
from services.payments.domain.emvqr.practice import PracticeCode, make_consumer, track2

# Published by the networks for tests; no account has them.
CARDS = (
    "4111111111111111", "5555555555554444", "2223003122003222", "378282246310005",
    "3530111333300000", "30569309025904", "6011111111111117", "6200000000000005",
)  # fmt: skip


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize(
    "typed", ["{}", "paid {} twice", "カード{}で返金", "番号：{}。", "5 {} 12"]
)
def test_every_network_is_found(card: str, typed: str) -> None:
    assert holds_card_number(typed.format(card))


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111", "4111-1111-1111-1111", "4111.1111.1111.1111",
        "４１１１１１１１１１１１１１１１", "４１１１　１１１１　１１１１　１１１１",
        "4111－1111－1111－1111", "4111  1111 - 1111 – 1111", "4111_1111/1111‐1111",
        "4111\t1111\n1111ー1111", "4111\u200b1111\u200b1111\u200b1111", "Visa4111111111111111x",
        "4\ufe0f1\ufe0f1\ufe0f1111111111111", "4\ufe0f\u20e31\ufe0f\u20e311 1111 1111 1111",
        "4111\u31641111\uffa01111\u11601111", "4111\u28001111\u28001111 1111",
        "٤١١١١١١١١١١١١١١١", "3782 822463 10005", "5678 4111 1111 1111 1111",
    ],
)  # fmt: skip
def test_gaps_and_wide_digits_hide_nothing(text: str) -> None:
    assert holds_card_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "4901234567894",  # an article number (JAN, 13 digits)
        "T1234567890123", "登録番号T7000012050002",  # registered issuers of invoices
        "0837-62-0304", "+81 837 62 0304", "09012345678", "０８３７－６２－０３０４",
        "0837-62-0304 090-1234-5678 0120-4111-1111", "+81 90 1234 5678 / +81 837 62 0304",
        "4901234567894 4902102072618 3",  # two articles and how many
        "450 1200 300 4500 1000",  # prices side by side
        "4111111111111112",  # fails Luhn
        "4444444444444444",  # nobody's
        "41111111111111111111",  # too long
        "019a1c3e-4111-7111-8111-411111111111", "2026-11-28 12:34:56.123456",
        "9411111111111111", "",
    ],
)  # fmt: skip
def test_what_is_no_card_is_let_through(text: str) -> None:
    assert not holds_card_number(text)


def test_an_article_and_its_quantity_are_no_card() -> None:
    assert not [n for n in range(1000) if holds_card_number(f"4901234567894 {n:03}")]


def test_every_sign_of_digits_is_worth_a_look() -> None:
    """The quick look at a text leaves out nothing that is a digit after all."""
    missed = [
        hex(code)
        for code in range(0x110000)
        # Every other sign stands for itself, which is no digit.
        if (unicodedata.category(chr(code)) == "Nd" or unicodedata.decomposition(chr(code)))
        and (held := sum(each in "0123456789" for each in card_text._plain(chr(code))))
        and (held > 3 or card_text._SOME_DIGITS.match(chr(code) * 5) is None)
    ]
    assert missed == []


def test_a_long_text_takes_no_longer_than_it_is_long() -> None:
    """With time in proportion to its square this would take a minute."""
    for text in ("1 ", "4 ", "4111 ", "1", "4", "x4111", "ー4"):
        assert not holds_card_number(text * (50_000 // len(text)) + "x")


CODES = [
    make_consumer(PracticeCode(version=version, applications=[[("4F", bytes(7)), packed]]))
    for version in (b"CPV01", b"JPQR1")
    for packed in (("57", track2(CARDS[0], "3012", "201")), ("5A", bytes.fromhex(CARDS[0])))
]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("typed", ["{}", "払戻 {}", "x{}", "{} again"])
def test_a_customers_code_read_into_the_wrong_field_is_found(code: str, typed: str) -> None:
    wide = code.translate({each: each + 0xFEE0 for each in range(0x21, 0x7F)})
    for text in (typed.format(code), typed.format(code[:24]), typed.format(wide)):
        assert holds_card_number(text)
        assert card_text.is_card_number(text)
        with pytest.raises(CardNumberTyped, match="reason"):
            texts.check(pb.RefundPaymentRequest(payment_id="p", reason=text))
        with pytest.raises(CardNumberTyped, match="request_id"):
            texts.check(pb.RefundPaymentRequest(request_id=text))


def test_the_beginning_of_a_code_alone_is_none() -> None:
    assert not holds_card_number("hQV")
    assert not holds_card_number("hQVDUFYw")
    assert not holds_card_number("hQVxxxxxxxxxxxxxxxxxxxxxxx")


@given(st.uuids())
def test_ids_never_look_like_cards(made: object) -> None:
    assert not holds_card_number(f"{made}")


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    assert holds_card_number(text + " 4111111111111111")


def take(name: str = "まんじゅう", request_id: str = "r-00000001") -> pb.TakePaymentRequest:
    return pb.TakePaymentRequest(
        request_id=request_id, shop_place_id="shop-a", amount_yen=500,
        items=[pb.Item(name="団子"), pb.Item(name=name)],
    )  # fmt: skip


def test_a_field_is_named_and_never_quoted() -> None:
    with pytest.raises(CardNumberTyped) as caught:
        texts.check(take("4111 1111 1111 1111"))
    assert "items.name" in str(caught.value)
    assert "4111" not in str(caught.value)


def test_the_callers_own_number_of_a_request_is_looked_at() -> None:
    with pytest.raises(CardNumberTyped, match="request_id"):
        texts.check(take("x", "4111111111111111"))


def test_a_usual_request_passes() -> None:
    texts.check(take())
    texts.check(take("dumpling", "019a1c3e-4111-7111-8111-411111111111"))


@pytest.mark.parametrize("name", ["request_id", "shop_place_id", "gateway", "clerk_id"])
@pytest.mark.parametrize(
    "card", ["4111111111111111", "４１１１１１１１１１１１１１１１", "٤١١١ 1111 1111 1111"]
)
def test_every_text_of_a_sale_without_lines_is_looked_at(name: str, card: str) -> None:
    texts.check(pb.TakePaymentRequest(request_id="r-00000001", amount_yen=4_111_111))
    request = pb.TakePaymentRequest(amount_yen=500)
    setattr(request, name, card)
    with pytest.raises(CardNumberTyped, match=name):
        texts.check(request)


def test_maps_codes_and_parts_are_looked_at() -> None:
    card = "4111 1111 1111 1111"
    for message in (
        office_pb.Product(names={"ja": card}), office_pb.Product(code=card),
        pb.Shop(names={"en": card}), pb.ConfigureShopsRequest(shops=[pb.Shop(names={"ja": card})]),
    ):  # fmt: skip
        with pytest.raises(CardNumberTyped):
            texts.check(message)


def test_an_id_with_letters_is_no_card() -> None:
    texts.check(take("dumpling", "A4111111111111111"))


def test_sales_that_waited_are_answered_one_by_one() -> None:
    waited = pb.WaitingSale(sale=take("4111111111111111"))
    texts.check(pb.TakePaymentsRequest(request_id="r-00000001", sales=[waited]))
    judged = waiting_value(waited, device=False)
    assert isinstance(judged, CardNumberTyped)
