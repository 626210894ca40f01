"""A register's sales file at the office: what is read, guessed and written as a mapping; which step
asks payments for what."""

import html
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1 import register_service_pb2 as pb
from services.edge.office import journal_words, sheets
from services.edge.office.forms import Unreadable
from services.payments.domain.provider_file import read_file, read_mapping
from tests.forms import sent
from tests.pages.edge.fakes import SESSION, FakeServices
from tests.pages.edge.test_office import ORIGIN, shop

HOME = "/till/office/journals"
TEXT = (
    "伝票番号,日時,金額,区分,支払,元伝票\r\n"
    "1,2026/11/27 10:00,1300,売上,現金,\r\n2,2026/11/27 11:00,300,返品,現金,1\r\n"
    '3,2026/11/27 12:00,"2,500",売上,PayPay,\r\n4,2026/11/27 13:00,100,売上,商品券,\r\n'
)
FILE = TEXT.encode("cp932")
REPORT = pb.TakeRegisterJournalResponse(
    read_count=4, loaded_count=2, known_count=1, known_rows=[3], sold_yen=3800,
    rejected=[pb.JournalRemark(row=5, field="tender", reason="unknown_tender", text="x")],
    warnings=[pb.JournalRemark(row=4, reason="old")],
)  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp932"])
def test_a_file_is_read_and_what_it_means_is_guessed(encoding: str) -> None:
    sheet = sheets.read_sheet(TEXT.encode(encoding))
    choice = sheets.guess(sheet)
    assert choice.columns == {
        "number": "伝票番号", "time": "日時", "amount": "金額", "status": "区分", "tender": "支払",
        "reference": "元伝票",
    }  # fmt: skip
    assert choice.status == {"売上": "sale", "返品": "refund"}
    assert choice.tenders == {"現金": "cash_record", "PayPay": "code_payment", "商品券": ""}


def test_what_was_chosen_is_what_payments_reads() -> None:
    """Through the reader of payments itself: each row as it was meant, one refused in words."""
    sheet = sheets.read_sheet(FILE)
    mapping = sheets.to_toml(sheet, sheets.guess(sheet), "till-1")
    found = read_file(FILE, read_mapping(mapping), "shop-a")
    lines = [(each.number, each.amount_yen, each.is_refund, each.tender) for each in found.lines]
    assert lines == [
        ("1", 1300, False, "cash_record"), ("2", 300, True, "cash_record"),
        ("3", 2500, False, "code_payment"),
    ]  # fmt: skip
    assert [(each.row, each.reason) for each in found.rejected] == [(5, "unknown_tender")]
    assert sheets.from_toml(mapping) == sheets.Choice(
        columns=sheets.guess(sheet).columns, status={"売上": "sale", "返品": "refund"},
        tenders={"現金": "cash_record", "PayPay": "code_payment"},
    )  # fmt: skip


_WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).map(str.strip)


