"""What an owner is led through: the own shop, its short name, when it is paid, what waits."""

import html
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.payments.v1 import office_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from services.edge.office import payouts, short_names
from services.edge.office.forms import read_products
from tests.pages.edge.fakes import FakeServices
from tests.pages.edge.test_office import ORIGIN, office, shop, token

__all__ = ["office"]

EN = {"Accept-Language": "en"}
DEVICE = (payments_pb.TENDER_CARD, "other_device")


def token_in(page: str) -> str:
    found = re.search(r'name="form_token" value="(\w+)"', page)
    assert found
    return found[1]


def with_device(terms: payments_pb.PayoutTerms | None = None) -> payments_pb.Shop:
    one = shop()
    one.tenders.add(tender=DEVICE[0], gateway=DEVICE[1], terminal="T-1", payout_terms=terms)
    return one


def only(office: FakeServices, one: payments_pb.Shop) -> None:
    office.user.roles[:] = [directory_pb.ROLE_SHOP_OWNER]
    office.answers["ListShops"] = lambda _: payments_pb.ListShopsResponse(shops=[one])


def sales(due: pb.PayoutDue.ValueType, expected: str = "") -> pb.UnconfirmedSales:
    return pb.UnconfirmedSales(
        shop_place_id="shop-a", tender=DEVICE[0], gateway=DEVICE[1], business_date="2026-11-18",
        payment_count=3, amount_yen=4500, expected_payout_date=expected, due=due,
    )  # fmt: skip


def wait(office: FakeServices, *found: pb.UnconfirmedSales) -> None:
    office.answers["ListUnconfirmedSales"] = lambda _: pb.ListUnconfirmedSalesResponse(
        sales=found, business_date="2026-11-21", first_date="2026-07-24"
    )


@pytest.mark.parametrize(
    ("names", "taken", "proposed"),
    [
        ({"ja": "田中商店"}, (), "shop-shoten"),
        ({"ja": "田中商店"}, ("shop-shoten", "shop-shoten-2"), "shop-shoten-3"),
        ({"ja": "秋吉台観光センター"}, (), "shop-kanko-senta"),
        ({"ja": "岡村"}, (), "shop-20261129"),
        ({"ja": "岡村屋"}, ("shop-20261129",), "shop-20261129-2"),
        ({"ja": "田中商店", "en": "Tanaka’s Store"}, (), "shop-tanakas-store"),
        ({"ja": "きょうや"}, (), "shop-kyoya"),
        ({"ja": "カフェ マッチャ"}, (), "shop-kafe-matcha"),
        ({"ja": "ジュエリー・シャルム"}, (), "shop-jueri-sharumu"),
        ({"ja": "ｶﾙｽﾄ ＢＡＲ"}, ("shop-karusuto-bar",), "shop-karusuto-bar-2"),
        ({"ja": "とうふ屋"}, (), "shop-tofu-ya"),
        ({"ja": "とうふ や", "en": "Tofu House Ouu"}, (), "shop-tofu-house-ouu"),
        ({"ja": "とうふ や"}, (), "shop-tofu-ya"),
        ({"ja": "Café 101"}, (), "shop-cafe-101"),
        ({"ja": "店" * 3}, (), "shop-20261129"),
        ({"ja": "店" * 3, "en": "x" * 90}, (), "shop-" + "x" * 35),
    ],
)  # fmt: skip
def test_a_short_name_is_made_from_the_name(
    names: dict[str, str], taken: tuple[str, ...], proposed: str
) -> None:
    found = short_names.proposed(names, taken, "shop", otherwise="20261129")
    assert found == proposed
    assert re.fullmatch(r"[a-z0-9][a-z0-9/_-]{0,79}", proposed)


@pytest.mark.parametrize(
    ("names", "reading", "proposed"),
    [
        ({"ja": "田中商店"}, "たなかしょうてん", "shop-tanakashoten"),
        ({"ja": "田中商店"}, "タナカ　ショウテン", "shop-tanaka-shoten"),
        ({"ja": "田中商店", "en": "Tanaka"}, "たなか", "shop-tanaka"),
        ({"ja": "田中商店"}, "田中", "shop-shoten"),  # no reading
        ({"ja": "岡村"}, "", "shop-20261129"),
    ],
)
def test_a_reading_says_how_the_name_is_written(
    names: dict[str, str], reading: str, proposed: str
) -> None:
    assert short_names.proposed(names, (), "shop", reading, "20261129") == proposed


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_name_gets_a_short_name_that_can_be_one(name: str, reading: str) -> None:
    found = short_names.proposed({"ja": name}, (), "shop", reading, "20261129")
    assert re.fullmatch(r"shop-[a-z0-9][a-z0-9-]{0,34}", found)


