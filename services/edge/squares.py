"""A QR code as the path of an SVG drawing, for pages that show or print one."""

from dataclasses import dataclass

import qrcode

QUIET_ZONE = 4  # modules of white around the code (ISO/IEC 18004)


@dataclass(frozen=True)
class Squares:
    """side: modules with the quiet zone. path: `d` of one SVG path, one unit a module."""

    side: int
    path: str


def squares(text: str) -> Squares:
    """Draws a text at level M; letters of the alphanumeric set take 5.5 bits each."""
    code = qrcode.QRCode(
        error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET_ZONE, box_size=1
    )
    code.add_data(text, optimize=0)
    code.make(fit=True)
    rows = code.get_matrix()
    runs: list[str] = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            width = 0
            while x + width < len(row) and row[x + width]:
                width += 1
            if width:
                runs.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width + 1
    return Squares(len(rows), "".join(runs))
