"""The contract with an acquirer that has to be recorded before real money moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kit.pure.errors import InvalidFields
from services.payments.domain.tender import GatewayFacts, Tender

MAX_TEXT_LENGTH = 80


@dataclass(frozen=True, kw_only=True)
class AcquirerContract:
    """For one shop, tender and gateway. valid_until: last day, None for no end."""

    shop_place_id: str
    tender: Tender
    gateway: str
    acquirer: str
    contract_number: str
    valid_from: date
    valid_until: date | None = None


def check_contract(
    contract: AcquirerContract, gateways: Mapping[str, GatewayFacts]
) -> AcquirerContract:
    """Returns the contract. Errors: InvalidFields naming what cannot be used."""
    bad: list[tuple[str, str]] = []
    facts = gateways.get(contract.gateway)
    if facts is None:
        bad.append(("gateway", "this gateway is not set up here"))
    elif contract.tender not in facts.tenders:
        bad.append(("tender", f"{facts.name} cannot take {contract.tender}"))
    bad += [
        (name, f"give 1 to {MAX_TEXT_LENGTH} characters")
        for name in ("acquirer", "contract_number")
        if not 0 < len(getattr(contract, name).strip()) <= MAX_TEXT_LENGTH
    ]
    if contract.valid_until is not None and contract.valid_until < contract.valid_from:
        bad.append(("valid_until", "give a day that is not before valid_from"))
    if bad:
        raise InvalidFields(bad)
    return contract