def test_a_new_shop_is_asked_for_its_name_and_shown_its_short_name_once(
    browser: FlaskClient, office: FakeServices
) -> None:
    page = browser.get("/till/office/setup?step=basics", headers=EN).text
    assert re.search(r'<option value="[^"]+">[^<]+</option>', page)
    assert 'list="places"' not in page
    form = {"form_token": token(browser), "request_id": "r-12345678", "new": "1",
            "name_ja": "きょうや", "place": "", "shop_place_id": ""}  # fmt: skip
    answer = browser.post("/till/office/setup/basics", data=form, headers=ORIGIN)
    assert answer.status_code == 200
    assert 'value="shop-kyoya"' in answer.text
    assert 'value="きょうや"' in answer.text
    assert office.called("SetUpShop") == []
    kanji = form | {"name_ja": "京屋", "reading": "きょうや"}
    answer = browser.post("/till/office/setup/basics", data=kanji, headers=ORIGIN)
    assert 'value="shop-kyoya"' in answer.text
    unread = form | {"name_ja": "京屋"}
    answer = browser.post("/till/office/setup/basics", data=unread, headers=ORIGIN)
    assert re.search(r'value="shop-20\d{6}"', answer.text)
    form["shop_place_id"] = "kyoya"
    answer = browser.post("/till/office/setup/basics", data=form, headers=ORIGIN)
    assert answer.headers["Location"].startswith("/till/office/setup?step=products&shop=kyoya")
    assert office.called("SetUpShop")[-1].shop.shop_place_id == "kyoya"
    # A short name of another shop would change that one.
    form["shop_place_id"] = "shop-b"
    answer = browser.post("/till/office/setup/basics", data=form, headers=ORIGIN)
    assert answer.status_code == 422
    assert "ほかの店がこの短い名前を使っています" in answer.text
    assert len(office.called("SetUpShop")) == 1
    # Two taps on one button: the shop is there just as the form has it.
    only(office, office.called("SetUpShop")[0].shop)
    form["shop_place_id"] = "kyoya"
    answer = browser.post("/till/office/setup/basics", data=form, headers=ORIGIN)
    assert answer.headers["Location"].startswith("/till/office/setup?step=products&shop=kyoya")
    form["name_ja"] = "べつの店"
    assert browser.post("/till/office/setup/basics", data=form, headers=ORIGIN).status_code == 422
    assert len(office.called("SetUpShop")) == 1
    # A place that is on the map brings its own.
    form |= {"shop_place_id": "", "place": "gate-north"}
    browser.post("/till/office/setup/basics", data=form, headers=ORIGIN)
    assert office.called("SetUpShop")[-1].shop.shop_place_id == "gate-north"


def test_a_code_of_a_product_may_be_left_out() -> None:
    lines = "商品名,税込価格,税率\nまんじゅう,800,8\n饅頭,900,8\nまんじゅう,700,8\n".encode()
    assert [each.code for each in read_products(lines)] == ["manju", "1", "manju-2"]
    lines = "コード,商品名,税込価格,税率\n,おちゃ,150,8\nocha,お茶,160,8\n".encode()
    assert [each.code for each in read_products(lines)] == ["ocha-2", "ocha"]


def test_when_a_way_to_pay_is_paid_is_chosen_beside_it(
    browser: FlaskClient, office: FakeServices
) -> None:
    only(office, with_device())
    page = html.unescape(
        browser.get("/till/office/setup?step=contracts&shop=shop-a", headers=EN).text
    )
    assert "paid on the last day / closed on the last day, paid on day 15 of the next month" in page
    assert "7:cash_record:paid" not in page, "cash waits for nobody"
    name = f"{DEVICE[0]}:{DEVICE[1]}"
    form = {"form_token": token_in(page), "request_id": "r-12345678", "shop": "shop-a",
            name: "1", f"{name}:paid": "twice"}  # fmt: skip
    browser.post("/till/office/setup/contracts", data=form, headers=ORIGIN)
    way = device(office)
    assert (way.payout_terms, way.terminal) == (payouts.CHOICES["twice"], "T-1")
    form[f"{name}:paid"] = ""
    browser.post("/till/office/setup/contracts", data=form, headers=ORIGIN)
    assert not device(office).HasField("payout_terms")


