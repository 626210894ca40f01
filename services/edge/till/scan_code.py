"""The code a customer scans, drawn as one path: small, sharp at any size, and nothing to load."""

import qrcode
from markupsafe import Markup

QUIET_ZONE = 4  # modules of white around a code; scanners ask for them


def drawing(text: str, label: str) -> Markup:
    """Returns an SVG element. text: what the code says; it is drawn and not written."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(text)
    rows = code.get_matrix()
    dark = "".join(
        f"M{x} {y}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, is_dark in enumerate(row)
        if is_dark
    )
    size = len(rows)
    return Markup(
        '<svg class="till-scan" role="img" aria-label="{label}" viewBox="0 0 {size} {size}"'
        ' shape-rendering="crispEdges"><path class="till-scan__paper" d="M0 0h{size}v{size}H0z"/>'
        '<path class="till-scan__ink" d="{dark}"/></svg>'
    ).format(label=label, size=size, dark=dark)
