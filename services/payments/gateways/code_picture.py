"""Draws a merchant's payment code to print or to show. Level M, as EMVCo recommends, and the quiet
zone of 4 that ISO/IEC 18004 demands; a sample says so above and below, outside of the code."""

import io
from html import escape

import qrcode
from PIL import Image, ImageDraw

QUIET_ZONE = 4
MAX_MODULE_PX = 40
_BAND = 9  # modules: the height of the words of a sample
_STROKE = 0.9

Matrix = list[list[bool]]
Line = tuple[tuple[float, float], ...]
# Drawn by hand on a square of 8, so that no font has to be there.
_GLYPHS: dict[str, tuple[Line, ...]] = {
    "見": (
        ((2, 0.5), (6, 0.5), (6, 5), (2, 5), (2, 0.5)), ((2, 2), (6, 2)), ((2, 3.5), (6, 3.5)),
        ((3.2, 5), (2.8, 6.6), (1, 7.6)), ((4.8, 5), (4.8, 7.4), (7.4, 7.4), (7.4, 6.4)),
    ),
    "本": (
        ((0.6, 2), (7.4, 2)), ((4, 0.3), (4, 7.7)), ((4, 2), (2.6, 4.4), (0.6, 6)),
        ((4, 2), (5.4, 4.4), (7.4, 6)), ((2.6, 6), (5.4, 6)),
    ),
    "S": (((6, 1.8), (5, 1), (3, 1), (2, 2), (2, 3), (6, 5), (6, 6), (5, 7), (3, 7), (2, 6.2)),),
    "A": (((1.5, 7), (4, 1), (6.5, 7)), ((2.6, 4.8), (5.4, 4.8))),
    "M": (((1.5, 7), (1.5, 1), (4, 5), (6.5, 1), (6.5, 7)),),
    "P": (((2, 7), (2, 1), (5.2, 1), (6, 1.8), (6, 3.2), (5.2, 4), (2, 4)),),
    "L": (((2, 1), (2, 7), (6, 7)),),
    "E": (((6, 1), (2, 1), (2, 7), (6, 7)), ((2, 4), (5.4, 4))),
}  # fmt: skip
_WORDS = "見本 SAMPLE"


def matrix(payload: str) -> Matrix:
    """Returns the modules, quiet zone included; True is dark."""
    code = qrcode.QRCode(
        error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET_ZONE, box_size=1
    )
    code.add_data(payload.encode(), optimize=0)  # one segment of bytes: all readers know UTF-8
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def svg(payload: str, *, title: str, sample: bool) -> bytes:
    """Returns a drawing, one unit to a module. title: for those who cannot see it."""
    modules = matrix(payload)
    side, band = len(modules), _BAND if sample else 0
    dark = "".join(
        f"M{x} {y + band}h1v1h-1z"
        for y, row in enumerate(modules)
        for x, is_dark in enumerate(row)
        if is_dark
    )
    strokes = "".join(_path(line) for line in _words(side)) if sample else ""
    words = f"{title} ({_WORDS})" if sample else title
    drawn = (
        f'<path d="{strokes}" fill="none" stroke="#b3001b" stroke-width="{_STROKE}"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
        if sample
        else ""
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side + 2 * band}"'
        f' role="img" aria-label="{escape(words)}"><title>{escape(words)}</title>'
        f'<rect width="{side}" height="{side + 2 * band}" fill="#fff"/>'
        f'<path d="{dark}" fill="#000" shape-rendering="crispEdges"/>{drawn}</svg>\n'
    ).encode()


def png(payload: str, *, sample: bool, module_px: int = 12) -> bytes:
    """Returns a picture. module_px: 1 to 40 pixels to a module."""
    modules = matrix(payload)
    scale = max(1, min(module_px, MAX_MODULE_PX))
    side, band = len(modules), _BAND if sample else 0
    code = Image.new("L", (side, side), 255)
    code.putdata([0 if dark else 255 for row in modules for dark in row])
    picture = Image.new("RGB", (side * scale, (side + 2 * band) * scale), "white")
    grown = code.resize((side * scale, side * scale), Image.Resampling.NEAREST)
    picture.paste(grown, (0, band * scale))
    if sample:
        pen = ImageDraw.Draw(picture)
        for line in _words(side):
            points = [(x * scale, y * scale) for x, y in line]
            pen.line(points, fill="#b3001b", width=max(1, round(_STROKE * scale)), joint="curve")
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def _words(side: int) -> list[Line]:
    """Returns the strokes of the words above and below a code of some modules."""
    size = min(7.0, (side - 2) / len(_WORDS))
    start = (side - size * len(_WORDS)) / 2
    lines: list[Line] = []
    for top in (1.0, side + _BAND + 1.0):
        for place, letter in enumerate(_WORDS):
            left = start + place * size
            lines += [
                tuple((left + x * size / 8, top + y * size / 8) for x, y in stroke)
                for stroke in _GLYPHS.get(letter, ())
            ]
    return lines


def _path(line: Line) -> str:
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in line)
