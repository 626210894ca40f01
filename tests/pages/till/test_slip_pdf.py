"""The PDF of a receipt, read back: the page's words and figures, and those of decimals."""

import io
import logging
import re
from collections.abc import Iterator
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import pypdf
import pytest
from flask import Flask, g
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.languages import LOCALES as SPOKEN
from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.errors import Problem
from services.edge.till import named, slip, slip_pdf
from services.edge.till.sale import Cash
from services.payments.domain.receipt import Item, rate_totals
from services.payments.domain.shop import Rounding
from tests.examples import share
from tests.pages.edge.fakes import LOCALES

SHOP = pb.Shop(
    shop_place_id="shop-a", address="山口県美祢市秋芳町秋吉3449-1", phone="0837-62-0000",
    names={"ja": "安富屋 髙﨑店", "en": "Yasutomiya", "ko": "야스토미야", "zh-Hans": "安富屋店"},
    registration_number="T7000012050002",
)  # fmt: skip
ITEMS = st.lists(
    st.builds(
        pb.Item,
        name=st.sampled_from(["夏みかん丸漬", "大理石 ぐい呑", "お買上げ", "#panic() *b* $x$"]),
        quantity=st.integers(1, 20),
        unit_amount_yen=st.integers(1, 50_000),
        tax_rate_percent=st.sampled_from([0, 8, 10]),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


def receipt(items: list[pb.Item], **changes: object) -> pb.Receipt:
    """A receipt as payments computes it."""
    lines = [
        Item(name=i.name, quantity=i.quantity, unit_amount_yen=i.unit_amount_yen,
             tax_rate_percent=i.tax_rate_percent)
        for i in items
    ]  # fmt: skip
    total_yen = sum(line.amount_yen for line in lines)
    made = pb.Receipt(
        payment_id="p-1", receipt_number="20261128-7K2M9QXA", shop=SHOP, items=items,
        total_yen=total_yen, tender=pb.TENDER_CASH_RECORD, business_date="2026-11-28",
        qualified=True,
        rate_totals=[
            pb.RateTotal(
                tax_rate_percent=t.tax_rate_percent, amount_yen=t.amount_yen, tax_yen=t.tax_yen
            )
            for t in rate_totals(lines, total_yen, 10, Rounding.DOWN)
        ],
    )  # fmt: skip
    made.MergeFrom(pb.Receipt(**changes))  # type: ignore[arg-type] # fields of the message
    return made


GOODS = [
    pb.Item(name="夏みかん丸漬", quantity=3, unit_amount_yen=1_300, tax_rate_percent=8),
    pb.Item(name="大理石", quantity=1, unit_amount_yen=10_800, tax_rate_percent=10),
]


class Speaking:
    """Sets receipts in one language, as a page of that language would."""

    def __init__(self, app: Flask, locale: str) -> None:
        self._app, self.locale = app, locale

    def slip(self, found: pb.Receipt, **more: object) -> slip.Slip:
        headers = {"Accept-Language": self.locale, "Host": "guide.example.jp"}
        with self._app.test_request_context("/receipt/x", headers=headers):
            self._app.preprocess_request()
            return slip.of_receipt(found, **more)  # type: ignore[arg-type]

    def pdf(self, found: pb.Receipt, **more: object) -> pypdf.PdfReader:
        made = slip_pdf.make(self.slip(found, **more), self.locale)
        return pypdf.PdfReader(io.BytesIO(made), strict=True)


@pytest.fixture(params=LOCALES)
def speaking(request: pytest.FixtureRequest, app: Flask) -> Speaking:
    return Speaking(app, request.param)


@pytest.fixture
def japanese(app: Flask) -> Speaking:
    return Speaking(app, "ja")


def words(document: pypdf.PdfReader) -> str:
    (page,) = document.pages
    return page.extract_text()


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_it_says_every_word_and_figure_of_the_page(speaking: Speaking) -> None:
    found = receipt(GOODS, practice=True, refunded_yen=300)
    cash = Cash(tendered_yen=20_000, change_yen=5_300)
    said = bare(words(speaking.pdf(found, cash=cash)))

    def texts(part: object) -> Iterator[str]:
        if isinstance(part, dict):
            for each in part.values():
                yield from texts(each)
        elif isinstance(part, list):
            for each in part:
                yield from texts(each)
        elif isinstance(part, str):
            yield part

    expected = [text for text in texts(speaking.slip(found, cash=cash).as_plain()) if text]
    assert len(expected) > 30
    for text in expected:
        assert bare(text) in said, text
    for figure in ("¥14,700", "¥981", "¥288", "¥20,000", "¥5,300", "-¥300", "T7000012050002"):
        assert figure in said


@given(items=ITEMS)
@share(30)
def test_its_figures_are_those_of_decimals(made_once: Flask, items: list[pb.Item]) -> None:
    from tests.pages.edge.fakes import FakeServices, with_parts  # noqa: PLC0415 - as the fixture

    found = receipt(items)
    said = words(Speaking(with_parts(made_once, FakeServices()), "ja").pdf(found))
    amounts = [int(text.replace(",", "")) for text in re.findall(r"¥([0-9,]+)(?! ×)\b", said)]
    total = sum(Decimal(i.quantity) * i.unit_amount_yen for i in items)
    assert int(total) in amounts
    for rate in {i.tax_rate_percent for i in items}:
        lines = [i for i in items if i.tax_rate_percent == rate]
        of_rate = sum((Decimal(i.quantity) * i.unit_amount_yen for i in lines), Decimal())
        tax = (of_rate * rate / (100 + rate)).quantize(Decimal(1), rounding=ROUND_FLOOR)
        label = f"{rate}%対象" if rate else "対象外"
        after = bare(said).partition(label)[2]
        assert after.startswith(f"¥{int(of_rate):,}")
        if rate:
            assert after.removeprefix(f"¥{int(of_rate):,}").startswith(f"内消費税¥{int(tax):,}")


def test_readers_are_told_title_language_and_structure(speaking: Speaking) -> None:
    document = speaking.pdf(receipt(GOODS))
    root: Any = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].partition("-")[0] == speaking.locale.partition("-")[0]
    assert "20261128-7K2M9QXA" in (document.metadata.title or "")  # type: ignore[union-attr]
    kinds = set()

    def walk(element: object) -> None:
        found = element.get_object() if hasattr(element, "get_object") else element
        if isinstance(found, dict):
            kinds.add(found.get("/S"))
            walk(found.get("/K"))
        elif isinstance(found, list):
            for each in found:
                walk(each)

    walk(root["/StructTreeRoot"]["/K"])
    assert {"/Document", "/H1", "/Table", "/TR", "/TD", "/P"} <= kinds
    assert "pdfuaid" in root["/Metadata"].get_data().decode()


def test_all_glyphs_come_with_it_and_no_others(speaking: Speaking) -> None:
    found = speaking.slip(receipt(GOODS))
    made = slip_pdf.make(found, speaking.locale)
    assert len(made) < 80_000  # of a collection of 19 MB
    page: Any = pypdf.PdfReader(io.BytesIO(made)).pages[0]
    fonts = page["/Resources"]["/Font"]
    assert fonts
    for font in fonts.values():
        inside = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert "/FontFile3" in inside
        assert re.match(r"/[A-Z]{6}\+NotoSansCJK", inside["/FontName"])


def test_a_named_one_has_its_words_and_the_width_of_its_paper(japanese: Speaking) -> None:
    typed = named.read("株式会社 𠮷田", "入洞料として", reissued=True, width="58")
    document = japanese.pdf(receipt(GOODS), named=typed)
    said = bare(words(document))
    for text in ("株式会社𠮷田様", "但し入洞料として", "上記正に領収いたしました", "再発行"):
        assert text in said
    assert round(float(document.pages[0].mediabox.width) / 72 * 25.4) == 58
    plain = japanese.pdf(receipt(GOODS))
    assert round(float(plain.pages[0].mediabox.width) / 72 * 25.4) == 80
    assert "再発行" not in words(plain)


def test_markup_is_text(japanese: Speaking) -> None:
    typed = named.read('#read("/etc/passwd") = *x* $y$', "`a` <b> \\ @c")
    said = words(japanese.pdf(receipt(GOODS), named=typed))
    assert '#read("/etc/passwd") = *x* $y$' in said
    assert "`a` <b> \\ @c" in said


def test_a_character_without_a_glyph_spoils_nothing_and_is_in_no_log(
    japanese: Speaking, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    typed = named.read("🍙屋", "x")
    assert "¥14,700" in words(japanese.pdf(receipt(GOODS), named=typed))
    told = caplog.text + "".join(capsys.readouterr())
    assert "without a glyph" in told
    assert "🍙" not in told


def test_a_canceled_one_says_so(speaking: Speaking) -> None:
    said = words(speaking.pdf(receipt(GOODS, voided=True)))
    assert ("取消" if speaking.locale == "ja" else "取消済み") in said
    assert "取消" not in words(speaking.pdf(receipt(GOODS)))


def test_without_a_registration_number_it_is_no_qualified_invoice(speaking: Speaking) -> None:
    found = receipt(GOODS)
    found.shop.registration_number, found.qualified = "", False
    said = words(speaking.pdf(found))
    for text in ("登録番号", "適格", "none", "Registration", "Qualified"):
        assert text not in said
    assert "領収書" in bare(said)


def test_who_waits_too_long_is_told_to_come_again(
    japanese: Speaking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slip_pdf, "WAIT_S", 0.01)
    found = japanese.slip(receipt(GOODS))
    with slip_pdf._turn, pytest.raises(Problem) as refused:
        slip_pdf.make(found, "ja")
    assert (refused.value.status, refused.value.reason) == (503, "service_unavailable")


def test_every_language_of_visitors_has_its_letters_and_another_is_set_in_english() -> None:
    assert {tag: slip_pdf.spoken(tag) for tag in SPOKEN} == {tag: tag for tag in SPOKEN}
    assert slip_pdf.spoken("ar") == "en"


def test_a_thai_one_is_thai_with_japanese_forms_beside_it(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    thai = Speaking(app, "th")
    with app.test_request_context("/receipt/x", headers={"Host": "guide.example.jp"}):
        app.preprocess_request()
        g.locale = "th"
        with force_locale("th"):
            found = slip.of_receipt(receipt(GOODS, practice=True))
    assert found.title.own == "ใบเสร็จรับเงิน"
    document = pypdf.PdfReader(io.BytesIO(slip_pdf.make(found, thai.locale)), strict=True)
    root: Any = document.trailer["/Root"]
    assert root["/Lang"] == "th-TH"
    assert "pdfuaid" in root["/Metadata"].get_data().decode()  # refused where a glyph is missing
    assert "without a glyph" not in caplog.text
    said = bare(words(document))
    for text in ("領収書", "夏みかん丸漬", "¥14,700", "¥981", "¥288", "T7000012050002"):
        assert text in said
    inside = {
        font["/DescendantFonts"][0].get_object()["/FontDescriptor"]["/FontName"].partition("+")[2]
        for font in document.pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    assert {name.partition("-")[0] for name in inside} == {"NotoSansThai", "NotoSansCJKjp"}
