"""Payment codes as documents: what a code says, and a code out of what it shall say.

Nothing is stored. A customer's code goes in and only safe facts come out; errors never quote it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kit.pure.errors import InvalidFields
from services.payments.app.deps import Deps
from services.payments.app.who import Who, check_shop_is_own
from services.payments.domain.amount import check_amount
from services.payments.domain.emvqr.consumer import ConsumerCode
from services.payments.domain.emvqr.findings import Finding
from services.payments.domain.emvqr.jpqr import ACCOUNT_ID, LEVELS, StoreId
from services.payments.domain.emvqr.kinds import read_code
from services.payments.domain.emvqr.make import (
    ADDITIONAL,
    TIP_FIXED,
    TIP_PERCENT,
    TIP_PROMPT,
    Account,
    Draft,
    make_merchant,
)
from services.payments.domain.emvqr.merchant import MerchantCode
from services.payments.domain.emvqr.setting import draft_for
from services.payments.domain.errors import NoMerchantCode, UnknownShop
from services.payments.gateways import code_picture
from services.payments.store import shops

Document = dict[str, Any]
_TEXTS = (
    "mcc", "name", "city", "currency", "country", "amount", "tip_fixed", "tip_percent",
    "postal_code", "local_language", "local_name", "local_city",
)  # fmt: skip
_TIPS = {"prompt": TIP_PROMPT, "fixed": TIP_FIXED, "percent": TIP_PERCENT}
_KNOWN = {
    *_TEXTS, "merchant_accounts", "jpqr", "amount_yen", "name_ja", "tip", "dynamic", "additional",
    "others",
}  # fmt: skip


def describe(text: str) -> Document:
    """Returns valid, kind, scheme, errors, warnings and tree of any payment code.

    kind: mpm (shown by the merchant), cpm (shown by the customer), cpm_barcode or unknown.
    """
    code = read_code(text)
    shared: Document = {
        "valid": code.valid,
        "errors": [_finding(each) for each in code.errors],
        "warnings": [_finding(each) for each in code.warnings],
    }
    if isinstance(code, ConsumerCode):
        kind = {"barcode": "cpm_barcode"}.get(code.scheme, "cpm" if text[:2] == "hQ" else "unknown")
        facts = {"scheme": code.scheme, "brand": code.brand, "last4": code.last4}
        return {"kind": kind, **shared, **facts, "tree": code.tree or None}
    return {
        "kind": "mpm",
        **shared,
        "scheme": "jpqr" if code.is_jpqr else "emvco",
        "jpqr_errors": [_finding(each) for each in code.jpqr_errors],
        "tree": _tree(code),
    }


def _finding(finding: Finding) -> Document:
    return {
        "reason": str(finding.reason), "field": finding.field, "position": finding.position,
        "text": finding.text,
    }  # fmt: skip


def _tree(code: MerchantCode) -> Document | None:
    if not code.root:
        return None
    return {
        "root": [[each.id, each.value] for each in code.root],
        "nested": {
            id_: [[each.id, each.value] for each in inside] for id_, inside in code.nested.items()
        },
    }


def draft_of(document: object) -> Draft:
    """Returns what a code shall say. Errors: InvalidFields naming each field that is not usable."""
    if not isinstance(document, dict):
        raise InvalidFields([("document", "give a JSON object")])
    unknown = [(str(name), "this field is not known") for name in document if name not in _KNOWN]
    if unknown:
        raise InvalidFields(unknown)
    texts = {name: _text(name, document[name]) for name in _TEXTS if name in document}
    for name in ("mcc", "name", "city"):
        if not texts.get(name):
            raise InvalidFields([(name, "give it; every code has it")])
    if "name_ja" in document:
        texts |= {"local_language": "JA", "local_name": _text("name_ja", document["name_ja"])}
    if "amount_yen" in document:
        if texts.get("currency", "392") != "392":
            raise InvalidFields([("amount_yen", "give amount for money other than yen")])
        texts["amount"] = str(check_amount("amount_yen", document["amount_yen"]))
    tip = document.get("tip")
    if tip is not None and (not isinstance(tip, str) or tip not in _TIPS):
        raise InvalidFields([("tip", "give prompt, fixed or percent")])
    dynamic = document.get("dynamic")
    if dynamic is not None and not isinstance(dynamic, bool):
        raise InvalidFields([("dynamic", "give true or false")])
    return Draft(
        **texts,
        accounts=_accounts(document),
        additional=_additional(document.get("additional", {})),
        others=_objects("others", document.get("others", {})),
        tip=_TIPS[tip] if tip else "",
        dynamic=dynamic,
    )


def _text(name: str, value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and name in ("mcc", "currency"):
        return str(value).zfill(4 if name == "mcc" else 3)
    if not isinstance(value, str):
        raise InvalidFields([(name, "give a text")])
    return value


def _accounts(document: Document) -> dict[str, Account]:
    accounts = _objects("merchant_accounts", document.get("merchant_accounts", {}))
    if "jpqr" in document:
        accounts[ACCOUNT_ID] = dict(store_id(document["jpqr"]).objects)
    if not accounts:
        raise InvalidFields([("merchant_accounts", "give at least one, or jpqr")])
    return accounts


def store_id(document: object) -> StoreId:
    """Returns a JPQR store id: four texts; {} for the sample. Errors: InvalidFields."""
    if not document:
        return StoreId()
    lengths = tuple(LEVELS.values())
    if not isinstance(document, list) or not all(isinstance(each, str) for each in document):
        raise InvalidFields([("jpqr", "give the four levels of the store id")])
    if tuple(len(each) for each in document) != lengths:
        raise InvalidFields([("jpqr", "give four levels of 13, 4, 6 and 6 characters")])
    first, second, third, fourth = document
    return StoreId(levels=(first, second, third, fourth))


def _objects(name: str, given: object) -> dict[str, Account]:
    """Reads {id: value or {id: value}}, or a list of {id, value} that says the same."""
    if isinstance(given, list):
        pairs = [(each.get("id"), each.get("value")) for each in given if isinstance(each, dict)]
        if len(pairs) != len(given) or len(dict(pairs)) != len(pairs):
            raise InvalidFields([(name, "give a list of different id and value")])
        given = dict(pairs)
    if not isinstance(given, dict):
        raise InvalidFields([(name, "give an object of id and value")])
    return {_text(name, id_): _value(f"{name}.{id_}", value) for id_, value in given.items()}


def _value(name: str, value: object) -> Account:
    if isinstance(value, Mapping):
        return {_text(name, id_): _text(f"{name}.{id_}", held) for id_, held in value.items()}
    return _text(name, value)


def _additional(given: object) -> dict[str, str]:
    """Reads the additional data by name or by id."""
    found = _value("additional", given if isinstance(given, dict) else None)
    if isinstance(found, str):
        raise InvalidFields([("additional", "give an object of name and value")])
    return {ADDITIONAL.get(name, name): value for name, value in found.items()}


@dataclass(frozen=True)
class ShownCode:
    """A shop's code to show or to print. sample: its store id was not issued."""

    payload: str
    sample: bool
    svg: bytes
    png: bytes


async def make_shop_code(deps: Deps, who: Who, shop_place_id: str, amount_yen: int) -> ShownCode:
    """Returns the code of a shop for an amount, or with 0 the one for its sticker.

    Errors: InvalidFields, UnknownShop, ShopNotYours, NoMerchantCode.
    """
    if amount_yen:
        check_amount("amount_yen", amount_yen)
    check_shop_is_own(who, shop_place_id)
    async with deps.db.read(who.area) as tx:
        found = await shops.find(tx, shop_place_id)
    if found is None:
        raise UnknownShop(f"{shop_place_id[:80] or 'This'} is not set up for payments.")
    shop, setting = found[0], found[0].merchant_code
    if setting is None:
        raise NoMerchantCode("This shop has no payment code; an admin can set one up.")
    payload = make_merchant(draft_for(setting, shop.names["ja"], amount_yen))
    sample = not setting.store_id.issued
    title = f"{shop.names['ja']} {amount_yen:,}円" if amount_yen else shop.names["ja"]
    return ShownCode(
        payload=payload,
        sample=sample,
        svg=code_picture.svg(payload, title=title, sample=sample),
        png=code_picture.png(payload, sample=sample),
    )
