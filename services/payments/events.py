"""The NATS door of payments: what it says, and what it hears from directory."""

from google.protobuf.message import Message

from kit.bus import Delivery, Hearing
from kit.db import Transaction
from kit.outbox import Encoders
from meguri.directory.v1 import directory_events_pb2 as directory
from meguri.payments.v1 import payments_events_pb2 as pb
from services.payments import wire
from services.payments.app import hear
from services.payments.domain.events import (
    PaymentBecameUnknown,
    PaymentCaptured,
    PaymentDeclined,
    PaymentEvent,
    PaymentExpired,
    PaymentRefunded,
    PaymentsDayTotaled,
    PaymentVoided,
    ShopDayClosed,
    TicketAdmitted,
)
from services.payments.wire.office import closed_date_message, line_message


def _captured(event: PaymentCaptured) -> Message:
    return _filled(pb.PaymentCaptured(split_sale_id=event.split_sale_id), event)


def _declined(event: PaymentDeclined) -> Message:
    return _filled(pb.PaymentDeclined(reason=event.reason), event)


def _voided(event: PaymentVoided) -> Message:
    said = pb.PaymentVoided(authorized_yen=event.authorized_yen, split_sale_id=event.split_sale_id)
    return _filled(said, event)


def _filled(
    message: pb.PaymentCaptured
    | pb.PaymentDeclined
    | pb.PaymentVoided
    | pb.PaymentExpired
    | pb.PaymentBecameUnknown,
    event: PaymentEvent,
) -> Message:
    message.payment_id = event.aggregate_id
    message.shop_place_id = event.shop_place_id
    message.tender = wire.tender_number(event.tender)
    message.amount_yen = event.amount_yen
    message.channel = wire.channel_number(event.channel)
    message.business_date = event.business_date.isoformat()
    message.practice = event.practice
    return message


def _refunded(event: PaymentRefunded) -> Message:
    return pb.PaymentRefunded(
        payment_id=event.aggregate_id,
        shop_place_id=event.shop_place_id,
        tender=wire.tender_number(event.tender),
        amount_yen=event.amount_yen,
        channel=wire.refund_channel_number(event.channel),
        business_date=event.business_date.isoformat(),
        practice=event.practice,
        refund_id=event.refund_id,
        split_sale_id=event.split_sale_id,
        ends_payment=event.ends_payment,
    )


def _day_closed(event: ShopDayClosed) -> Message:
    return pb.ShopDayClosed(
        close_id=event.aggregate_id,
        shop_place_id=event.shop_place_id,
        number=event.number,
        business_date=event.business_date.isoformat(),
        lines=[line_message(line) for line in event.lines],
        dates=[closed_date_message(each) for each in event.dates],
        entry_count=event.entry_count,
        expected_yen=event.expected_yen,
        counted_yen=event.counted_yen,
    )


def _day_totaled(event: PaymentsDayTotaled) -> Message:
    return pb.PaymentsDayTotaled(
        business_date=event.business_date.isoformat(),
        totals=[wire.total_message(total) for total in event.totals],
        head_number=event.head_number,
        head_hash=event.head_hash,
        head_key_id=event.head_key_id,
        head_signature=event.head_signature,
    )


def _admitted(event: TicketAdmitted) -> Message:
    return pb.TicketAdmitted(
        ticket_id=event.aggregate_id,
        gate_place_id=event.gate_place_id,
        persons=event.persons,
        origin=event.origin,
        business_date=event.business_date.isoformat(),
        practice=event.practice,
        offline=event.offline,
    )


ENCODERS: Encoders = {
    PaymentCaptured: _captured,
    PaymentDeclined: _declined,
    PaymentVoided: _voided,
    PaymentExpired: lambda event: _filled(pb.PaymentExpired(), event),
    PaymentBecameUnknown: lambda event: _filled(pb.PaymentBecameUnknown(), event),
    PaymentRefunded: _refunded,
    ShopDayClosed: _day_closed,
    PaymentsDayTotaled: _day_totaled,
    TicketAdmitted: _admitted,
}


async def _area_configured(
    tx: Transaction, delivery: Delivery, message: directory.AreaConfigured
) -> None:
    zone = message.area.time_zone
    await hear.keep_time_zone(tx, zone, delivery.version, delivery.occur_time)


async def _device_revoked(
    tx: Transaction, _delivery: Delivery, message: directory.DeviceRevoked
) -> None:
    await hear.revoke_device(tx, message.device_id)


async def _area_dropped(
    tx: Transaction, delivery: Delivery, _message: directory.AreaDropped
) -> None:
    await hear.drop_area(tx, delivery.occur_time)


HEARINGS = (
    Hearing("directory", "area_configured", directory.AreaConfigured, _area_configured),
    Hearing("directory", "device_revoked", directory.DeviceRevoked, _device_revoked),
    Hearing("directory", "area_dropped", directory.AreaDropped, _area_dropped),
)
