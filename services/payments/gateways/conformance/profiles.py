"""What the suite has to know of each gateway before it starts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kit.clock import Clock
from services.payments.domain.tender import Tender
from services.payments.gateways.acquirer_simulator import AcquirerSimulator
from services.payments.gateways.adyen import gateway as adyen
from services.payments.gateways.contract import Gateway
from services.payments.gateways.paypay import gateway as paypay
from services.payments.gateways.square import gateway as square

Make = Callable[[Mapping[str, str], float, Clock], Gateway]
WEBHOOK_URL = "https://meguri.example/hooks/"  # what webhooks are signed for; they arrive elsewhere


@dataclass(frozen=True)
class Profile:
    """A gateway under test.

    simulator: module of the process behind it. make: the gateway of an environment whose url_name
    the suite fills in. tender: one that can do everything the gateway can.
    """

    name: str
    simulator: str
    url_name: str
    make: Make
    tender: Tender = Tender.CARD
    terminal: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    sends_webhooks: bool = True
    signs_webhooks: bool = True
    signs_bytes: bool = True
    signs_time: bool = False
    refunds_once: bool = False
    webhooks_per_sale: int = 1


PROFILES = {
    profile.name: profile
    for profile in (
        Profile(
            name="acquirer_simulator",
            simulator="simulators.acquirer.main",
            url_name="MEGURI_ACQUIRER_SIMULATOR_URL",
            make=lambda env, deadline_s, _: AcquirerSimulator(
                env["MEGURI_ACQUIRER_SIMULATOR_URL"], deadline_s
            ),
            sends_webhooks=False,
        ),
        Profile(
            name="square",
            simulator="simulators.square.main",
            url_name="MEGURI_SQUARE_URL",
            make=lambda env, deadline_s, clock: square.make(
                env, deadline_s=deadline_s, clock=clock
            ),
            terminal="DEVICE-1",
            secrets={
                "MEGURI_SQUARE_TOKEN": "conformance",
                "MEGURI_SQUARE_WEBHOOK_KEY": "conformance-key",
                "MEGURI_SQUARE_WEBHOOK_URL": WEBHOOK_URL + "square",
            },
            signs_time=True,
            webhooks_per_sale=2,
        ),
        Profile(
            name="adyen",
            simulator="simulators.adyen.main",
            url_name="MEGURI_ADYEN_URL",
            make=lambda env, deadline_s, clock: adyen.make(env, deadline_s=deadline_s, clock=clock),
            terminal="V400m-000000001",
            secrets={
                "MEGURI_ADYEN_API_KEY": "conformance",
                "MEGURI_ADYEN_HMAC_KEY": "0123456789ABCDEF" * 4,
            },
            signs_bytes=False,
        ),
        Profile(
            name="paypay",
            simulator="simulators.paypay.main",
            url_name="MEGURI_PAYPAY_URL",
            make=lambda env, deadline_s, clock: paypay.make(
                env, deadline_s=deadline_s, clock=clock
            ),
            tender=Tender.CODE_PAYMENT,
            secrets={
                "MEGURI_PAYPAY_KEY": "conformance",
                "MEGURI_PAYPAY_SECRET": "conformance-secret",
            },
            signs_webhooks=False,
            refunds_once=True,
        ),
    )
}
