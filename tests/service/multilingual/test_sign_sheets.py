"""The printed sheets, looked at as a phone does: rendered in grey at 150 dpi and decoded."""

import io
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pypdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from services.multilingual.domain import stop_code as codes
from services.multilingual.domain.sign import LOCALES, Front, Print, Sheet
from services.multilingual.gateways import qr_label, sign_sheets

DPI = 150
NAMES = {
    "ja": "龍ヶ淵 髙﨑", "en": "Dragon Pool", "zh-Hant": "龍淵", "zh-Hans": "龙渊", "ko": "용의 못",
}  # fmt: skip
LONG = dict.fromkeys(LOCALES, "とても長い名前の石灰華の滝と百枚皿のあいだにある淵の前の広場")
HOSTS = ("GUIDE.EXAMPLE.JP", "A.JP", "GUIDE.AKIYOSHIDO-KANKO.EXAMPLE.JP", "C.JP:8443")
DAMAGED = 0.05  # of a code's area
SEEDS = range(40)


def sheet(at: int, names: dict[str, str], host: str, number: str) -> Sheet:
    code = codes.make("signs", f"cave/{at}", 0)
    front = Front(number, names, code, f"HTTPS://{host}/G/{code}")
    return Sheet("p1", code, 7, front, datetime(2026, 11, 28, tzinfo=UTC))


def printing(paper: str) -> Print:
    sheets = (
        sheet(0, NAMES, HOSTS[0], "12"), sheet(1, LONG, HOSTS[2], "128"),
        sheet(2, {"ja": "コウモリ"}, HOSTS[1], ""), sheet(3, NAMES, HOSTS[3], "3"),
    )  # fmt: skip
    return Print("p1", paper, date(2026, 11, 28), "ja", sheets)


@pytest.fixture(scope="module", params=["a4", "a5"])
def printed(request: pytest.FixtureRequest) -> tuple[Print, bytes]:
    made = printing(request.param)
    return made, sign_sheets.make(made)


def pages(pdf: bytes) -> Iterator[Image.Image]:
    document = pypdfium2.PdfDocument(pdf)
    for page in document:
        yield page.render(scale=DPI / 72, grayscale=True).to_pil()
    document.close()


def test_both_codes_of_every_sheet_are_read(printed: tuple[Print, bytes]) -> None:
    made, pdf = printed
    for page, each in zip(pages(pdf), made.sheets, strict=True):
        found = zxingcpp.read_barcodes(page)
        assert [one.text for one in found] == [each.front.url] * 2


def test_every_sheet_says_what_it_has_to(printed: tuple[Print, bytes]) -> None:
    made, pdf = printed
    read = pypdf.PdfReader(io.BytesIO(pdf))
    root: Any = read.trailer["/Root"]
    assert (root["/Lang"], bool(root["/MarkInfo"]["/Marked"])) == ("ja-JP", True)
    assert read.metadata is not None
    assert "2026-11-28" in (read.metadata.title or "")
    width_mm = {"a4": 210, "a5": 148}[made.paper]
    assert len(read.pages) == len(made.sheets)
    for page, each in zip(read.pages, made.sheets, strict=True):
        assert abs(float(page.mediabox.width) / 72 * 25.4 - width_mm) < 0.2
        said = page.extract_text().replace("\n", "")
        for name in each.front.names.values():
            assert name.replace(" ", "") in said.replace(" ", "")
        for part in (each.front.code, each.front.host, each.front.number, "Rev. 7", "No signal?"):
            assert part in said


def test_nothing_leaves_the_sheet_or_covers_another(printed: tuple[Print, bytes]) -> None:
    """The margin stays white but for nothing, and the codes keep their quiet zones."""
    made, pdf = printed
    for page, each in zip(pages(pdf), made.sheets, strict=True):
        mm = page.width / 210  # of an A4 sheet
        right = page.crop((round(page.width - 9 * mm), 0, page.width, page.height))
        assert is_white(right)
        bottom = page.crop((0, round(page.height - 5 * mm), page.width, page.height))
        assert is_white(bottom)
        for left, top, side, zone in places(page, each):
            quiet = zone - 3  # pixels: the next code begins exactly where a zone ends
            box = (left - quiet, top - quiet, left + side + quiet, top + side + quiet)
            ring = cut(page, box)
            inner = round(quiet - 2), round(quiet - 2), round(quiet + side + 2)
            ImageDraw.Draw(ring).rectangle((inner[0], inner[1], inner[2], inner[2]), fill=255)
            assert is_white(ring)


