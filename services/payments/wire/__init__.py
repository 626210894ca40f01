"""Between protobuf and the domain's values; shared by the doors."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from kit.pure.errors import InvalidFields
from meguri.payments.v1 import payments_service_pb2 as pb
from services.payments.app.reads import Page, Proof, Totals
from services.payments.domain.close import SaleCounts
from services.payments.domain.events import Channel, DayTotal, RefundChannel
from services.payments.domain.payment import Payment, State, is_with_customer
from services.payments.domain.receipt import Item, receipt_number
from services.payments.domain.refund import Refund
from services.payments.domain.tender import GatewayFacts, Tender

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Read once: looking a value up by its name costs more than all the rest of a field.
_TENDERS = {each: pb.Tender.Value(f"TENDER_{each.name}") for each in Tender}
_TENDERS_BY_NUMBER: dict[int, Tender] = {number: each for each, number in _TENDERS.items()}
_CHANNELS = {each: pb.SalesChannel.Value(f"SALES_CHANNEL_{each.name}") for each in Channel}
_STATES = {each: pb.PaymentState.Value(f"PAYMENT_STATE_{each.name}") for each in State}


def timestamp(moment: datetime) -> Timestamp:
    """Encodes an aware moment."""
    message = Timestamp()
    _set(message, moment)
    return message


def _set(message: Timestamp, moment: datetime) -> None:
    since = moment - _EPOCH
    message.seconds = since.days * 86_400 + since.seconds
    message.nanos = since.microseconds * 1_000


def tender_number(tender: Tender) -> pb.Tender.ValueType:
    """Encodes a tender."""
    return _TENDERS[tender]


def tender_value(number: int, field: str = "tender") -> Tender:
    """Decodes a tender. Errors: InvalidFields for none or one that is not in the contract."""
    found = _TENDERS_BY_NUMBER.get(number)
    if found is None:
        raise InvalidFields([(field, "name a way to pay")])
    return found


def channel_number(channel: Channel) -> pb.SalesChannel.ValueType:
    """Encodes a sales channel."""
    return _CHANNELS[channel]


def refund_channel_number(channel: RefundChannel) -> pb.RefundChannel.ValueType:
    """Encodes a refund channel."""
    return pb.RefundChannel.Value(f"REFUND_CHANNEL_{channel.name}")


def refund_channel_value(number: int) -> RefundChannel:
    """Decodes a refund channel; none means the provider. Errors: InvalidFields."""
    if number not in pb.RefundChannel.values():
        raise InvalidFields([("channel", "this channel is not known")])
    if number == pb.REFUND_CHANNEL_UNSPECIFIED:
        return RefundChannel.PROVIDER
    name = pb.RefundChannel.Name(pb.RefundChannel.ValueType(number))
    return RefundChannel[name.removeprefix("REFUND_CHANNEL_")]


def item_values(items: Sequence[pb.Item]) -> tuple[Item, ...]:
    """Decodes lines of a sale."""
    if not items:  # most have none
        return ()
    return tuple(
        Item(
            name=item.name,
            quantity=item.quantity,
            unit_amount_yen=item.unit_amount_yen,
            tax_rate_percent=item.tax_rate_percent,
        )
        for item in items
    )


def item_messages(items: tuple[Item, ...]) -> list[pb.Item]:
    """Encodes lines of a sale."""
    return [
        pb.Item(
            name=item.name,
            quantity=item.quantity,
            unit_amount_yen=item.unit_amount_yen,
            tax_rate_percent=item.tax_rate_percent,
        )
        for item in items
    ]


def refund_message(refund: Refund) -> pb.Refund:
    """Encodes a refund."""
    return pb.Refund(
        refund_id=refund.refund_id,
        amount_yen=refund.amount_yen,
        channel=refund_channel_number(refund.channel),
        state=pb.RefundState.Value(f"REFUND_STATE_{refund.state.name}"),
        reason=refund.reason,
        decline_reason=refund.decline_reason,
        clerk_id=refund.clerk_id,
        business_date=refund.business_date.isoformat(),
        create_time=timestamp(refund.create_time),
    )


def payment_message(
    payment: Payment,
    refunds: list[Refund],
    facts: Mapping[str, GatewayFacts],
    customer_code: str = "",
) -> pb.Payment:
    """Encodes a payment with its refunds. customer_code: what the customer scans, if anything."""
    message = pb.Payment(customer_code=customer_code)
    fill_payment(message, payment, facts)
    message.refunds.extend(refund_message(refund) for refund in refunds)
    return message


def fill_payment(message: pb.Payment, payment: Payment, facts: Mapping[str, GatewayFacts]) -> None:
    """Encodes a payment into an empty message, where it lies: to make one and have it copied into
    an answer of many costs twice the time, and so does naming each field to the constructor."""
    day = payment.business_date.isoformat()
    known = facts.get(payment.gateway)
    message.payment_id = payment.payment_id
    message.shop_place_id = payment.shop_place_id
    message.tender = _TENDERS[payment.tender]
    message.gateway = payment.gateway
    message.practice = payment.practice
    message.state = _STATES[payment.state]
    message.amount_yen = payment.amount_yen
    message.authorized_yen = payment.authorized_yen
    message.captured_yen = payment.captured_yen
    message.business_date = day
    message.channel = _CHANNELS[payment.channel]
    message.unconfirmed = payment.unconfirmed
    message.receipt_number = receipt_number(payment.payment_id, day)
    message.taken_by = payment.taken_by
    message.version = payment.version
    message.clerk_id = payment.clerk_id
    message.provider_refunds = known is None or known.gives_back(payment.tender)
    message.refundable_yen = payment.refundable_yen
    _set(message.create_time, payment.create_time)
    _set(message.update_time, payment.update_time)
    # What most payments do not have.
    if payment.items:
        message.items.extend(item_messages(payment.items))
    if payment.tap_time is not None:
        _set(message.tap_time, payment.tap_time)
    if payment.split_sale_id:
        message.split_sale_id = payment.split_sale_id
    if payment.decline_reason:
        message.decline_reason = payment.decline_reason
    if payment.refunded_yen:
        message.refunded_yen = payment.refunded_yen
    if payment.pending is not None:
        message.customer_acts = is_with_customer(payment)
        message.being_voided = payment.is_being_voided


def page_message(page: Page, facts: Mapping[str, GatewayFacts]) -> pb.ListPaymentsResponse:
    """Encodes a page of payments."""
    return pb.ListPaymentsResponse(
        payments=[payment_message(payment, refunds, facts) for payment, refunds in page.payments],
        next_page_token=page.next_token,
    )


def total_message(total: DayTotal) -> pb.TenderTotal:
    """Encodes the sums of one tender on a day that is over."""
    return pb.TenderTotal(
        tender=tender_number(total.tender),
        practice=total.practice,
        captured_count=total.captured_count,
        captured_yen=total.captured_yen,
        voided_count=total.voided_count,
        voided_yen=total.voided_yen,
        refunded_count=total.refunded_count,
        refunded_yen=total.refunded_yen,
        net_yen=total.captured_yen - total.voided_yen - total.refunded_yen,
    )


def _sales(totals: Totals, *, practice: bool) -> SaleCounts:
    return totals.sales.get(practice, SaleCounts(kept=0, refunded=0, canceled=0))


def totals_message(totals: Totals) -> pb.ReadTotalsResponse:
    """Encodes the sums of a day."""
    live, practice = _sales(totals, practice=False), _sales(totals, practice=True)
    return pb.ReadTotalsResponse(
        business_date=totals.day.isoformat(),
        totals=[
            pb.TenderTotal(
                tender=tender_number(Tender(row["tender"])),
                practice=row["practice"],
                captured_count=row["capture_count"],
                captured_yen=row["capture_yen"],
                voided_count=row["void_count"],
                voided_yen=row["void_yen"],
                refunded_count=row["refund_count"],
                refunded_yen=row["refund_yen"],
                net_yen=row["capture_yen"] - row["void_yen"] - row["refund_yen"],
                kept_count=totals.kept.get((row["practice"], row["tender"]), 0),
            )
            for row in totals.rows
        ],
        unresolved_count=totals.unresolved_count,
        kept_sale_count=live.kept,
        kept_practice_sale_count=practice.kept,
        refunded_sale_count=live.refunded,
        refunded_practice_sale_count=practice.refunded,
    )


def proof_message(proof: Proof) -> pb.ProveLedgerResponse:
    """Encodes the proof of the ledger."""
    return pb.ProveLedgerResponse(
        sound=proof.sound,
        entry_count=proof.journal["entry_count"],
        posting_count=proof.journal["posting_count"],
        posting_sum_yen=proof.journal["posting_sum_yen"],
        unbalanced_entry_count=proof.journal["unbalanced_count"],
        accounts=[
            pb.AccountBalance(
                account=row["account"],
                practice=row["practice"],
                balance_yen=row["balance_yen"],
                posted_yen=row["posted_yen"],
            )
            for row in proof.accounts
        ],
        mismatched_payment_count=proof.mismatched_payment_count,
    )
