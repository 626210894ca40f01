"""Reads a customer's code, strictly: EMVCo consumer-presented mode (CPV01) and JPQR (JPQR1).

The code may carry a card number. What comes out holds safe facts only: which kind, whose, the last
four digits where the code itself gives them for printing, what is wrong and where.
"""

import re
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.payments.domain.emvqr import ber, brands
from services.payments.domain.emvqr.ber import Node
from services.payments.domain.emvqr.consumer_rules import node_findings
from services.payments.domain.emvqr.findings import Broken, Finding, Reason
from services.payments.domain.emvqr.masking import Tree, is_template, shown

MAX_CHARACTERS = 2_736  # 2 kB decoded; readers must manage 512 bytes
SCHEMES: dict[bytes, str] = {b"CPV01": "emvco", b"JPQR1": "jpqr"}
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_BARCODE = re.compile(r"[0-9]{12,24}")
_INSIDE = {"61": "63", "62": "64"}  # which template may stand in which


@dataclass(frozen=True, kw_only=True)
class ConsumerCode:
    """What is safe to keep of a code.

    scheme: emvco, jpqr, or barcode for digits only. brand: of the first application that the table
    knows; for jpqr the issuer code. last4: "" unless the code gives them for printing. tree: values
    in hexadecimal, all but harmless ones as stars.
    """

    scheme: str = ""
    brand: str = ""
    last4: str = ""
    tree: Tree = field(default_factory=list)
    errors: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether it keeps every rule."""
        return not self.errors


def parse_consumer(code: str) -> ConsumerCode:
    """Reads a code in Base64; whatever the text, it answers and raises nothing."""
    if len(code) > MAX_CHARACTERS:
        return ConsumerCode(errors=(Finding(Reason.TOO_LONG),))
    if not _BASE64.fullmatch(code) or len(code) % 4:
        return ConsumerCode(errors=(Finding(Reason.BASE64),))
    data = b64decode(code)
    if b64encode(data).decode() != code:  # bits behind the last byte: two spellings of one code
        return ConsumerCode(errors=(Finding(Reason.BASE64, "", len(code) - 1),))
    try:
        root = ber.read(data)
        inside = {at: _inside(node) for at, node in enumerate(root) if node.tag in _INSIDE}
    except Broken as broken:
        return ConsumerCode(errors=(broken.finding,))
    scheme = SCHEMES.get(root[0].value, "") if root[0].tag == "85" else ""
    applications = [inside[at] for at, node in enumerate(root) if node.tag == "61"]
    common = next((inside[at] for at, node in enumerate(root) if node.tag == "62"), ())
    return ConsumerCode(
        scheme=scheme,
        brand=_brand(scheme, applications),
        last4=_last4([*applications, common]),
        tree=[_branch(node, inside.get(at)) for at, node in enumerate(root)],
        errors=tuple(_findings(root, scheme, applications, common)),
        warnings=tuple(
            Finding(Reason.UNEXPECTED, node.tag, node.position)
            for node in root
            if node.tag not in ("85", "61", "62")
        ),
    )


def parse_barcode(digits: str) -> ConsumerCode:
    """Reads the digits of a wallet's bar code; they pay, so nothing of them is kept."""
    if not _BARCODE.fullmatch(digits):
        return ConsumerCode(scheme="barcode", errors=(Finding(Reason.LENGTH),))
    brand = brands.wallet(digits)
    errors = () if brand else (Finding(Reason.UNKNOWN_WALLET),)
    return ConsumerCode(scheme="barcode", brand=brand, errors=errors)


def _inside(node: Node) -> tuple[Node, ...]:
    found = ber.read(node.value, node.tag, node.value_position)
    for each in found:
        if each.tag == _INSIDE[node.tag]:
            ber.read(each.value, f"{node.tag}/{each.tag}", each.value_position)
    return found


def _branch(node: Node, inside: tuple[Node, ...] | None) -> Tree:
    if inside is None and is_template(node.tag):
        try:
            inside = ber.read(node.value)
        except Broken:  # a template where none belongs: its bytes may be anything
            inside = None
    if inside is None:
        return [node.tag, shown(node)]
    return [node.tag, [_branch(each, None) for each in inside]]


def _findings(
    root: tuple[Node, ...], scheme: str, applications: list[tuple[Node, ...]],
    common: tuple[Node, ...],
) -> Iterator[Finding]:  # fmt: skip
    if root[0].tag != "85":
        yield Finding(Reason.FIRST_ID, "85")
    elif not scheme:
        yield Finding(Reason.FORMAT, "85")
    count = Counter(node.tag for node in root)
    if not applications:
        yield Finding(Reason.MISSING, "61")
    for tag, most in (("85", 1), ("61", 2), ("62", 1)):
        extra = [node for node in root if node.tag == tag][most:]
        for node in extra:
            yield Finding(Reason.DUPLICATE_ID, tag, node.position)
    if count["62"] and count["61"] < 2:
        yield Finding(Reason.CONDITION, "62", next(n.position for n in root if n.tag == "62"))
    for application in applications:
        yield from node_findings("61", application, scheme)
        yield from _account_findings(application, common, scheme)
    yield from node_findings("62", common, scheme)


def _account_findings(
    application: tuple[Node, ...], common: tuple[Node, ...], scheme: str
) -> Iterator[Finding]:
    """Each application has one account, its own or the common one, and repeats nothing common."""
    in_common = {node.tag for node in common}
    for node in application:
        if node.tag in in_common:
            yield Finding(Reason.DUPLICATE_ID, f"61/{node.tag}", node.position)
    own = {node.tag for node in application}
    if "4F" not in own:
        yield Finding(Reason.MISSING, "61/4F", application[0].position if application else 0)
    accounts = [tag for tag in ("57", "5A") if tag in own | in_common]
    if not accounts:
        yield Finding(Reason.MISSING, "61/57", application[0].position if application else 0)
    elif len(accounts) > 1 and scheme == "emvco":
        yield Finding(Reason.CONDITION, "61/5A", application[0].position if application else 0)


def _brand(scheme: str, applications: list[tuple[Node, ...]]) -> str:
    names = [node.value for each in applications for node in each if node.tag == "4F"]
    if scheme == "jpqr":
        # Issuer codes are short words; anything else might be what it should not be.
        texts = [name.decode("ascii", "replace") for name in names]
        return next((each for each in texts if re.fullmatch(r"[0-9A-Za-z.]{1,10}", each)), "")
    return next((found for name in names if (found := brands.provider(name.hex()))), "")


def _last4(templates: list[tuple[Node, ...]]) -> str:
    digits = [node.value.hex() for each in templates for node in each if node.tag == "9F25"]
    return next((each for each in digits if re.fullmatch("[0-9]{4}", each)), "")