def device(office: FakeServices) -> payments_pb.TenderSetting:
    """Returns how the shop's own device was saved last."""
    ways: list[payments_pb.TenderSetting] = list(office.called("SetUpShop")[-1].shop.tenders)
    [found] = [way for way in ways if (way.tender, way.gateway) == DEVICE]
    return found


def test_terms_that_are_no_choice_are_shown_and_kept(
    browser: FlaskClient, office: FakeServices
) -> None:
    rare = payments_pb.PayoutTerms(closings=[
        payments_pb.PayoutClosing(closing_day=20, months_later=2, payout_day=5)
    ])  # fmt: skip
    only(office, with_device(rare))
    page = browser.get("/till/office/setup?step=contracts&shop=shop-a", headers=EN).text
    assert "closed on day 20, paid on day 5 of the month after next" in page
    assert '<option value="kept" selected>' in page
    name = f"{DEVICE[0]}:{DEVICE[1]}"
    for paid in ({f"{name}:paid": "kept"}, {}):  # a form of before does not ask
        form = {"form_token": token_in(page), "request_id": "r-12345678", "shop": "shop-a",
                name: "1", **paid}  # fmt: skip
        browser.post("/till/office/setup/contracts", data=form, headers=ORIGIN)
        assert device(office).payout_terms == rare


@pytest.mark.parametrize("locale", ["en", "ja", "ko", "zh_Hans", "zh_Hant"])
def test_any_terms_have_words(app: Flask, locale: str) -> None:
    terms = [
        payments_pb.PayoutTerms(), payments_pb.PayoutTerms(days=1),
        payments_pb.PayoutTerms(days=9), payments_pb.PayoutTerms(weekday=7, days=2),
        *payouts.CHOICES.values(),
    ]  # fmt: skip
    with app.test_request_context("/"), force_locale(locale):
        told = [payouts.told(each) for each in terms]
    assert all(told)
    assert len(set(told)) == len({each.SerializeToString() for each in terms})
    assert all(each.isascii() is (locale == "en") for each in told)


def test_whoever_may_not_say_when_it_is_paid_is_not_sent_there(
    browser: FlaskClient, office: FakeServices
) -> None:
    office.user.roles[:] = [directory_pb.ROLE_ACCOUNTANT]
    wait(office, sales(pb.PAYOUT_DUE_UNKNOWN))
    page = browser.get("/till/office/reconcile", headers=EN).text
    assert "Not known" in page
    assert "step=contracts" not in page


def test_what_waits_names_the_expected_day_or_says_that_nobody_knows(
    browser: FlaskClient, office: FakeServices
) -> None:
    only(office, with_device())
    page = browser.get("/till/office/reconcile", headers=EN).text
    assert 'id="waiting"' not in page
    wait(office, sales(pb.PAYOUT_DUE_OVER, "2026-11-20"), sales(pb.PAYOUT_DUE_COMING, "2026-12-15"),
         sales(pb.PAYOUT_DUE_UNKNOWN))  # fmt: skip
    page = html.unescape(browser.get("/till/office/reconcile", headers=EN).text)
    over, coming, unknown = page.split('id="waiting"')[1].split("<tbody>")[1].split("<tr>")[1:4]
    assert "2026-11-20" in over
    assert "Overdue" in over
    assert "2026-12-15" in coming
    assert "Not due yet" in coming
    assert "¥4,500" in coming
    assert "Not known" in unknown
    assert "step=contracts&shop=shop-a" in unknown


def test_a_missing_sale_that_is_not_due_is_waited_for(
    browser: FlaskClient, office: FakeServices
) -> None:
    wait(office)
    one = pb.Finding(
        finding_id="x", kind=pb.FINDING_KIND_MISSING, shop_place_id="shop-a",
        tender=payments_pb.TENDER_CARD, expected_payout_date="2026-11-21",
    )  # fmt: skip
    office.answers["ListFindings"] = lambda _: pb.ListFindingsResponse(findings=[one])
    page = browser.get("/till/office/reconcile", headers=EN).text
    assert "expected on 2026-11-21" in page
    assert "ask the provider" not in page
    for day in ("2026-11-20", ""):
        one.expected_payout_date = day
        page = browser.get("/till/office/reconcile", headers=EN).text
        assert "else ask the provider" in page