@given(st.lists(_WORDS.filter(bool), min_size=3, max_size=6, unique=True), _WORDS.filter(bool))
def test_any_heading_and_word_survives_the_mapping(headings: list[str], word: str) -> None:
    choice = sheets.Choice(
        columns=dict(zip(("number", "time", "amount", "status"), headings, strict=False)),
        tender="card", status={word: "sale"} if len(headings) > 3 else {},
    )  # fmt: skip
    sheet = sheets.Sheet("utf-8", tuple(headings), ())
    text = sheets.to_toml(sheet, choice, "till-1")
    read = read_mapping(text)
    assert {name: each[0] for name, each in read.columns.items()} == choice.columns
    assert (read.tender, read.sale) == ("card", frozenset(choice.status))
    assert sheets.from_toml(text) == choice


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        ("番号,日時,金額\n".encode(), "empty"),
        (b"\x81\n1", "encoding"),
        (b'a,b,c\n"' + b"x" * 140_000, "table"),
        (b"a,b\n1,2\n", "headings"),
        (b"a,b,b\n1,2,3\n", "headings"),
        (b"a,b,c\n" + b"1,2,3\n" * 5_001, "long"),
    ],
)
def test_what_is_no_sales_file_is_refused_in_words(content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        sheets.read_sheet(content)
    assert caught.value.reason == reason
    assert reason in journal_words.UNREADABLE


def test_a_column_of_amounts_is_no_column_of_words() -> None:
    rows = "\n".join(f"{number},x,y" for number in range(sheets.MAX_WORDS + 1))
    sheet = sheets.read_sheet(f"a,b,c\n{rows}".encode())
    assert sheet.words("b") == ["x"]
    with pytest.raises(Unreadable):
        sheet.words("a")


@given(st.binary(max_size=500))
def test_a_file_travels_whole(content: bytes) -> None:
    assert sheets.unpack(sheets.pack(content)) == content


def test_what_was_not_packed_here_is_refused() -> None:
    """A tiny text that would fill the memory among it."""
    bomb = sheets.pack(b"0" * (sheets.MAX_BYTES + 1))
    for text in ("", "no base64 §", "AAAA", sheets.pack(FILE)[:-8], bomb):
        with pytest.raises(Unreadable) as caught:
            sheets.unpack(text)
        assert caught.value.reason == "lost"


def test_every_row_of_the_file_is_in_the_report_and_those_that_need_somebody_first() -> None:
    sheet = sheets.read_sheet(FILE)
    rows = journal_words.rows(sheet, sheets.guess(sheet), REPORT)
    assert [(each.number, each.outcome) for each in rows] == [
        (5, "rejected"), (4, "doubt"), (2, "taken"), (3, "known"),
    ]  # fmt: skip
    assert rows[0].cells["tender"] == "商品券"


@pytest.fixture
def office(services: FakeServices, browser: FlaskClient) -> FakeServices:
    """The services, no file taken yet, and an admin signed in."""
    services.answers |= {
        "ListShops": lambda _: payments_pb.ListShopsResponse(shops=[shop(), shop("shop-b")]),
        "ListRegisterImports": lambda _: pb.ListRegisterImportsResponse(),
        "TakeRegisterJournal": lambda _: REPORT,
        "UndoRegisterImport": lambda request: pb.UndoRegisterImportResponse(
            undone_count=2, dry_run=request.dry_run,
            kept=[pb.KeptLine(journal_number="7", reason="closed")],
        ),
    }  # fmt: skip
    browser.set_cookie("meguri_session", SESSION)
    return services


Send = Callable[..., TestResponse]


@pytest.fixture
def send(browser: FlaskClient, office: FakeServices) -> Send:
    """Sends a form of the page as a browser does."""

    def post(path: str = "", **fields: Any) -> TestResponse:
        found = re.search(r'name="form_token" value="(\w+)"', browser.get(HOME).text)
        assert found
        form = {"form_token": found[1], "shop": "shop-a", "register": "till-1", **fields}
        return browser.post(f"{HOME}{path}", headers=ORIGIN, **sent(form))

    return post


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the page's form."""

    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found if name != "form_token"}


def test_nothing_reaches_payments_before_it_is_tried_and_nothing_is_taken_before_it_is_said(
    office: FakeServices, send: Send
) -> None:
    page = send(step="columns", file=(BytesIO(FILE), "レジ.csv")).text
    assert 'value="伝票番号" selected' in page
    assert "2026/11/27 10:00" in page
    guessed = sheets.guess(sheets.read_sheet(FILE)).columns
    columns = {f"column_{name}": heading for name, heading in guessed.items()}
    page = send(step="words", **(hidden(page) | columns)).text
    assert re.findall(r'name="(status_\d|tender_\d)"', page) == [
        "status_0", "status_1", "tender_0", "tender_1", "tender_2",
    ]  # fmt: skip
    assert office.called("TakeRegisterJournal") == []
    page = send(step="try", **(hidden(page) | {"status_0": "sale", "tender_2": "card"})).text
    (call,) = office.called("TakeRegisterJournal")
    assert (call.dry_run, call.content, call.file_name, call.register) == (
        True, FILE, "レジ.csv", "till-1",
    )  # fmt: skip
    assert '"商品券" = "card"' in call.mapping
    send(step="take", **hidden(page))
    taken = office.called("TakeRegisterJournal")[-1]
    assert (taken.dry_run, taken.mapping, taken.content) == (False, call.mapping, FILE)
    assert taken.request_id == hidden(page)["request_id"] != call.request_id


