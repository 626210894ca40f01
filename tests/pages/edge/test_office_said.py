"""What payments says of a file or a field reaches everybody of the staff in their own language."""

import ast
import inspect
import io
from collections.abc import Iterator
from types import ModuleType

import grpc
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from meguri.payments.v1 import office_service_pb2 as pb
from services.edge.office import said
from services.payments.app.office import books, close, reconcile
from services.payments.domain import business_day, file_text, product, provider_file
from services.payments.domain import close as close_rules
from tests.forms import sent
from tests.pages.edge.fakes import Failure, FakeServices
from tests.pages.edge.test_office import ORIGIN, office

__all__ = ["office"]

# Whatever of these reaches somebody at a page of the office.
SPEAKING = (file_text, provider_file, product, books, reconcile, close_rules, close, business_day)
LOCALES = ("ja", "ko", "zh_Hans", "zh_Hant")


def written(node: ast.expr, value: str = "17") -> str:
    """Returns a text as the source writes it, with a value in each gap."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            value if isinstance(part, ast.FormattedValue) else str(part.value)
            for part in node.values
            if isinstance(part, ast.FormattedValue | ast.Constant)
        )
    return ""


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def sentences(module: ModuleType) -> Iterator[str]:
    """Yields what a module says: of whole files, of rows, and beside the names of fields."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and called(node) in (
            "FileUnreadable",
            "FileEncodingUnknown",
            "_Unreadable",
        ):
            yield written(node.args[-1])
        elif isinstance(node, ast.Tuple) and len(node.elts) == 2:  # (field, what is wrong)
            yield written(node.elts[1])
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "text":
            yield written(node.value)


# "{where} holds the whole number of a card" is of a column or of the row: both are tried below.
SAID = sorted(
    text
    for text in {text for module in SPEAKING for text in sentences(module)}
    if " " in text and not text.startswith("17 holds")
)


def test_the_sentences_were_found() -> None:
    assert len(SAID) >= 40
    for known in ("The file is empty.", "this code is given twice", "17 is no date"):
        assert known in SAID


@pytest.mark.parametrize("text", SAID)
def test_every_sentence_has_its_own_in_every_language(app: Flask, text: str) -> None:
    with app.test_request_context("/"):
        for locale in LOCALES:
            with force_locale(locale):
                own = said.known(text)
                assert own, f"said.py does not know {text!r}"
                assert not own.isascii(), f"{locale} has no words for {text!r}: {own}"
                assert "%(" not in own
                assert ("17" in own) == ("17" in text) or "TOML" in text or "no table" in text


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("The file has no column 決済番号 or 取引番号.", "決済番号 / 取引番号"),
        ("this is no TOML text: Expected '=' (at line 3, column 9)", "3 行目の 9 文字目"),
        ("nothing is no date", "日付がありません"),
        ("明日 is no date", "「明日」"),
        ("the row holds the whole number of a card; it was not kept", "この行"),
        ("column 4 holds the whole number of a card; it was not kept", "4 列目"),
    ],
)
def test_its_values_are_told(app: Flask, text: str, own: str) -> None:
    with app.test_request_context("/"), force_locale("ja"):
        assert own in said.known(text)


def test_what_is_not_known_is_english_for_nobody_else(app: Flask) -> None:
    with app.test_request_context("/"):
        with force_locale("en"):
            assert said.sentence("a new sentence of payments") == "a new sentence of payments"
        with force_locale("ja"):
            assert said.sentence("a new sentence of payments") == "これは使えません。"


def send(till: FlaskClient, **more: object) -> str:
    page = till.get("/till/office/reconcile", headers=ORIGIN).text
    token = page.split('name="form_token" value="')[1].split('"')[0]
    form = {"form_token": token, "request_id": "r-1", "form": "own", "mapping": "x", **more,
            "file": (io.BytesIO(b"a,b\n1,2\n"), "f.csv")}  # fmt: skip
    return till.post("/till/office/reconcile", data=form, headers=ORIGIN).text


def test_a_file_that_is_too_large_leaves_the_page_and_what_was_typed(
    browser: FlaskClient, office: FakeServices
) -> None:
    page = browser.get("/till/office/reconcile", headers=ORIGIN).text
    token = page.split('name="form_token" value="')[1].split('"')[0]
    form = {"form_token": token, "request_id": "r-1", "form": "own", "mapping": 'name = "銀行"',
            "file": (io.BytesIO(bytes(1_400_001)), "f.csv")}  # fmt: skip
    answer = browser.post("/till/office/reconcile", headers=ORIGIN, **sent(form))
    assert answer.status_code == 413
    assert "ファイルは1.5 MBです。1 MBまで受け付けます" in answer.text
    assert "name = &#34;銀行&#34;</textarea>" in answer.text
    assert '<option value="own" selected>' in answer.text
    assert not office.called("ReconcileFile")


def test_a_file_that_cannot_be_read_is_told_in_japanese(
    browser: FlaskClient, office: FakeServices
) -> None:
    def refuse(_: object) -> pb.ReconcileFileResponse:
        raise Failure(
            grpc.StatusCode.INVALID_ARGUMENT, "FILE_UNREADABLE", "The file has no column 取引日時."
        )

    office.answers["ReconcileFile"] = refuse
    page = send(browser)
    assert "「取引日時」の列がありません" in page
    assert "The file has" not in page

    def not_a_mapping(_: object) -> pb.ReconcileFileResponse:
        fields = (("mapping.columns", "name the column of time"), ("mapping.tender", "odd words"))
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS", fields=fields)

    office.answers["ReconcileFile"] = not_a_mapping
    page = send(browser)
    assert "「time」の列" in page
    assert "odd words" not in page
    assert "これは使えません。" in page


def test_rows_and_products_and_error_pages_too(browser: FlaskClient, office: FakeServices) -> None:
    shown = pb.Reconciliation(reconciliation_id="f-1", file_name="f.csv")
    shown.rejected.add(row=3, field="amount", reason="malformed", text="abc is no amount in yen")
    office.answers["ListReconciliations"] = lambda _: pb.ListReconciliationsResponse(
        reconciliations=[shown]
    )
    page = browser.get("/till/office/reconcile?file=f-1", headers=ORIGIN).text
    assert "「abc」は円の金額ではありません" in page
    assert "no amount" not in page
    wrong = browser.get("/till/office/settlement?month=2026-13", headers=ORIGIN)
    assert wrong.status_code == 400
    assert "月は YYYY-MM の形" in wrong.text
    assert "give a month" not in wrong.text


def test_a_wrong_product_is_named_by_number_and_column(app: Flask) -> None:
    fields = [("products[3].code", "this code is given twice"), ("products", "give at most 500")]
    with app.test_request_context("/"), force_locale("ja"):
        told = said.products(fields)
    assert "4 番目の商品" in told
    assert "コード" in told
    assert "500" in told
