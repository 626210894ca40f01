"""The basket: lines of a form, with and without JavaScript the same."""

import re

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.errors import Problem
from services.edge.till import basket
from services.edge.till.amounts import MAX_AMOUNT_YEN, AmountInvalid
from tests.pages.edge.fakes import FakeServices
from tests.pages.till.test_no_answer import HIDDEN
from tests.pages.till.test_sale import EN, Payments, payments

__all__ = ["payments"]

ITEM = re.compile(r'name="item" value="([^"]+)"')
LINES = st.builds(
    pb.Item,
    quantity=st.integers(1, 999), unit_amount_yen=st.integers(1, MAX_AMOUNT_YEN),
    tax_rate_percent=st.sampled_from([0, 8, 10]),
    name=st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1, max_size=80)
    .filter(lambda text: not text[0].isspace()),
)  # fmt: skip


@pytest.fixture(autouse=True)
def products(services: FakeServices, payments: Payments) -> None:
    """Two products with a button and one without."""
    sold = [
        office_pb.Product(code="b", names={"ja": "傘"}, unit_amount_yen=1300, tax_rate_percent=10,
                          button=2),
        office_pb.Product(code="a", names={"ja": "夏みかんゼリー", "en": "Citrus jelly"},
                          unit_amount_yen=650, tax_rate_percent=8, button=1),
        office_pb.Product(code="c", names={"ja": "倉庫"}, unit_amount_yen=1, tax_rate_percent=10),
    ]  # fmt: skip
    services.answers["ListProducts"] = lambda _: office_pb.ListProductsResponse(products=sold)


def counter(till: FlaskClient) -> dict[str, str]:
    return dict(HIDDEN.findall(till.get("/till?shop=shop-a", headers=EN).text))


def press(till: FlaskClient, form: dict[str, object]) -> tuple[int, list[str], str]:
    answer = till.post("/till/basket", data=form, headers=EN)
    return answer.status_code, ITEM.findall(answer.text), answer.text


def test_buttons_come_in_their_order_and_in_the_language_of_the_page(browser: FlaskClient) -> None:
    page = browser.get("/till?shop=shop-a", headers=EN).text
    assert re.findall(r'name="add" value="(\w)"', page) == ["a", "b"]
    assert "Citrus jelly" in page
    assert "倉庫" not in page


def test_a_basket_is_filled_emptied_and_paid_without_javascript(
    browser: FlaskClient, payments: Payments
) -> None:
    form: dict[str, object] = {**counter(browser)}
    status, items, page = press(browser, {**form, "add": "a"})
    assert (status, items) == (200, ["1*650@8 夏みかんゼリー"])
    _, items, _ = press(browser, {**form, "item": items, "add": "a"})
    _, items, _ = press(browser, {**form, "item": items, "add": "b"})
    _, items, page = press(
        browser,
        {**form, "item": items, "add_amount": "1", "amount_yen": "１００", "tax_rate_percent": "8"},
    )
    assert items == ["2*650@8 夏みかんゼリー", "1*1300@10 傘", "1*100@8 お買上げ"]
    assert "¥2,700" in page
    assert dict(HIDDEN.findall(page))["request_id"] == form["request_id"]
    _, items, _ = press(browser, {**form, "item": items, "less": "1"})
    _, items, _ = press(browser, {**form, "item": items, "more": "1"})
    assert items == ["2*650@8 夏みかんゼリー", "2*100@8 お買上げ"]

    sold = {**form, "item": items, "amount_yen": "", "pay": "1:acquirer_simulator"}
    assert browser.post("/till/payments", data=sold, headers=EN).status_code == 303
    (taken,) = payments.taken
    assert taken.amount_yen == 1500
    assert [basket.write_line(each) for each in taken.items] == items


