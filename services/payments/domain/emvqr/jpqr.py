"""What JPQR asks of a merchant's code beyond EMVCo.

A store id is issued by the council; one that was not issued makes a sample, and says so in print.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.payments.domain.emvqr.findings import Finding, Reason
from services.payments.domain.emvqr.formats import is_guid_template
from services.payments.domain.emvqr.tlv import Data

GUID = "jp.or.paymentsjapan"
LEVELS: dict[str, int] = {"01": 13, "02": 4, "03": 6, "04": 6}  # characters of each level
ACCOUNT_ID = "26"


@dataclass(frozen=True, kw_only=True)
class StoreId:
    """A store id in four levels. issued: whether the council gave it to this shop."""

    levels: tuple[str, str, str, str] = ("0" * 13, "0" * 4, "0" * 6, "0" * 6)
    issued: bool = False

    @property
    def objects(self) -> tuple[tuple[str, str], ...]:
        """The merchant account it makes."""
        return (("00", GUID), *zip(LEVELS, self.levels, strict=True))


def jpqr_findings(
    root: tuple[Data, ...], nested: Mapping[str, tuple[Data, ...]]
) -> Iterator[Finding]:
    """Tells in what a code is no JPQR code."""
    values = {each.id: each for each in root}
    account = _account(nested)
    if account is None:
        yield Finding(Reason.JPQR_ID_MISSING)
    elif not _is_store_id(nested[account]):
        yield Finding(Reason.JPQR_ID_FORMAT, account, values[account].position)
    for id_, wanted, reason in (
        ("58", "JP", Reason.JPQR_COUNTRY),
        ("53", "392", Reason.JPQR_CURRENCY),
    ):
        if id_ not in values or values[id_].value != wanted:
            yield Finding(reason, id_, values[id_].position if id_ in values else 0)
    if "61" not in values:
        yield Finding(Reason.JPQR_POSTAL, "61")
    language = {each.id: each for each in nested.get("64", ())}
    if "00" not in language or language["00"].value != "JA":
        yield Finding(Reason.JPQR_LANG, "64", values["64"].position if "64" in values else 0)
    if "02" in language:
        yield Finding(Reason.JPQR_LANG_CITY, "64/02", language["02"].position)


def _account(nested: Mapping[str, tuple[Data, ...]]) -> str | None:
    """Returns the id of the template that names the council."""
    for id_, inside in nested.items():
        named = any(each.id == "00" and each.value == GUID for each in inside)
        if named and is_guid_template(id_) and id_ < "52":
            return id_
    return None


def _is_store_id(inside: tuple[Data, ...]) -> bool:
    levels = {each.id: each.value for each in inside if each.id != "00"}
    told = {id_: len(value) for id_, value in levels.items()}
    return told == LEVELS and all(value.isascii() and value.isalnum() for value in levels.values())


def is_sample(payload_root: tuple[Data, ...], *, issued: bool) -> bool:
    """Tells whether a code must be marked 見本: it names the council without an issued id."""
    return not issued and any(GUID in each.value for each in payload_root)
