"""The back office: what its forms read, who may open what, and what reaches payments."""

import re
from datetime import date
from io import BytesIO

import grpc
import pytest
from flask.testing import FlaskClient
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import error_details_pb2, status_pb2

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.payments.v1 import office_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1 import register_service_pb2 as register_pb
from services.edge.office.forms import Unreadable, read_products, read_span, read_yen
from tests.forms import sent
from tests.pages.edge.fakes import SESSION, Failure, FakeServices

ORIGIN = {"Origin": "http://localhost", "Accept-Language": "ja"}
FIGURES = pb.CloseFigures(
    lines=[pb.CloseLine(tender=payments_pb.TENDER_CASH_RECORD, tax_rate_percent=10,
                        captured_count=2, captured_yen=1300, net_yen=1300, tax_yen=118)],
    entry_count=2, cash_yen=1300, net_yen=1300,
)  # fmt: skip
CLOSE = pb.Close(
    close_id="c1", shop_place_id="shop-a", number=7, business_date="2026-11-21", figures=FIGURES,
    float_yen=10_000, expected_yen=11_300, counted_yen=11_200, difference_yen=-100,
    reason="釣銭の渡し間違い",
)  # fmt: skip


def shop(place: str = "shop-a", *, practice: bool = False) -> payments_pb.Shop:
    return payments_pb.Shop(
        shop_place_id=place, names={"ja": "巡り茶屋"}, version=3, practice=practice,
        owner=payments_pb.SHOP_OWNER_MERCHANT, default_tax_rate_percent=8,
        tenders=[payments_pb.TenderSetting(
            tender=payments_pb.TENDER_CASH_RECORD, gateway="cash_record"
        )],
    )  # fmt: skip


@pytest.fixture
def office(services: FakeServices, browser: FlaskClient) -> FakeServices:
    """The services with the answers of payments' office, and somebody signed in."""
    services.answers |= {
        "ListShops": lambda _: payments_pb.ListShopsResponse(shops=[shop(), shop("shop-b")]),
        "ListCloses": lambda _: pb.ListClosesResponse(
            closes=[CLOSE],
            waiting=[pb.WaitingDay(
                shop_place_id="shop-b", business_date="2026-11-21", entry_count=3
            )],
        ),
        "ReadDay": lambda _: pb.ReadDayResponse(
            business_date="2026-11-21", figures=FIGURES, float_yen=10_000, unresolved_count=1
        ),
        "CloseDay": lambda _: pb.CloseDayResponse(close=CLOSE),
        "ReadClose": lambda _: pb.ReadCloseResponse(close=CLOSE),
        "ListReconciliations": lambda _: pb.ListReconciliationsResponse(),
        "ListFindings": lambda _: pb.ListFindingsResponse(),
        "ListUnconfirmedSales": lambda _: pb.ListUnconfirmedSalesResponse(
            business_date="2026-11-21"
        ),
        "ReadSettlement": lambda _: pb.ReadSettlementResponse(),
        "ListProducts": lambda _: pb.ListProductsResponse(),
        "ListClerks": lambda _: pb.ListClerksResponse(),
        "SetUpShop": lambda request: pb.SetUpShopResponse(shop=request.shop,
                                                          doubts=["check_digit"]),
        "ReplaceProducts": lambda _: pb.ReplaceProductsResponse(product_count=1),
    }  # fmt: skip
    browser.set_cookie("meguri_session", SESSION)
    return services


def token(browser: FlaskClient) -> str:
    found = re.search(r'name="form_token" value="(\w+)"', browser.get("/till/office").text)
    assert found
    return found[1]