def test_an_amount_still_typed_is_a_line_of_its_rate(
    browser: FlaskClient, payments: Payments
) -> None:
    sold = {
        **counter(browser), "item": ["1*650@8 ゼリー"], "amount_yen": "200",
        "tax_rate_percent": "10", "pay": "1:acquirer_simulator",
    }  # fmt: skip
    browser.post("/till/payments", data=sold, headers=EN)
    (taken,) = payments.taken
    assert taken.amount_yen == 850
    assert [basket.write_line(each) for each in taken.items] == [
        "1*650@8 ゼリー", "1*200@10 お買上げ",
    ]  # fmt: skip


def test_the_question_for_cash_keeps_every_line(browser: FlaskClient, payments: Payments) -> None:
    lines = ["1*650@8 ゼリー", "1*1300@10 傘"]
    sold = {**counter(browser), "item": lines, "pay": "7:cash_record", "amount_yen": ""}
    page = browser.post("/till/payments", data=sold, headers=EN).text
    assert "¥1,950" in page
    assert ITEM.findall(page)[:2] == lines
    assert payments.taken == []


def test_what_cannot_be_sold_changes_nothing(browser: FlaskClient, payments: Payments) -> None:
    form: dict[str, object] = {**counter(browser)}
    assert press(browser, {**form, "add": "z"})[0] == 404
    status, items, _ = press(browser, {**form, "item": ["1*650@8 x"], "add_amount": "1"})
    assert (status, items) == (422, ["1*650@8 x"])
    bad = {**form, "item": ["1*650@7 x"], "pay": "1:acquirer_simulator"}
    assert browser.post("/till/payments", data=bad, headers=EN).status_code == 400
    much = ["999*9999999@8 x"]
    too_much = {**form, "item": much, "pay": "1:acquirer_simulator", "amount_yen": ""}
    assert browser.post("/till/payments", data=too_much, headers=EN).status_code == 422
    assert payments.taken == []


def test_a_declined_sale_is_taken_another_way_without_typing(
    browser: FlaskClient, payments: Payments
) -> None:
    payments.payment.state = pb.PAYMENT_STATE_DECLINED
    payments.payment.captured_yen = 0
    for lines in (["2*650@8 ゼリー"], []):
        del payments.payment.items[:]
        payments.payment.items.extend(basket.read_lines(lines))
        page = browser.get("/till/payments/p-1", headers=EN).text
        form = page[page.index('action="/till/basket"') :]
        asked: dict[str, list[str]] = {name: [] for name, _ in HIDDEN.findall(form)}
        for name, value in HIDDEN.findall(form):
            asked[name].append(value)
        counter_page = browser.post("/till/basket", data=asked, headers=EN).text
        assert ITEM.findall(counter_page) == lines
        typed = 'value="1300" placeholder' in counter_page
        assert typed is not bool(lines)


@given(LINES)
def test_a_line_is_read_as_it_was_written(item: pb.Item) -> None:
    assert basket.read_line(basket.write_line(item)) == item


@pytest.mark.parametrize(
    "text", ["", "0*1@8 x", "1*0@8 x", "1*1@9 x", "1*1@8 ", "1*1@8  x", "1000*1@8 x", "١*1@8 x"]
)
def test_what_is_no_line_is_refused(text: str) -> None:
    with pytest.raises(Problem):
        basket.read_line(text)


def test_a_basket_has_a_most(browser: FlaskClient) -> None:
    with pytest.raises(Problem):
        basket.read_lines(["1*1@8 x"] * 201)
    with pytest.raises(AmountInvalid):
        basket.total_yen([pb.Item(quantity=2, unit_amount_yen=MAX_AMOUNT_YEN)])


@given(st.lists(LINES, max_size=6), LINES)
def test_putting_and_taking_one_leaves_what_was(items: list[pb.Item], more: pb.Item) -> None:
    more.quantity = 1
    filled = basket.put(items, more)
    total = sum(each.quantity * each.unit_amount_yen for each in filled)
    before = sum(each.quantity * each.unit_amount_yen for each in items)
    assert total == before + more.unit_amount_yen
    for line in ("", "x", "-1", "9999", "７"):
        assert basket.change(items, line, -1) == items
