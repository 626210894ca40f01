"""Sales as the door hears them: one at a time, or many that waited for a connection."""

from collections.abc import Mapping
from datetime import timedelta

from kit import texts
from kit.pure.errors import InvalidFields, Refusal
from kit.requests import RequestKey
from kit.rpc import Errors, look_up, request_key
from meguri.payments.v1 import payments_service_pb2 as pb
from services.payments import wire
from services.payments.app.take import Taken
from services.payments.app.units import Sale
from services.payments.domain.events import Channel
from services.payments.domain.tender import GatewayFacts

_CAPTURE_MODES = frozenset(pb.CaptureMode.values())
_MOST_S = 10**9  # beyond it a timedelta would not hold; far beyond what is accepted


def sale_value(
    request: pb.TakePaymentRequest, *, device: bool, waited: timedelta | None = None
) -> Sale:
    """Decodes a sale. Errors: InvalidFields."""
    if request.capture not in _CAPTURE_MODES:
        raise InvalidFields([("capture", "this mode is not known")])
    return Sale(
        shop_place_id=request.shop_place_id,
        tender=wire.tender_value(request.tender),
        amount_yen=request.amount_yen,
        capture_at_once=request.capture != pb.CAPTURE_MODE_LATER,
        items=wire.item_values(request.items),
        gateway=request.gateway,
        channel=Channel.REGISTER if device else Channel.TILL,
        clerk_id=request.clerk_id,
        split_sale_id=request.split_sale_id,
        waited=waited,
    )


def waiting_value(given: pb.WaitingSale, *, device: bool) -> tuple[RequestKey, Sale] | Refusal:
    """Decodes a sale that waited. What is wrong with it is the answer to it and to no other."""
    waited = timedelta(seconds=max(-_MOST_S, min(given.waited_s, _MOST_S)))
    try:
        texts.check(given.sale)
        return request_key(given.sale), sale_value(given.sale, device=device, waited=waited)
    except (InvalidFields, texts.CardNumberTyped) as refusal:
        return refusal


def fill_result(
    message: pb.WaitingSaleResult,
    request_id: str,
    found: Taken | Refusal,
    facts: Mapping[str, GatewayFacts],
    errors: Errors,
) -> None:
    """Encodes what became of a sale that waited into its empty place in the answer."""
    if isinstance(found, Taken):
        message.request_id = request_id
        wire.fill_payment(message.payment, found.payment, facts)
        return
    message.request_id = request_id[:100]
    message.reason, message.text = look_up(errors, found)[1], str(found)[:300]