def refusal_of(name: str) -> Failure:
    """A refused call that names a field."""
    failure = Failure(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS")
    violation = error_details_pb2.BadRequest.FieldViolation(field=name, description="no")
    bad = AnyMessage()
    bad.Pack(error_details_pb2.BadRequest(field_violations=[violation]))
    status = status_pb2.Status.FromString(failure.trailing_metadata()[0][1])
    status.details.append(bad)
    failure._trailer = (("grpc-status-details-bin", status.SerializeToString()),)
    return failure


@pytest.mark.parametrize(
    ("text", "yen"), [("0", 0), ("10,000", 10_000), ("１１２００円", 11_200), (" ¥500 ", 500)]
)
def test_yen_are_read_as_people_type_them(text: str, yen: int) -> None:
    assert read_yen(text) == yen


@pytest.mark.parametrize("text", ["", "-1", "1,00", "1.5", "many", "123456789", "²"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read_yen(text)


def test_a_span_is_a_month_or_a_day() -> None:
    today = date(2026, 2, 10)
    assert read_span("", "", today) == ("2026-02-01", "2026-02-28", "2026-02")
    assert read_span("2024-02", "", today)[:2] == ("2024-02-01", "2024-02-29")
    assert read_span("2024-02", "2026-01-05", today) == ("2026-01-05", "2026-01-05", "2026-01")
    with pytest.raises(Unreadable):
        read_span("2024-13", "", today)


def test_products_are_read_in_both_encodings_and_named_where_wrong() -> None:
    text = "コード,商品名,税込価格,税率,ボタン\nM1,まんじゅう,￥８００,8%,1\n\nP1,皿,3300,10,\n"
    for content in (text.encode("utf-8-sig"), text.encode("cp932")):
        first, second = read_products(content)
        assert (first.code, first.names["ja"], first.unit_amount_yen) == ("M1", "まんじゅう", 800)
        assert (first.tax_rate_percent, first.button, second.button) == (8, 1, 0)
    for content, reason, row in (
        (b"", "empty", 0), ("コード,商品名".encode(), "heading", 1),
        (text.replace("3300", "高い").encode(), "number", 4), (b"\x81", "encoding", 0),
        (("コード,商品名,税込価格,税率\n" + "\n" * 501).encode(), "too_many", 0),
        (b'a,b\n"' + b"x" * 200_000, "table", 0),
    ):  # fmt: skip
        with pytest.raises(Unreadable) as caught:
            read_products(content)
        assert (caught.value.reason, caught.value.row) == (reason, row)


@pytest.mark.parametrize(
    ("role", "opens"),
    [
        (directory_pb.ROLE_CLERK, set()),
        (directory_pb.ROLE_ACCOUNTANT, {"", "/audit"}),
        (directory_pb.ROLE_SHOP_OWNER, {"", "/setup"}),
        (directory_pb.ROLE_ADMIN, {"", "/audit", "/setup"}),
    ],
)
def test_each_role_sees_its_own_part(
    browser: FlaskClient, office: FakeServices, role: "directory_pb.Role.ValueType", opens: set[str]
) -> None:
    office.user.ClearField("roles")
    office.user.roles.append(role)
    office.answers |= {
        "VerifyAudit": lambda _: pb.VerifyAuditResponse(sound=True),
        "ReadLegalFigures": lambda _: pb.ReadLegalFiguresResponse(limit_yen=10_000_000),
    }
    statuses = {path: browser.get(f"/till/office{path}").status_code
                for path in ("", "/audit", "/setup")}  # fmt: skip
    assert {path for path, status in statuses.items() if status == 200} == opens
    assert set(statuses.values()) <= {200, 403}
    page = browser.get("/till/office").text
    assert ("/till/office/audit" in page, "/till/office/shops" in page) == (
        "/audit" in opens, "/setup" in opens,
    )  # fmt: skip


def test_a_broken_chain_is_said_loudly(browser: FlaskClient, office: FakeServices) -> None:
    finding = pb.AuditFinding(fault=pb.AUDIT_FAULT_TAMPERED, number=3, row_id="e3")
    office.answers |= {
        "VerifyAudit": lambda _: pb.VerifyAuditResponse(findings=[finding], link_count=9),
        "ReadLegalFigures": lambda _: pb.ReadLegalFiguresResponse(limit_yen=10_000_000),
    }
    page = browser.get("/till/office/audit", headers={"Accept-Language": "ja"}).text
    assert "連鎖が壊れています" in page
    assert "記録が書き換えられています" in page


@pytest.mark.parametrize(
    ("report", "says"),
    [
        (pb.VerifyAuditResponse(sound=True), "Nothing was sold yet"),
        (pb.VerifyAuditResponse(sound=True, link_count=9), "No day is signed yet."),
        (pb.VerifyAuditResponse(sound=True, link_count=9, head_count=2, head_date="2026-11-28",
                                head_number=7), "9 links and 2 signed days"),
    ],
)  # fmt: skip
def test_the_audit_page_says_honestly_whether_a_day_is_signed(
    browser: FlaskClient, office: FakeServices, report: pb.VerifyAuditResponse, says: str
) -> None:
    office.answers["VerifyAudit"] = lambda _: report
    office.answers["ReadLegalFigures"] = lambda _: pb.ReadLegalFiguresResponse()
    page = browser.get("/till/office/audit", headers={"Accept-Language": "en"}).text
    assert says in page
    assert ("None yet. The first is signed after midnight" in page) == (not report.head_date)
    assert ("2026-11-28, link 7" in page) == bool(report.head_date)


def test_the_section_and_not_the_till_is_marked(browser: FlaskClient, office: FakeServices) -> None:
    page = browser.get("/till/office").text
    assert 'href="/till/office" aria-current="page"' in page
    assert 'href="/till" aria-current' not in page


def test_a_single_shop_opens_at_its_close(browser: FlaskClient, office: FakeServices) -> None:
    office.answers["ListShops"] = lambda _: payments_pb.ListShopsResponse(shops=[shop()])
    answer = browser.get("/till/office")
    assert answer.headers["Location"] == "/till/office/close?shop=shop-a"
    page = browser.get(answer.headers["Location"], headers={"Accept-Language": "ja"}).text
    assert "¥1,300" in page
    assert "釣銭準備金が ¥10,000 なら ¥11,300 のはずです" in page
    assert "1 件の支払いは結果待ちです" in page


def close_form(browser: FlaskClient, **fields: str) -> dict[str, str]:
    known = {"form_token": token(browser), "request_id": "r-12345678", "shop": "shop-a",
             "day": "2026-11-21", "float_yen": "10,000", "counted_yen": "１１２００"}  # fmt: skip
    return {**known, "reason": "釣銭の渡し間違い", **fields}


def test_a_day_is_closed_with_one_form(browser: FlaskClient, office: FakeServices) -> None:
    answer = browser.post("/till/office/close", data=close_form(browser), headers=ORIGIN)
    assert answer.headers["Location"] == "/till/office/closes/c1?done=1"
    (call,) = office.called("CloseDay")
    assert (call.request_id, call.counted, call.float_yen, call.counted_yen) == (
        "r-12345678", True, 10_000, 11_200,
    )  # fmt: skip
    page = browser.get(answer.headers["Location"], headers={"Accept-Language": "ja"}).text
    assert "締め No.7" in page
    assert "¥100 不足" in page
    for words in ("成立件数は、", "決済件数は", "記録の件数は", "練習の売上はどれにも含みません"):
        assert words in page  # three counts that differ say what each is of
    assert re.search(r"記録 \d+ 件（決済・取消・返金）", page)


@pytest.mark.parametrize(
    ("role", "does"),
    [(directory_pb.ROLE_SHOP_OWNER, True), (directory_pb.ROLE_ACCOUNTANT, False)],
)
def test_a_close_names_what_is_not_finished_and_offers_both_ways_out(
    browser: FlaskClient, office: FakeServices, role: directory_pb.Role.ValueType, *, does: bool
) -> None:
    office.user.roles[:] = [role]
    half = pb.UnfinishedSale(
        split_sale_id="s-1", total_yen=3000, held_yen=1000, open_yen=2000, receipt_number="R-9"
    )
    back = pb.UnfinishedSale(split_sale_id="s-2", total_yen=900, held_yen=400, giving_back=True)
    office.answers["ReadDay"] = lambda _: pb.ReadDayResponse(
        business_date="2026-11-21", unfinished_sales=[half, back]
    )
    page = browser.get("/till/office/close?shop=shop-a", headers=ORIGIN).text
    assert "分けて支払う会計が 2 件、途中のままです" in page
    assert "¥3,000 のうち ¥1,000 は支払い済み、残り ¥2,000 です。" in page
    assert "¥900 のうち ¥400 がまだ返っていません。" in page
    assert "R-9" in page
    assert (page.count("残りを受け取る</a>"), page.count("?end=1#end")) == (
        (1, 2) if does else (0, 0)
    )
    assert 'href="/till/splits/s-1"' in page
    office.answers["ReadDay"] = lambda _: pb.ReadDayResponse(business_date="2026-11-21")
    assert "途中のまま" not in browser.get("/till/office/close?shop=shop-a", headers=ORIGIN).text


def test_a_mistyped_count_closes_nothing(browser: FlaskClient, office: FakeServices) -> None:
    form = close_form(browser, counted_yen="たくさん")
    answer = browser.post("/till/office/close", data=form, headers=ORIGIN)
    assert answer.status_code == 422
    assert "円単位で入力してください" in answer.text
    assert 'value="r-12345678"' in answer.text
    assert office.called("CloseDay") == []
    strange = browser.post(
        "/till/office/close", data=close_form(browser, shop="shop-x"), headers=ORIGIN
    )
    assert strange.status_code == 404


def test_a_service_that_is_away_keeps_the_request_id(
    browser: FlaskClient, office: FakeServices
) -> None:
    form = close_form(browser)
    del office.answers["CloseDay"]
    assert browser.post("/till/office/close", data=form, headers=ORIGIN).status_code == 503


def test_a_file_is_needed_and_a_note_too(browser: FlaskClient, office: FakeServices) -> None:
    form = {"form_token": token(browser), "request_id": "r-12345678", "form": "generic"}
    answer = browser.post("/till/office/reconcile", data=form, headers=ORIGIN)
    assert answer.status_code == 422
    # Below the work list, however long it is: the browser goes to what is to be mended.
    assert re.search(r'<input[^>]* id="f-file"[^>]* autofocus', answer.text)
    assert office.called("ReconcileFile") == []
    answer = browser.post("/till/office/findings/f1", data={**form, "note": " "}, headers=ORIGIN)
    assert answer.status_code == 422
    assert office.called("SettleFinding") == []


def test_a_new_shop_practices_and_an_old_one_keeps_its_settings(
    browser: FlaskClient, office: FakeServices
) -> None:
    form = {"form_token": token(browser), "request_id": "r-12345678", "shop_place_id": "shop-new",
            "name_ja": "新店", "registration_number": "t8000012050002"}  # fmt: skip
    answer = browser.post("/till/office/setup/basics", data=form, headers=ORIGIN)
    assert "check_digit=1" in answer.headers["Location"]
    known = {**form, "shop_place_id": "shop-a", "name_ja": "新しい名前",
             "default_tax_rate_percent": "8"}  # fmt: skip
    browser.post("/till/office/setup/basics", data=known, headers=ORIGIN)
    new, old = (call.shop for call in office.called("SetUpShop"))
    assert (new.practice, new.registration_number) == (True, "T8000012050002")
    assert (old.practice, old.names["ja"], len(old.tenders)) == (False, "新しい名前", 1)
    assert old.default_tax_rate_percent == 8


def test_a_refused_field_is_said_beside_it(browser: FlaskClient, office: FakeServices) -> None:
    def refuse(_request: object) -> pb.SetUpShopResponse:
        raise refusal_of("registration_number")

    office.answers["SetUpShop"] = refuse
    form = {"form_token": token(browser), "request_id": "r-12345678", "shop_place_id": "shop-new",
            "name_ja": "新店", "registration_number": "123"}  # fmt: skip
    answer = browser.post("/till/office/setup/basics", data=form, headers=ORIGIN)
    assert answer.status_code == 422
    assert "Tと13桁の数字を入力するか" in answer.text


def test_products_of_a_wrong_row_are_not_sent(browser: FlaskClient, office: FakeServices) -> None:
    form = {"form_token": token(browser), "request_id": "r-12345678", "shop": "shop-a",
            "text": "コード,商品名,税込価格,税率\nA,茶,百,8"}  # fmt: skip
    answer = browser.post("/till/office/setup/products", data=form, headers=ORIGIN)
    assert answer.status_code == 422
    assert "2 行目：「税込価格」は整数で入力してください" in answer.text
    assert office.called("ReplaceProducts") == []
    form["text"] = form["text"].replace("百", "108")
    assert browser.post("/till/office/setup/products", data=form, headers=ORIGIN).status_code == 303


def test_products_that_are_too_large_leave_the_page_and_what_was_typed(
    browser: FlaskClient, office: FakeServices
) -> None:
    form = {"form_token": token(browser), "request_id": "r-12345678", "shop": "shop-a",
            "text": "M1,茶,100,8,1", "file": (BytesIO(bytes(1_048_576)), "a.csv")}  # fmt: skip
    answer = browser.post("/till/office/setup/products", headers=ORIGIN, **sent(form))
    assert answer.status_code == 413
    assert "ファイルは1.1 MBです。1 MBまで受け付けます" in answer.text
    assert ">M1,茶,100,8,1</textarea>" in answer.text
    assert office.called("ReplaceProducts") == []


def test_a_practice_sale_needs_a_shop_that_practices(
    browser: FlaskClient, office: FakeServices
) -> None:
    form = {"form_token": token(browser), "request_id": "r-12345678", "shop": "shop-a"}
    answer = browser.post("/till/office/setup/practice", data=form, headers=ORIGIN)
    assert answer.status_code == 409
    assert office.called("TakePayment") == []


def test_saving_contracts_keeps_the_terminals(browser: FlaskClient, office: FakeServices) -> None:
    at_terminal = payments_pb.TenderSetting(
        tender=payments_pb.TENDER_CARD, gateway="square", terminal="DEVICE-7"
    )
    own = shop()
    own.tenders.append(at_terminal)
    office.answers["ListShops"] = lambda _: payments_pb.ListShopsResponse(shops=[own, shop("b")])
    form = {"form_token": token(browser), "request_id": "r1", "shop": "shop-a", "1:square": "2"}
    for hostile in ("²", "9" * 5000, "active", ""):
        bad = {**form, "1:other_device": hostile}
        answer = browser.post("/till/office/setup/contracts", data=bad, headers=ORIGIN)
        assert answer.status_code == 422
    assert office.called("SetUpShop") == []
    off = {f"{way.tender}:{way.gateway}": "unset" for way in own.tenders[:-1]}
    browser.post("/till/office/setup/contracts", data={**form, **off}, headers=ORIGIN)
    [kept] = office.called("SetUpShop")[-1].shop.tenders
    assert (kept.gateway, kept.terminal, kept.contract) == ("square", "DEVICE-7", 2)
    # A form that was cut off on its way ends no way to pay.
    browser.post("/till/office/setup/contracts", data=form, headers=ORIGIN)
    assert {way.gateway for way in office.called("SetUpShop")[-1].shop.tenders} == {
        way.gateway for way in own.tenders
    }


@pytest.mark.parametrize("path", ["", "/shops", "/registers", "/journals"])
def test_a_shop_owner_without_a_shop_is_told_who_chooses_it_and_where(
    browser: FlaskClient, office: FakeServices, path: str
) -> None:
    office.user.ClearField("roles")
    office.user.roles.append(directory_pb.ROLE_SHOP_OWNER)
    office.answers |= {
        "ListShops": lambda _: payments_pb.ListShopsResponse(),
        "ListNoticeAddresses": lambda _: register_pb.ListNoticeAddressesResponse(),
        "ListRegisterImports": lambda _: register_pb.ListRegisterImportsResponse(),
    }
    page = browser.get(f"/till/office{path}", headers={"Accept-Language": "en"}).text
    assert "belongs to no shop yet" in page
    assert "Operation, Logins" in page
    assert 'name="url"' not in page
    assert 'name="file"' not in page
