"""Split sales between protobuf and values."""

from collections.abc import Callable, Mapping, Sequence

from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1 import split_sales_service_pb2 as pb
from meguri.payments.v1 import tickets_service_pb2 as tickets_pb
from services.payments.app.units import SplitOpening
from services.payments.domain.business_day import read_date
from services.payments.domain.payment import Payment
from services.payments.domain.receipt import receipt_number
from services.payments.domain.refund import Refund
from services.payments.domain.split_sale import SplitSale
from services.payments.wire import item_messages, item_values, timestamp

PartMessage = Callable[[Payment, list[Refund]], payments_pb.Payment]


def opening_value(request: pb.OpenSplitSaleRequest) -> SplitOpening:
    """Decodes what to open. Errors: InvalidFields."""
    return SplitOpening(
        shop_place_id=request.shop_place_id,
        total_yen=request.total_yen,
        items=item_values(list(request.items)),
        clerk_id=request.clerk_id,
        party=[(line.class_id, line.persons) for line in request.ticket_lines],
        day=read_date("valid_date", request.valid_date) if request.valid_date else None,
        voucher=request.voucher,
    )


def sale_message(
    sale: SplitSale, refunds: Mapping[str, Sequence[Refund]], part_message: PartMessage
) -> pb.SplitSale:
    """Encodes a split sale with its parts."""
    day, party = sale.business_date.isoformat(), sale.party
    return pb.SplitSale(
        split_sale_id=sale.split_sale_id,
        shop_place_id=sale.shop_place_id,
        state=pb.SplitSaleState.Value(f"SPLIT_SALE_STATE_{sale.state.name}"),
        total_yen=sale.total_yen,
        items=item_messages(sale.items),
        parts=[part_message(part, list(refunds.get(part.payment_id, ()))) for part in sale.parts],
        captured_yen=sale.captured_yen,
        under_way_yen=sale.under_way_yen,
        open_yen=sale.open_yen,
        business_date=day,
        create_time=timestamp(sale.create_time),
        receipt_number=receipt_number(sale.split_sale_id, day),
        held_yen=sale.held_yen if sale.give_back_time else 0,
        ticket_lines=[
            tickets_pb.TicketLine(class_id=each.class_id, number=each.number, persons=each.persons)
            for each in (party.lines if party else ())
        ],
        persons=party.persons if party else 0,
        valid_date=party.day.isoformat() if party else "",
        ticket_id=sale.split_sale_id if sale.is_issued else "",
        give_back_time=timestamp(sale.give_back_time) if sale.give_back_time else None,
    )