@pytest.mark.parametrize("address", ["/till/office/close?shop=shop-a", "/till/office/closes/c1"])
def test_practice_sales_have_a_count_beside_the_figures(
    browser: FlaskClient, office: FakeServices, address: str
) -> None:
    day: Any = office.answers["ReadDay"](None)
    one: Any = office.answers["ReadClose"](None)
    office.answers |= {"ReadDay": lambda _: day, "ReadClose": lambda _: one}
    assert "practice sale" not in browser.get(address, headers=EN).text.replace("Practice sale", "")
    for each in (day, one):
        each.practice_sales.CopyFrom(pb.SaleCounts(kept=2, refunded=1))
    page = browser.get(address, headers=EN).text
    assert "3 practice sales on this day" in page
    assert "never enter these figures" in page
    assert "refunded in full: 1, canceled: 0" in page


def test_an_owner_begins_at_the_own_shop_with_what_is_next(
    browser: FlaskClient, office: FakeServices
) -> None:
    only(office, with_device())
    page = html.unescape(browser.get("/till/office/mine", headers=EN).text)
    assert page.count("To do") == 3, "products, ways to pay, clerks; the shop is live"
    assert re.search(r'class="button" href="/till/office/setup\?step=products&shop=shop-a"', page)
    for door in ("/till?shop=shop-a", "/till/today?shop=shop-a", "/till/office/close?shop=shop-a",
                 "/till/office/settlement?shop=shop-a", "/till/office/reconcile"):  # fmt: skip
        assert f'href="{door}"' in page
    assert office.called("ReadSettlement")[-1].shop_place_id == "shop-a"
    assert office.called("ListUnconfirmedSales")[-1].shop_place_id == "shop-a"


def test_a_shop_that_is_ready_says_so_with_its_figures(
    browser: FlaskClient, office: FakeServices
) -> None:
    only(office, with_device(payouts.CHOICES["twice"]))
    office.answers |= {
        "ListProducts": lambda _: pb.ListProductsResponse(products=[pb.Product(code="A")]),
        "ListClerks": lambda _: pb.ListClerksResponse(clerks=[pb.Clerk(clerk_id="c")]),
        "ReadSettlement": lambda _: pb.ReadSettlementResponse(rows=[
            pb.SettlementRow(fee_yen=80, payout_yen=2420, balance_yen=500),
            pb.SettlementRow(fee_yen=999, practice=True),
        ]),
    }  # fmt: skip
    wait(
        office, sales(pb.PAYOUT_DUE_COMING, "2026-12-15"), sales(pb.PAYOUT_DUE_COMING, "2026-11-30")
    )
    page = html.unescape(browser.get("/till/office/mine", headers=EN).text)
    assert "To do" not in page
    assert "Everything is set up" in page
    assert "fees ¥80, paid in ¥2,420, still owed ¥500" in page
    assert "Next payout expected on 2026-11-30" in page


def test_an_owner_of_several_chooses_and_one_of_none_hears_whom_to_ask(
    browser: FlaskClient, office: FakeServices
) -> None:
    office.user.roles[:] = [directory_pb.ROLE_SHOP_OWNER]
    page = browser.get("/till/office/mine", headers=EN).text
    assert 'href="/till/office/mine?shop=shop-b"' in page
    assert browser.get("/till/office/mine?shop=shop-x", headers=EN).status_code == 404
    office.answers["ListShops"] = lambda _: payments_pb.ListShopsResponse()
    page = browser.get("/till/office/mine", headers=EN).text
    assert "belongs to no shop yet" in page


@pytest.mark.parametrize("address", [
    "/till/office/mine", "/till/office/close?shop=shop-a",
    "/till/office/setup?step=practice&shop=shop-a",
])  # fmt: skip
def test_practice_is_told_in_the_language_of_whoever_reads(
    browser: FlaskClient, office: FakeServices, address: str
) -> None:
    one = shop()
    one.practice = True
    only(office, one)
    assert (
        "練習・入金されません</span><br>Practice: no money moves"
        in browser.get(address, headers=EN).text
    )
    japanese = browser.get(address, headers={"Accept-Language": "ja"}).text
    assert japanese.count("練習・入金されません</span></span></div>") == 1
