"""Labels can be read, also when dirt covers a part."""

import io
import random

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from services.multilingual.gateways import qr_label

URL = "HTTPS://GUIDE.EXAMPLE.JP/G/K7Q2X"


def picture(module_px: int = 8) -> Image.Image:
    return Image.open(io.BytesIO(qr_label.png(qr_label.matrix(URL), module_px))).convert("L")


def test_it_says_the_address_and_has_its_quiet_zone() -> None:
    modules = qr_label.matrix(URL)
    assert len(modules) - 2 * qr_label.QUIET_ZONE == 29  # version 3: 35 letters at level H
    assert not any(modules[row][at] for row in range(4) for at in range(len(modules)))
    found = zxingcpp.read_barcode(picture())
    assert found is not None
    assert found.text == URL


@pytest.mark.parametrize("seed", range(8))
def test_it_survives_drops_beside_the_corners(seed: int) -> None:
    label, chance = picture(), random.Random(seed)
    draw, side = ImageDraw.Draw(label), label.width
    for _ in range(6):
        x, y = (chance.randint(int(side * 0.42), int(side * 0.8)) for _ in range(2))
        draw.ellipse((x, y, x + side // 22, y + side // 22), fill=chance.choice((0, 255)))
    found = zxingcpp.read_barcode(label)
    assert found is not None
    assert found.text == URL


def test_svg_and_png_show_the_same_modules() -> None:
    modules = qr_label.matrix(URL)
    drawing = qr_label.svg(modules, "K7Q2X").decode()
    path = drawing.split(' d="', 1)[1].split('"', 1)[0]
    dark = set()
    for run in path.split("M")[1:]:
        start, rest = run.split(" ", 1)
        row, length = rest.split("h", 1)[0], rest.split("h", 1)[1].split("v", 1)[0]
        dark |= {(int(row), int(start) + step) for step in range(int(length))}
    expected = {
        (row, at) for row, line in enumerate(modules) for at, is_dark in enumerate(line) if is_dark
    }
    assert dark == expected
    assert "K7Q2X" in drawing


def test_a_picture_has_a_bound() -> None:
    assert picture(10_000).width == 37 * qr_label.MAX_MODULE_PX
