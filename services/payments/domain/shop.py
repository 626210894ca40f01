"""Shops and what they accept."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from kit.pure.errors import InvalidFields
from services.payments.domain.emvqr.setting import CodeSetting, setting_problems
from services.payments.domain.errors import (
    ContractMissing,
    PracticeShopLiveGateway,
    TenderNotAccepted,
)
from services.payments.domain.payout_terms import PayoutTerms, terms_problems
from services.payments.domain.tender import Custody, GatewayFacts, Mode, Tender

TAX_RATES_PERCENT = (10, 8, 0)
MAX_TERMINAL_LENGTH = 64
# Qualified invoice issuer number (nta.go.jp): sole traders' numbers follow no check digit rule
# that we may rely on, so only the form is checked.
REGISTRATION_NUMBER = re.compile(r"T[1-9][0-9]{12}")


class Owner(StrEnum):
    """Who the takings belong to."""

    MERCHANT = "merchant"
    CITY = "city"


class Rounding(StrEnum):
    """Which way a fraction of a yen of tax goes."""

    DOWN = "down"
    HALF_UP = "half_up"
    UP = "up"


class ContractState(StrEnum):
    """How far a shop's contract with a provider is; live sales wait for ACTIVE."""

    ACTIVE = "active"
    APPLIED = "applied"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class TenderSetting:
    """One way to pay at a shop: a tender, the gateway behind it, and how far its contract is.

    terminal: the provider's name for the device at this counter, "" where the gateway needs none.
    payout_terms: when the provider pays, None where nobody has said it.
    """

    tender: Tender
    gateway: str
    terminal: str = ""
    contract: ContractState = ContractState.ACTIVE
    payout_terms: PayoutTerms | None = None


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A counter that takes payments. names: by BCP 47 locale, "ja" is always there."""

    shop_place_id: str
    names: Mapping[str, str]
    registration_number: str = ""
    owner: Owner = Owner.MERCHANT
    default_tax_rate_percent: int = 10
    tax_rounding: Rounding = Rounding.DOWN
    tenders: tuple[TenderSetting, ...] = field(default_factory=tuple)
    practice: bool = False
    address: str = ""
    phone: str = ""
    tax_free: bool = False  # the tax office permitted it to sell tax-free
    merchant_code: CodeSetting | None = None


def check_shop(shop: Shop, gateways: Mapping[str, GatewayFacts]) -> Shop:
    """Returns the shop. Errors: InvalidFields naming what cannot be used."""
    bad: list[tuple[str, str]] = []
    if not re.fullmatch(r"[a-z0-9][a-z0-9/_-]{0,79}", shop.shop_place_id):
        bad.append(("shop_place_id", "give the place id of the shop"))
    if not shop.names.get("ja", "").strip():
        bad.append(("names", "give the name in Japanese"))
    if any(len(name) > 80 for name in shop.names.values()):
        bad.append(("names", "a name has at most 80 characters"))
    if shop.registration_number and not REGISTRATION_NUMBER.fullmatch(shop.registration_number):
        bad.append(("registration_number", "give T and 13 digits, or nothing"))
    if shop.default_tax_rate_percent not in TAX_RATES_PERCENT:
        bad.append(("default_tax_rate_percent", "give 10, 8 or 0"))
    bad += _bad_tenders(shop.tenders, gateways)
    bad += setting_problems(shop.merchant_code, shop.names.get("ja", ""))
    if bad:
        raise InvalidFields(bad)
    return shop


def _bad_tenders(
    tenders: Sequence[TenderSetting], gateways: Mapping[str, GatewayFacts]
) -> list[tuple[str, str]]:
    bad: list[tuple[str, str]] = []
    if len({(each.tender, each.gateway) for each in tenders}) != len(tenders):
        bad.append(("tenders", "name each way to pay once"))
    for setting in tenders:
        facts = gateways.get(setting.gateway)
        if facts is None or setting.tender not in facts.tenders:
            bad.append(("tenders", f"{setting.gateway or '-'} cannot take {setting.tender}"))
        elif facts.needs_terminal and not setting.terminal:
            bad.append(("tenders", f"name the terminal that {setting.gateway} shall wake"))
        if len(setting.terminal) > MAX_TERMINAL_LENGTH:
            bad.append(("tenders", f"a terminal has at most {MAX_TERMINAL_LENGTH} characters"))
        if setting.payout_terms is not None:
            bad += [("tenders", text) for text in terms_problems(setting.payout_terms)]
            if facts is not None and facts.custody is Custody.DRAWER:
                bad.append(("tenders", "cash lies in the drawer and waits for no payout"))
    return bad


def payout_terms(shop: Shop | None, tender: Tender, gateway: str) -> PayoutTerms | None:
    """Returns when a way to pay is paid out, None where nobody has said it."""
    ways = shop.tenders if shop is not None else ()
    return next(
        (each.payout_terms for each in ways if (each.tender, each.gateway) == (tender, gateway)),
        None,
    )


def choose_gateway(
    shop: Shop, tender: Tender, gateway: str, gateways: Mapping[str, GatewayFacts]
) -> tuple[GatewayFacts, str]:
    """Returns gateway and terminal for a tender: the one asked for, else the shop's first.

    Errors: TenderNotAccepted.
    """
    for setting in shop.tenders:
        facts = gateways.get(setting.gateway)  # an installation may run without some gateway
        if facts is None or setting.tender is not tender or gateway not in ("", setting.gateway):
            continue
        if setting.contract is ContractState.ACTIVE or is_practice(shop, facts):
            return facts, setting.terminal
    raise TenderNotAccepted(f"{shop.shop_place_id} does not take {tender} this way.")


def check_real_money(
    shop: Shop, facts: GatewayFacts, tender: Tender, *, has_contract: bool
) -> None:
    """Errors: PracticeShopLiveGateway, ContractMissing. has_contract: one is recorded and valid."""
    if not facts.needs_contract:
        return
    if shop.practice:
        raise PracticeShopLiveGateway(
            f"{shop.shop_place_id} practices, and {facts.name} moves real money. Choose another."
        )
    if not has_contract:
        raise ContractMissing(
            f"Record the acquirer contract of {shop.shop_place_id} for {tender} with {facts.name}"
            " first."
        )


def is_practice(shop: Shop, gateway: GatewayFacts) -> bool:
    """Tells whether a sale moves no real money and enters no close and no KPI."""
    return shop.practice or gateway.mode is Mode.PRACTICE
