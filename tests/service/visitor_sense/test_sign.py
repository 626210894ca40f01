"""The sign for places where devices are counted: one page, all that has to be said, in five
languages, and a code that leads to the page."""

import io

import grpc
import pypdf
import pypdfium2
import pytest
import zxingcpp

from kit.auth import Role
from kit.client import problem_of
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense.gateways import sign
from tests.service.visitor_sense.conftest import Sense

PAGE = "https://guide.mine.example.jp/privacy/sensing"


def plain(text: str) -> str:
    """A text without what setting adds to it."""
    return "".join(text.split()).replace("\u200b", "")


async def test_the_sign_says_it_in_five_languages_on_one_page() -> None:
    pdf = await sign.make(PAGE, "0837-62-0304", "美祢市・秋吉台")
    found = pypdf.PdfReader(io.BytesIO(pdf))
    (page,) = found.pages
    assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
    text = plain(page.extract_text())
    for locale in sign.LOCALES:
        assert plain(sign.HEADINGS[locale]) in text
        assert plain(sign.WAY_OUT[locale]) in text
        for sentence in sign.WHAT[locale]:
            assert plain(sentence) in text, locale
    for said in ("0837-62-0304", "美祢市・秋吉台", "guide.mine.example.jp/privacy/sensing"):
        assert said in text
    assert str(found.root_object["/Lang"]) == "ja-JP"
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil()
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == [PAGE]


async def test_without_an_address_there_is_no_code_and_the_same_words_are_the_same_bytes() -> None:
    pdf = await sign.make("", "", '#set page(paper: "a0")')
    assert await sign.make("", "", '#set page(paper: "a0")') == pdf
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil()
    assert zxingcpp.read_barcodes(picture) == []
    text = pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert plain('#set page(paper: "a0")') in plain(text)  # set as text, read as nothing


async def test_the_service_gives_it_to_everybody(sense: Sense) -> None:
    ask = sense.stub(Role.VISITOR).PrintSign
    found = await ask(wire.PrintSignRequest(page_url=PAGE, area_name="美祢市"), timeout=20)
    assert found.pdf.startswith(b"%PDF")
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await ask(wire.PrintSignRequest(phone="9" * 41), timeout=20)
    assert problem_of(refusal.value).reason == "INVALID_FIELDS"