def test_the_columns_of_the_register_s_last_file_are_offered(
    office: FakeServices, send: Send
) -> None:
    choice = sheets.Choice(columns={"number": "元伝票", "time": "日時", "amount": "金額"},
                           tender="card")  # fmt: skip
    mapping = sheets.to_toml(sheets.read_sheet(FILE), choice, "till-1")
    office.answers["ListRegisterImports"] = lambda _: pb.ListRegisterImportsResponse(
        imports=[pb.RegisterImport(register="till-1", mapping=mapping)]
    )
    page = send(step="columns", file=(BytesIO(FILE), "a.csv")).text
    assert 'value="元伝票" selected' in page
    other = send(step="columns", register="till-2", file=(BytesIO(FILE), "a.csv")).text
    assert 'value="伝票番号" selected' in other
    changed = FILE.replace("元伝票".encode("cp932"), b"x")  # its headings are other ones now
    assert (
        'value="伝票番号" selected' in send(step="columns", file=(BytesIO(changed), "a.csv")).text
    )


def test_a_file_that_is_too_large_leaves_the_page_and_what_was_typed(
    office: FakeServices, send: Send
) -> None:
    answer = send(step="columns", register="till-9", file=(BytesIO(bytes(1_200_000)), "レジ.csv"))
    assert answer.status_code == 413
    assert "ファイルは1.2 MBです。1 MBまで受け付けます" in answer.text
    assert 'value="till-9"' in answer.text
    assert not office.called("TakeRegisterJournal")


def test_words_that_were_explained_before_need_no_second_explanation(send: Send) -> None:
    choice = sheets.guess(sheets.read_sheet(FILE))
    choice.tenders["商品券"] = "card"
    mapping = sheets.to_toml(sheets.read_sheet(FILE), choice, "till-1")
    columns = {f"column_{name}": heading for name, heading in choice.columns.items()}
    page = send(step="words", kept=sheets.pack(FILE), mapping=mapping, **columns).text
    last = page[page.index('name="tender_2"') :]
    assert last.index('value="card" selected') < last.index("</select>")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "ファイルをもう一度選んで"),
        ({"kept": "AAAA"}, "ファイルをもう一度選んで"),
        ({"kept": sheets.pack(FILE), "shop": ""}, "店舗を選んで"),
        ({"kept": sheets.pack(FILE), "step": "words"}, "列を選んで"),
        ({"kept": sheets.pack(FILE), "step": "take"}, "列を選んで"),
    ],
)
def test_a_form_that_lacks_something_says_what(
    office: FakeServices, send: Send, fields: dict[str, str], said: str
) -> None:
    answer = send(**fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert office.called("TakeRegisterJournal") == []


def test_an_undo_is_looked_at_before_it_is_done(
    browser: FlaskClient, office: FakeServices, send: Send
) -> None:
    office.answers["ListRegisterImports"] = lambda _: pb.ListRegisterImportsResponse(
        imports=[pb.RegisterImport(import_id="i1", shop_place_id="shop-a", loaded_count=3)]
    )
    page = browser.get(f"{HOME}/i1/undo", headers={"Accept-Language": "ja"}).text
    assert "2 件を取り消す" in page
    assert "日締めに入っています" in page
    answer = send("/i1/undo", request_id="r-12345678")
    assert answer.headers["Location"] == f"{HOME}?undone=2"
    calls = office.called("UndoRegisterImport")
    assert [(each.dry_run, each.import_id) for each in calls] == [(True, "i1"), (False, "i1")]
    assert calls[1].request_id == "r-12345678"
    assert browser.get(f"{HOME}/i2/undo").status_code == 404


def test_an_accountant_sees_the_files_and_sends_none(
    browser: FlaskClient, office: FakeServices
) -> None:
    office.user.ClearField("roles")
    office.user.roles.append(directory_pb.ROLE_ACCOUNTANT)
    page = browser.get(HOME).text
    assert 'name="file"' not in page
