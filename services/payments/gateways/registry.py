"""The gateways of an installation: those whose provider has an address in the environment."""

from collections.abc import Callable, Mapping

from kit import config
from services.payments.gateways.acquirer_simulator import DEADLINE_S, AcquirerSimulator
from services.payments.gateways.adyen import gateway as adyen
from services.payments.gateways.cash_record import CashRecord
from services.payments.gateways.contract import Gateway
from services.payments.gateways.other_device import OtherDevice
from services.payments.gateways.paypay import gateway as paypay
from services.payments.gateways.square import gateway as square

# A new gateway is one line here, its package, and its profile in conformance/profiles.py.
REMOTE: Mapping[str, Callable[[Mapping[str, str]], Gateway]] = {
    "MEGURI_ACQUIRER_SIMULATOR_URL": lambda environment: AcquirerSimulator(
        environment["MEGURI_ACQUIRER_SIMULATOR_URL"],
        config.number(environment, "MEGURI_ACQUIRER_DEADLINE_S", DEADLINE_S),
    ),
    "MEGURI_SQUARE_URL": square.make,
    "MEGURI_ADYEN_URL": adyen.make,
    "MEGURI_PAYPAY_URL": paypay.make,
}


def from_environment(environment: Mapping[str, str]) -> dict[str, Gateway]:
    """Returns gateways by name. Errors: ValueError for an address that is none."""
    gateways: list[Gateway] = [CashRecord(), OtherDevice()]
    gateways += [make(environment) for name, make in REMOTE.items() if environment.get(name)]
    return {gateway.facts.name: gateway for gateway in gateways}