WORDS = {
    "ja": "石灰華の滝と百枚皿のあいだにある淵の前の広場を見おろす展望の場所、",
    "ko": "백 장의 접시 사이의 못 앞 광장과 전망대 ",
    "en": "The Hall of a Thousand Terraced Rice Fields Between the Waterfall and Mount Fuji ",
    "zh-Hant": "石灰華瀑布與百枚皿之間的深淵前廣場、",
    "zh-Hans": "石灰华瀑布与百枚皿之间的深渊前广场、",
}  # fmt: skip


def of_length(locale: str, length: int) -> str:
    return (WORDS[locale] * 10)[:length].strip()


@pytest.mark.parametrize("paper", ["a4", "a5"])
def test_names_of_any_length_stay_on_the_sheet_and_apart(paper: str) -> None:
    faces = [
        *({each: of_length(each, length) for each in LOCALES} for length in (40, 60, 80)),
        dict.fromkeys(LOCALES, "W" * 80), dict.fromkeys(LOCALES, "長" * 80),
        {"ja": of_length("ja", 80)}, {"ja": "淵", "en": of_length("en", 80)},
    ]  # fmt: skip
    sheets = tuple(
        sheet(at, names, host, number)
        for at, (names, host, number) in enumerate(
            (names, host, number) for names in faces
            for host, number in ((HOSTS[1], "128"), (HOSTS[2], ""), ("X" * 63 + ".JP", "7"))
        )
    )  # fmt: skip
    pdf = sign_sheets.make(Print("p1", paper, date(2026, 11, 28), "ja", sheets))
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == len(sheets)
    for at, page in enumerate(document):
        width, height = page.get_size()
        mm = width / 210
        boxes = lines(page)
        assert boxes
        for left, bottom, right, top in boxes:
            assert 8 * mm < left < right < width - 8 * mm, (at, left / mm, right / mm)
            assert 5 * mm < bottom < top < height - 8 * mm, (at, bottom / mm, top / mm)
        for number, one in enumerate(boxes):
            for other in boxes[number + 1 :]:
                assert overlap(one, other) < 0.12, (at, one, other)
        said = page.get_textpage().get_text_range().replace("\u200b", "")
        for name in sheets[at].front.names.values():
            assert plain(name) in plain(said), at
    document.close()


Box = tuple[float, float, float, float]


def lines(page: Any) -> list[Box]:
    """The boxes of lines of text, in points from the lower left corner."""
    text = page.get_textpage()
    return [text.get_rect(at) for at in range(text.count_rects())]


def overlap(one: Box, other: Box) -> float:
    """Which part of the smaller box lies in the other one."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return max(0, wide) * max(0, high) / smaller if smaller else 0


def plain(text: str) -> str:
    return "".join(text.split())


def cut(page: Image.Image, box: tuple[float, float, float, float]) -> Image.Image:
    left, top, right, bottom = map(round, box)
    return page.crop((left, top, right, bottom))


def is_white(part: Image.Image) -> bool:
    return min(part.tobytes()) > 200


def places(page: Image.Image, each: Sheet) -> list[tuple[float, float, float, float]]:
    """Returns left, top, side and quiet zone of both codes in pixels; the side is 100 mm of A4."""
    mm = page.width / 210
    modules = len(qr_label.matrix(each.front.url)) - 2 * qr_label.QUIET_ZONE
    quiet = sign_sheets.CODE_MM * 4 / modules
    tops = (48 + quiet, 48 + quiet + sign_sheets.CODE_MM + quiet)
    return [(quiet * mm, top * mm, sign_sheets.CODE_MM * mm, quiet * mm) for top in tops]


def damage(code: Image.Image, modules: int, chance: random.Random) -> Image.Image:
    """Covers a twentieth of a code's area with blots, light and dark; finder corners are spared."""
    hurt, side = code.copy(), code.width
    draw = ImageDraw.Draw(hurt)
    corner, covered = side * 8 / modules, 0.0
    while covered < DAMAGED * side * side:
        radius = side * chance.uniform(0.012, 0.045)
        x, y = chance.uniform(radius, side - radius), chance.uniform(radius, side - radius)
        near = [min(at, side - at) - radius < corner for at in (x, y)]
        in_last = x - radius > side / 2 and y - radius > side / 2  # the corner without a finder
        if all(near) and not in_last:
            continue
        box = (x - radius, y - radius, x + radius, y + radius)
        draw.ellipse(box, fill=chance.choice((0, 128, 255)))
        covered += 3.14 * radius * radius
    return hurt


