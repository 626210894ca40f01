"""From a made code to a picture, through a scanner, to a reader of another make."""

import io
import xml.etree.ElementTree as ET

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from services.payments.domain.emvqr.make import Draft, make_merchant
from services.payments.domain.emvqr.merchant import parse_merchant
from services.payments.gateways import code_picture
from tests.unit.payments.emvqr.other_decoder import decode
from tests.unit.payments.emvqr.samples import ADMISSION, STICKER

LONGEST = Draft(
    accounts={f"{id_}": {"00": "com.example", "01": "x" * 70} for id_ in range(26, 30)},
    mcc="7991", name="CAVE GATE", city="MINE", local_language="JA", local_name="秋" * 25,
)  # fmt: skip


def scanned(picture: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize("draft", [STICKER, ADMISSION, LONGEST])
@pytest.mark.parametrize("sample", [True, False])
def test_a_scanner_reads_what_was_made(draft: Draft, *, sample: bool) -> None:
    payload = make_merchant(draft)
    picture = Image.open(io.BytesIO(code_picture.png(payload, sample=sample, module_px=4)))
    (text,) = scanned(picture)
    assert text == payload
    assert decode(text) == [(each.id, each.value) for each in parse_merchant(payload).root]


@pytest.mark.parametrize("sample", [True, False])
def test_the_drawing_shows_the_same_modules(*, sample: bool) -> None:
    payload = make_merchant(STICKER)
    root = ET.fromstring(code_picture.svg(payload, title="<秋芳> & Co", sample=sample))  # noqa: S314 - our own drawing
    space = "{http://www.w3.org/2000/svg}"
    title = root.findtext(f"{space}title") or ""
    assert title == ("<秋芳> & Co (見本 SAMPLE)" if sample else "<秋芳> & Co")
    width, height = (int(each) for each in root.attrib["viewBox"].split()[2:])
    dark, *words = root.findall(f"{space}path")
    assert len(words) == sample
    picture = Image.new("L", (width * 4, height * 4), 255)
    pen = ImageDraw.Draw(picture)
    for part in dark.attrib["d"].split("M")[1:]:
        x, y = (int(each) for each in part.partition("h")[0].split())
        pen.rectangle((x * 4, y * 4, x * 4 + 3, y * 4 + 3), fill=0)
    assert scanned(picture) == [payload]


def test_a_sample_says_so_in_color_outside_of_the_code() -> None:
    payload = make_merchant(STICKER)
    plain = Image.open(io.BytesIO(code_picture.png(payload, sample=False, module_px=4)))
    marked = Image.open(io.BytesIO(code_picture.png(payload, sample=True, module_px=4)))
    band = (marked.height - plain.height) // 2
    assert marked.crop((0, band, marked.width, marked.height - band)).tobytes() == plain.tobytes()
    for box in ((0, 0, marked.width, band), (0, marked.height - band, *marked.size)):
        colors = marked.crop(box).getcolors() or []
        assert sum(count for count, color in colors if color != (255, 255, 255)) > 300


def test_four_white_modules_surround_the_code() -> None:
    modules = code_picture.matrix(make_merchant(STICKER))
    side = len(modules)
    dark = [(x, y) for y, row in enumerate(modules) for x, each in enumerate(row) if each]
    assert {min(x for x, _ in dark), min(y for _, y in dark)} == {4}
    assert {max(x for x, _ in dark), max(y for _, y in dark)} == {side - 5}
