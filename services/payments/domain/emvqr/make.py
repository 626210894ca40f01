"""Makes a merchant's code, and lets nothing out that the strict reader would not take."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kit.pure.errors import InvalidFields
from services.payments.domain.emvqr.crc import TAG, crc
from services.payments.domain.emvqr.findings import Finding, Reason
from services.payments.domain.emvqr.formats import is_account
from services.payments.domain.emvqr.jpqr import GUID
from services.payments.domain.emvqr.merchant import parse_merchant
from services.payments.domain.emvqr.tlv import join

# A primitive account is a text, a template the objects in it.
Account = str | Mapping[str, str]

TIP_PROMPT, TIP_FIXED, TIP_PERCENT = "01", "02", "03"
# Names of people for ids, used in refusals and by the command line.
ADDITIONAL: dict[str, str] = {
    "bill_number": "01", "mobile_number": "02", "store_label": "03", "loyalty_number": "04",
    "reference_label": "05", "customer_label": "06", "terminal_label": "07", "purpose": "08",
    "consumer_data_request": "09",
}  # fmt: skip
_NAMES: dict[str, str] = {
    "01": "dynamic", "52": "mcc", "53": "currency", "54": "amount", "55": "tip", "56": "tip_fixed",
    "57": "tip_percent", "58": "country", "59": "name", "60": "city", "61": "postal_code",
    "62": "additional", "64": "local_name", "64/00": "local_language", "64/01": "local_name",
    "64/02": "local_city",
    **{f"62/{id_}": f"additional.{name}" for name, id_ in ADDITIONAL.items()},
}  # fmt: skip

_LATIN = "give letters, digits and signs of ASCII; a name in Japanese is the local name"
# What to do where the format alone does not tell it.
_ADVICE: dict[str, str] = {
    "52": "give four digits", "53": "give three digits, such as 392", "54": "give more than 0",
    "58": "give two capital letters, such as JP", "59": _LATIN, "60": _LATIN,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a code shall say; every empty text is left out.

    accounts: by id, 02 to 51. amount: in units of the currency, "" where the customer enters it.
    dynamic: made for one sale; None: when there is an amount. tip: "01" asks the customer, "02" is
    tip_fixed, "03" is tip_percent. name, city: ASCII; local_name: any script. additional: by id of
    template 62. others: further objects of the root, 65 to 99.
    """

    accounts: Mapping[str, Account]
    mcc: str
    name: str
    city: str
    currency: str = "392"
    country: str = "JP"
    amount: str = ""
    dynamic: bool | None = None
    tip: str = ""
    tip_fixed: str = ""
    tip_percent: str = ""
    postal_code: str = ""
    additional: Mapping[str, str] = field(default_factory=dict)
    local_language: str = ""
    local_name: str = ""
    local_city: str = ""
    others: Mapping[str, Account] = field(default_factory=dict)


def make_merchant(draft: Draft) -> str:
    """Returns the text to put into the picture.

    Errors: InvalidFields naming what cannot be said in a code, a code that names JPQR's council
    without keeping its rules among them.
    """
    bad = [(f"accounts.{id_}", "give ids 02 to 51") for id_ in draft.accounts if not _is_own(id_)]
    bad += [
        (f"others.{id_}", "give ids 65 to 99")
        for id_ in draft.others
        if not (len(id_) == 2 and id_.isascii() and id_.isdigit() and id_ >= "65")
    ]
    if bad:
        raise InvalidFields(bad)
    payload = _checked(join(_objects(draft)) + TAG)
    read = parse_merchant(payload)
    findings = [*read.errors, *read.warnings]
    if any(GUID in each.value for each in read.root):
        findings += read.jpqr_errors
    if findings:
        raise InvalidFields([(_name(each), _text(each)) for each in findings])
    return payload


def _is_own(id_: str) -> bool:
    return len(id_) == 2 and id_.isascii() and id_.isdigit() and is_account(id_)


def _checked(unsigned: str) -> str:
    try:
        return unsigned + crc(unsigned)
    except UnicodeEncodeError as error:
        raise InvalidFields([("name", "use characters that can be written down")]) from error


def _objects(draft: Draft) -> list[tuple[str, str]]:
    dynamic = bool(draft.amount) if draft.dynamic is None else draft.dynamic
    local = (("00", draft.local_language), ("01", draft.local_name), ("02", draft.local_city))
    wanted = [
        ("00", "01"),
        ("01", "12" if dynamic else "11"),
        *((id_, _inside(f"accounts.{id_}", held)) for id_, held in sorted(draft.accounts.items())),
        ("52", draft.mcc),
        ("53", draft.currency),
        ("54", draft.amount),
        ("55", draft.tip),
        ("56", draft.tip_fixed),
        ("57", draft.tip_percent),
        ("58", draft.country),
        ("59", draft.name),
        ("60", draft.city),
        ("61", draft.postal_code),
        ("62", _inside("additional", draft.additional)),
        ("64", _inside("local_name", dict(local))),
        *((id_, _inside(f"others.{id_}", held)) for id_, held in sorted(draft.others.items())),
    ]
    for id_, value in wanted:
        _fits(_NAMES.get(id_, f"accounts.{id_}"), value)
    return [(id_, value) for id_, value in wanted if value]


def _inside(name: str, held: Account) -> str:
    """Returns the value of an account or a template."""
    if isinstance(held, str):
        return held
    for id_, value in held.items():
        if not (len(id_) == 2 and id_.isascii() and id_.isdigit()):
            raise InvalidFields([(name, "an id has two digits")])
        _fits(_NAMES.get(f"{name}/{id_}", f"{name}.{id_}"), value)
    return join((id_, value) for id_, value in sorted(held.items()) if value)


def _fits(name: str, value: str) -> None:
    if len(value) > 99:
        raise InvalidFields([(name, "give at most 99 characters, ids and lengths inside counted")])


def _text(finding: Finding) -> str:
    return (
        _ADVICE.get(finding.field, finding.text)
        if finding.reason is Reason.FORMAT
        else finding.text
    )


def _name(finding: Finding) -> str:
    outer = finding.field.partition("/")[0]
    if finding.field in _NAMES:
        return _NAMES[finding.field]
    return f"accounts.{outer}" if is_account(outer) else _NAMES.get(outer, outer or "code")