def test_codes_with_a_twentieth_destroyed_are_still_read(printed: tuple[Print, bytes]) -> None:
    made, pdf = printed
    each, page = made.sheets[0], next(pages(pdf))
    left, top, side, quiet = places(page, each)[0]
    box = (left, top, left + side, top + side)
    code = cut(page, box)
    modules = len(qr_label.matrix(each.front.url)) - 2 * qr_label.QUIET_ZONE
    read = 0
    for seed in SEEDS:
        paper = Image.new("L", (round(side + 2 * quiet),) * 2, 255)
        paper.paste(damage(code, modules, random.Random(seed)), (round(quiet), round(quiet)))
        found = zxingcpp.read_barcode(paper)
        read += found is not None and found.text == each.front.url
    assert read >= 0.95 * len(SEEDS)


def on_trial(made: Print, base: str) -> Print:
    sheets = tuple(
        replace(each, front=replace(each.front, url=f"{base}/G/{each.front.code}"))
        for each in made.sheets
    )
    return replace(made, sheets=sheets)


@pytest.mark.parametrize("base", ["HTTP://192.168.1.5:8080", "HTTP://GUIDE.EXAMPLE.JP"])
def test_a_trial_says_so_on_every_sheet_and_its_codes_are_read(
    printed: tuple[Print, bytes], base: str
) -> None:
    made, plain_pdf = printed
    trial = on_trial(made, base)
    pdf = sign_sheets.make(trial)
    for page, each in zip(pages(pdf), trial.sheets, strict=True):
        assert [one.text for one in zxingcpp.read_barcodes(page)] == [each.front.url] * 2
        for at in ((2, 2), (page.width - 3, 2), (2, page.height - 3), (2, page.height // 2)):
            assert page.getpixel(at) == 0  # the frame reaches all edges
        inside = page.crop(
            (page.width // 10, page.height // 10, page.width * 9 // 10, page.height * 9 // 10)
        )
        assert len(zxingcpp.read_barcodes(inside)) == 2
    told = pypdf.PdfReader(io.BytesIO(pdf))
    assert len(told.pages) == len(made.sheets)
    for one in told.pages:
        said = one.extract_text().replace("\n", "")
        # Above, and in a corner of each code, for whoever cuts the frame off.
        assert (said.count("試し刷り"), said.count("Trial print")) == (3, 3)
        for locale in LOCALES:
            assert plain(sign_sheets.TRIAL[locale][1]) in plain(said)
    for one in pypdf.PdfReader(io.BytesIO(plain_pdf)).pages:
        assert "試し刷り" not in one.extract_text()


def test_the_same_printing_gives_the_same_bytes() -> None:
    assert sign_sheets.make(printing("a5")) == sign_sheets.make(printing("a5"))


def test_what_people_wrote_is_no_markup() -> None:
    hostile = '#panic() $x$ *b* \\ "quote" 🦇'
    made = Print("p", "a4", date(2026, 1, 2), "ja", (sheet(9, {"ja": hostile}, HOSTS[0], "1"),))
    text = pypdf.PdfReader(io.BytesIO(sign_sheets.make(made))).pages[0].extract_text()
    assert "#panic()" in text
