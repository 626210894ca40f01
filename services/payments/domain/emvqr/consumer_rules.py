"""Formats of the objects in a customer's code (EMVCo consumer-presented mode 1.1, table 4.2)."""

import re
from collections.abc import Iterator

from services.payments.domain.emvqr.ber import Node
from services.payments.domain.emvqr.findings import Finding, Reason

# Least and most bytes.
_BYTES: dict[str, tuple[int, int]] = {
    "4F": (5, 16), "50": (1, 16), "57": (6, 19), "5A": (4, 10), "5F20": (2, 26), "5F2D": (2, 8),
    "5F50": (1, 255), "9F08": (2, 2), "9F19": (6, 6), "9F24": (29, 29), "9F25": (2, 2),
}  # fmt: skip
# JPQR writes its issuer and its payment id as text into the same objects.
_JPQR_BYTES: dict[str, tuple[int, int]] = {**_BYTES, "4F": (1, 16), "57": (1, 64)}
_HEX: dict[str, re.Pattern[str]] = {
    # Card number, D, year and month, service code, discretionary digits, F to fill the last byte.
    "57": re.compile(r"[0-9]{8,19}d[0-9]{2}(?:0[1-9]|1[0-2])[0-9]{3}[0-9]*f?"),
    "5A": re.compile(r"[0-9]{8,19}f?"),
    "5F2D": re.compile(r"(?:[46][0-9a-f]|[57][0-9a]){2,8}"),
    "9F19": re.compile(r"[0-9]{11,12}f?"),
    "9F25": re.compile(r"[0-9]{4}"),
}
_COMMON_ONLY_IN = {"63": "61", "64": "62"}


def node_findings(template: str, nodes: tuple[Node, ...], scheme: str) -> Iterator[Finding]:
    """Tells what is wrong inside one template, never with what."""
    seen: set[str] = set()
    for node in nodes:
        path = f"{template}/{node.tag}"
        if node.tag in seen:
            yield Finding(Reason.DUPLICATE_ID, path, node.position)
        seen.add(node.tag)
        if node.tag == "4F" and template == "62":
            yield Finding(Reason.UNEXPECTED, path, node.position)
        if _COMMON_ONLY_IN.get(node.tag, template) != template:
            yield Finding(Reason.UNEXPECTED, path, node.position)
        least, most = (_JPQR_BYTES if scheme == "jpqr" else _BYTES).get(node.tag, (0, 65_535))
        if not least <= len(node.value) <= most:
            yield Finding(Reason.LENGTH, path, node.position)
        elif not _is_well_written(node, scheme):
            yield Finding(Reason.FORMAT, path, node.position)


def _is_well_written(node: Node, scheme: str) -> bool:
    if scheme == "jpqr" and node.tag == "57":
        return True  # a payment id in the issuer's own form
    wanted = _HEX.get(node.tag)
    return wanted is None or wanted.fullmatch(node.value.hex()) is not None
