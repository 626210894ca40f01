"""Price classes of admission: data of an area (tickets.csv), not code.

A party is priced line by line: so many persons of one class each. An add-on (adventure course) is
paid for by persons who are counted in another line already.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kit.pure.errors import InvalidFields
from services.payments.domain.errors import PriceChanged
from services.payments.domain.receipt import Item
from services.payments.domain.shop import TAX_RATES_PERCENT

MAX_LINES = 6
MAX_PERSONS = 999
MAX_VOUCHER_LENGTH = 40
_ID = re.compile(r"[a-z0-9][a-z0-9/_-]{0,59}")


class ClassKind(StrEnum):
    """What makes a class special."""

    USUAL = "usual"
    PROOF = "proof"  # the clerk looks at a certificate; nothing of it is written down
    VOUCHER = "voucher"  # an agency pays later: the voucher's number is needed
    ADD_ON = "add_on"  # on top of a line that counts the same persons


@dataclass(frozen=True, kw_only=True)
class PriceClass:
    """One price of a site. number: in the QR code, unique in the area and never given again.

    unit_amount_yen: for one person, tax included, 0 for free. persons_min, persons_max: how many
    persons of this class a party may have. A class that begins above one person is a group's, and
    its bounds are those of the whole party: guides and children beside it belong to the group.
    """

    class_id: str
    number: int
    site_place_id: str
    gate_place_ids: tuple[str, ...]
    names: Mapping[str, str]
    unit_amount_yen: int
    tax_rate_percent: int = 10
    kind: ClassKind = ClassKind.USUAL
    persons_min: int = 1
    persons_max: int = MAX_PERSONS

    @property
    def is_group(self) -> bool:
        """Whether its price is for parties of a size, and not for each person by himself."""
        return self.persons_min > 1

    @property
    def counts(self) -> bool:
        """Whether its persons are counted; those of an add-on are in another line already."""
        return self.kind is not ClassKind.ADD_ON


@dataclass(frozen=True)
class TicketLine:
    """So many persons of one class."""

    class_id: str
    number: int
    persons: int


@dataclass(frozen=True, kw_only=True)
class Priced:
    """A party's lines with what they cost."""

    site_place_id: str
    lines: tuple[TicketLine, ...]
    persons: int
    amount_yen: int
    items: tuple[Item, ...]


def check_class(wanted: PriceClass) -> PriceClass:
    """Returns the class. Errors: InvalidFields naming what cannot be used."""
    named = wanted.names.get("ja", "").strip() and all(len(n) <= 60 for n in wanted.names.values())
    gates = wanted.gate_place_ids and all(_ID.fullmatch(gate) for gate in wanted.gate_place_ids)
    sized = 1 <= wanted.persons_min <= wanted.persons_max <= MAX_PERSONS
    paid_later = wanted.kind is ClassKind.VOUCHER
    rules = (
        ("class_id", "give small letters, digits, - and /", _ID.fullmatch(wanted.class_id)),
        ("number", "give 1 to 255", 1 <= wanted.number <= 255),
        ("site_place_id", "give the place id of the site", _ID.fullmatch(wanted.site_place_id)),
        ("gate_place_ids", "give the place ids of the gates that admit", gates),
        ("names", "give the name in Japanese, at most 60 characters", named),
        ("unit_amount_yen", "give 0 to 100000 yen", 0 <= wanted.unit_amount_yen <= 100_000),
        ("tax_rate_percent", "give 10, 8 or 0", wanted.tax_rate_percent in TAX_RATES_PERCENT),
        ("persons_min", f"give 1 to {MAX_PERSONS}, not above persons_max", sized),
        ("unit_amount_yen", "the agency pays: a voucher costs 0 here",
         not paid_later or not wanted.unit_amount_yen),
    )  # fmt: skip
    bad = [(name, text) for name, text, fine in rules if not fine]
    if bad:
        raise InvalidFields(bad)
    return wanted


def price(
    classes: Mapping[str, PriceClass], gate_place_id: str, wanted: Sequence[tuple[str, int]],
    voucher: str,
) -> Priced:  # fmt: skip
    """Prices a party at a gate. wanted: class and persons, each class once.

    Errors: InvalidFields for a class this gate does not sell, sizes, a missing voucher number.
    """
    if not 1 <= len(wanted) <= MAX_LINES:
        raise InvalidFields([("lines", f"give 1 to {MAX_LINES} lines")])
    if len({class_id for class_id, _ in wanted}) != len(wanted):
        raise InvalidFields([("lines", "name each class once")])
    chosen: list[tuple[PriceClass, int]] = []
    for number, (class_id, persons) in enumerate(wanted):
        known = classes.get(class_id)
        if known is None or gate_place_id not in known.gate_place_ids:
            raise InvalidFields([(f"lines[{number}].class_id", "this gate does not sell it")])
        least, most = (1, MAX_PERSONS) if known.is_group else (known.persons_min, known.persons_max)
        if not least <= persons <= most:
            text = f"give {least} to {most} persons"
            raise InvalidFields([(f"lines[{number}].persons", text)])
        chosen.append((known, persons))
    _check_party(chosen, voucher)
    return Priced(
        site_place_id=chosen[0][0].site_place_id,
        lines=tuple(TicketLine(known.class_id, known.number, n) for known, n in chosen),
        persons=sum(n for known, n in chosen if known.counts),
        amount_yen=sum(known.unit_amount_yen * n for known, n in chosen),
        items=tuple(
            Item(
                name=known.names["ja"], quantity=n, unit_amount_yen=known.unit_amount_yen,
                tax_rate_percent=known.tax_rate_percent,
            )
            for known, n in chosen if known.unit_amount_yen
        ),
    )  # fmt: skip


def _check_party(chosen: Sequence[tuple[PriceClass, int]], voucher: str) -> None:
    if len({known.site_place_id for known, _ in chosen}) != 1:
        raise InvalidFields([("lines", "a ticket is for one site")])
    persons = sum(n for known, n in chosen if known.counts)
    if not 1 <= persons <= MAX_PERSONS:
        raise InvalidFields([("lines", f"give 1 to {MAX_PERSONS} persons in all")])
    for number, (known, _) in enumerate(chosen):
        if known.is_group and not known.persons_min <= persons <= known.persons_max:
            text = f"the whole party has {known.persons_min} to {known.persons_max} persons"
            raise InvalidFields([(f"lines[{number}].persons", text)])
    if any(n > persons for known, n in chosen if not known.counts):
        raise InvalidFields([("lines", "more add-ons than persons")])
    if len(voucher) > MAX_VOUCHER_LENGTH:
        raise InvalidFields([("voucher", f"give at most {MAX_VOUCHER_LENGTH} characters")])
    if any(known.kind is ClassKind.VOUCHER for known, _ in chosen) and not voucher.strip():
        raise InvalidFields([("voucher", "give the number of the agency's voucher")])


def check_total(priced: Priced, told_yen: int) -> None:
    """Errors: PriceChanged where the page showed another total than the prices make now."""
    if priced.amount_yen != told_yen:
        raise PriceChanged(f"The prices make {priced.amount_yen} yen, not {told_yen}.")
