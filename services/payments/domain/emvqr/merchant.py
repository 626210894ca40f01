"""Reads a merchant's code, strictly: EMVCo merchant-presented mode 1.1, and JPQR on top."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from services.payments.domain.emvqr import formats
from services.payments.domain.emvqr.crc import crc
from services.payments.domain.emvqr.findings import Broken, Finding, Reason
from services.payments.domain.emvqr.formats import Format
from services.payments.domain.emvqr.jpqr import jpqr_findings
from services.payments.domain.emvqr.tlv import Data, repeated, split

MAX_CHARACTERS = 512
_YEN = "392"


@dataclass(frozen=True, kw_only=True)
class MerchantCode:
    """A code as read. root and nested: in the order of the code, empty where it is no TLV at all.

    errors: against EMVCo; jpqr_errors: against JPQR, whether the code means to be one or not;
    warnings: read all the same, but never issued here.
    """

    root: tuple[Data, ...] = ()
    nested: dict[str, tuple[Data, ...]] = field(default_factory=dict)
    errors: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    jpqr_errors: tuple[Finding, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether it keeps every rule of EMVCo."""
        return not self.errors

    @property
    def is_jpqr(self) -> bool:
        """Whether it keeps every rule of JPQR too."""
        return self.valid and not self.jpqr_errors

    def value(self, id_: str, inner: str = "") -> str:
        """Returns the value of an object, or of one inside a template; "" where there is none."""
        objects = self.nested.get(id_, ()) if inner else self.root
        return next((each.value for each in objects if each.id == (inner or id_)), "")


def parse_merchant(payload: str) -> MerchantCode:
    """Reads a code; whatever the text, it answers and raises nothing."""
    if len(payload) > MAX_CHARACTERS:
        return MerchantCode(errors=(Finding(Reason.TOO_LONG, "", MAX_CHARACTERS),))
    try:
        payload.encode()
    except UnicodeEncodeError as error:
        return MerchantCode(errors=(Finding(Reason.NOT_TEXT, "", error.start),))
    try:
        root = split(payload)
    except Broken as broken:
        return MerchantCode(errors=(broken.finding,))
    nested: dict[str, tuple[Data, ...]] = {}
    errors = [*_root_findings(root), *_nested_findings(root, nested), *_crc_findings(payload, root)]
    return MerchantCode(
        root=root,
        nested=nested,
        errors=tuple(errors),
        warnings=tuple(_warnings(payload, root)),
        jpqr_errors=tuple(jpqr_findings(root, nested)),
    )


def _root_findings(root: tuple[Data, ...]) -> Iterator[Finding]:
    if not root or root[0].id != "00":
        yield Finding(Reason.FIRST_ID, "00")
    yield from _content_findings(root, formats.ROOT, "")
    ids = {each.id for each in root}
    if not any(formats.is_account(each) for each in ids):
        yield Finding(Reason.NO_ACCOUNT)
    tip = next((each.value for each in root if each.id == "55"), "")
    for id_, wanted in (("56", "02"), ("57", "03")):
        if (id_ in ids) != (tip == wanted):
            yield Finding(Reason.CONDITION, id_, _position(root, id_))


def _nested_findings(
    root: tuple[Data, ...], nested: dict[str, tuple[Data, ...]]
) -> Iterator[Finding]:
    """Checks the templates, and keeps what they hold in `nested`."""
    for each in root:
        known = formats.nested_formats(each.id)
        if known is None or each.id in nested:
            continue
        try:
            inside = split(each.value, each.id, each.position + 4)
        except Broken as broken:
            yield broken.finding
            continue
        nested[each.id] = inside
        yield from _content_findings(inside, known, each.id)


def _content_findings(
    objects: tuple[Data, ...], known: dict[str, Format], template: str
) -> Iterator[Finding]:
    for each in repeated(objects):
        yield Finding(Reason.DUPLICATE_ID, _path(template, each.id), each.position)
    ids = {each.id for each in objects}
    for id_, wanted in known.items():
        if wanted.mandatory and id_ not in ids:
            yield Finding(Reason.MISSING, _path(template, id_), _end(objects))
    for each in objects:
        form = known.get(each.id, formats.RESERVED) if template else formats.root_format(each.id)
        if not form.least <= len(each.value) <= form.most:
            yield Finding(Reason.LENGTH, _path(template, each.id), each.position)
        elif not form.check(each.value):
            yield Finding(Reason.FORMAT, _path(template, each.id), each.position)


def _crc_findings(payload: str, root: tuple[Data, ...]) -> Iterator[Finding]:
    told = next((each for each in root if each.id == "63"), None)
    if told is None:
        yield Finding(Reason.CRC_MISSING, "63", len(payload))
    elif told is not root[-1]:
        yield Finding(Reason.CRC_NOT_LAST, "63", told.position)
    elif len(told.value) == 4 and told.value.upper() != crc(payload[:-4]):
        yield Finding(Reason.CRC_MISMATCH, "63", told.position)


def _warnings(payload: str, root: tuple[Data, ...]) -> Iterator[Finding]:
    values = {each.id: each.value for each in root}
    if values.get("63", "") != values.get("63", "").upper():
        yield Finding(Reason.LOWER_CASE_CRC, "63", _position(root, "63"))
    # Phones count such a character as two and lose their place; some names are written with one.
    beyond = next((at for at, each in enumerate(payload) if ord(each) > 0xFFFF), None)
    if beyond is not None:
        yield Finding(Reason.BEYOND_BMP, "", beyond)
    for id_ in ("54", "56"):
        if values.get("53") == _YEN and values.get(id_, "").partition(".")[2].strip("0"):
            yield Finding(Reason.DECIMALS, id_, _position(root, id_))


def _path(template: str, id_: str) -> str:
    return f"{template}/{id_}" if template else id_


def _position(objects: tuple[Data, ...], id_: str) -> int:
    return next((each.position for each in objects if each.id == id_), _end(objects))


def _end(objects: tuple[Data, ...]) -> int:
    """Returns where a missing object would have to be added."""
    if not objects:
        return 0
    last = objects[-1]
    return last.position if last.id == "63" else last.position + 4 + len(last.value)
