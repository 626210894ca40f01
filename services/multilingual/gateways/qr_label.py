"""Draws QR codes. Level H and a quiet zone of 4: measured on dirty and torn labels (guide.md)."""

import io

import qrcode

QUIET_ZONE = 4  # modules; ISO/IEC 18004 demands as many
DEFAULT_MODULE_PX = 16
MAX_MODULE_PX = 40

Matrix = list[list[bool]]


def matrix(url: str) -> Matrix:
    """Returns the modules, quiet zone included; True is dark."""
    code = qrcode.QRCode(
        error_correction=qrcode.constants.ERROR_CORRECT_H, border=QUIET_ZONE, box_size=1
    )
    code.add_data(url, optimize=0)  # one segment: an upper-case address is alphanumeric as a whole
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def svg(modules: Matrix, title: str) -> bytes:
    """Returns a drawing, one unit to a module, with its white ground: it must read on rock too."""
    side = len(modules)
    runs = "".join(
        f"M{start} {row}h{length}v1h-{length}z"
        for row, line in enumerate(modules)
        for start, length in _dark_runs(line)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img"'
        f' aria-label="{title}" shape-rendering="crispEdges"><title>{title}</title>'
        f'<rect width="{side}" height="{side}" fill="#fff"/><path d="{runs}" fill="#000"/></svg>\n'
    ).encode()


def png(modules: Matrix, module_px: int) -> bytes:
    """Returns a one-bit picture. module_px: 1 to 40, 0 for 16."""
    from PIL import Image  # noqa: PLC0415 - a tenth of a second that no start need wait for

    side = len(modules)
    scale = min(module_px or DEFAULT_MODULE_PX, MAX_MODULE_PX)
    picture = Image.new("1", (side, side), 1)
    picture.putdata([0 if dark else 1 for line in modules for dark in line])
    file = io.BytesIO()
    picture.resize((side * scale, side * scale), Image.Resampling.NEAREST).save(
        file, "PNG", optimize=True
    )
    return file.getvalue()


def _dark_runs(line: list[bool]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for at, dark in enumerate(line):
        if dark and at and line[at - 1]:
            start, length = runs.pop()
            runs.append((start, length + 1))
        elif dark:
            runs.append((at, 1))
    return runs
