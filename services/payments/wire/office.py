"""Between protobuf and the domain's values, for the office."""

from collections.abc import Iterable
from datetime import date, datetime

from kit.db import Row
from meguri.payments.v1 import office_service_pb2 as pb
from services.payments.app.office.books import Settlement
from services.payments.app.office.close import Overview, XReport
from services.payments.app.office.reconcile import Listed
from services.payments.app.office.seal import AuditReport
from services.payments.app.office.unconfirmed import Unconfirmed, Waiting
from services.payments.domain.clerk import Clerk
from services.payments.domain.close import Close, ClosedDate, CloseLine, Figures, SaleCounts
from services.payments.domain.legal import LIMIT_YEN, UnusedBalance
from services.payments.domain.matching import FindingKind
from services.payments.domain.product import Product
from services.payments.domain.receipt import receipt_number
from services.payments.domain.split_sale import SplitSale, SplitState
from services.payments.domain.tender import Tender
from services.payments.wire import tender_number, timestamp


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def line_message(line: CloseLine) -> pb.CloseLine:
    """Encodes the sums of one tender and rate."""
    return pb.CloseLine(
        tender=tender_number(line.tender), tax_rate_percent=line.tax_rate_percent,
        captured_count=line.captured_count, captured_yen=line.captured_yen,
        voided_yen=line.voided_yen, refunded_yen=line.refunded_yen, net_yen=line.net_yen,
        tax_yen=line.tax_yen,
    )  # fmt: skip


def closed_date_message(held: ClosedDate) -> pb.ClosedDate:
    """Encodes what a close holds of one date."""
    return pb.ClosedDate(
        business_date=_day(held.business_date), entry_count=held.entry_count,
        lines=[line_message(line) for line in held.lines],
        closed=[
            pb.ClosedTender(
                tender=tender_number(each.tender), captured_yen=each.captured_yen,
                voided_yen=each.voided_yen, refunded_yen=each.refunded_yen,
            )
            for each in held.closed
        ],
    )  # fmt: skip


def figures_message(figures: Figures) -> pb.CloseFigures:
    """Encodes what is in a close."""
    return pb.CloseFigures(
        lines=[line_message(line) for line in figures.lines], entry_count=figures.entry_count,
        earlier_count=figures.earlier_count, cash_yen=figures.cash_yen, net_yen=figures.net_yen,
        sales=counts_message(figures.sales) if figures.sales else None,
    )  # fmt: skip


def counts_message(sales: SaleCounts) -> pb.SaleCounts:
    """Encodes how many sales stand."""
    return pb.SaleCounts(kept=sales.kept, refunded=sales.refunded, canceled=sales.canceled)


def close_message(close: Close) -> pb.Close:
    """Encodes a close."""
    return pb.Close(
        close_id=close.close_id, shop_place_id=close.shop_place_id, number=close.number,
        business_date=_day(close.business_date), figures=figures_message(close.figures),
        float_yen=close.count.float_yen, expected_yen=close.expected_yen,
        counted_yen=close.count.counted_yen, difference_yen=close.difference_yen,
        reason=close.count.reason, unresolved_count=close.unresolved_count,
        closed_by=close.closed_by, close_time=timestamp(close.close_time),
    )  # fmt: skip


def day_message(report: XReport) -> pb.ReadDayResponse:
    """Encodes an X report."""
    return pb.ReadDayResponse(
        business_date=_day(report.day), figures=figures_message(report.figures),
        unresolved_count=report.unresolved_count, float_yen=report.float_yen,
        closes=[close_message(close) for close in report.closes],
        unfinished_sales=[_unfinished_message(sale) for sale in report.unfinished],
        practice_sales=counts_message(report.practice),
    )  # fmt: skip


def _unfinished_message(sale: SplitSale) -> pb.UnfinishedSale:
    return pb.UnfinishedSale(
        split_sale_id=sale.split_sale_id, total_yen=sale.total_yen, held_yen=sale.held_yen,
        open_yen=sale.open_yen, giving_back=sale.state is SplitState.GIVING_BACK,
        practice=sale.practice, create_time=timestamp(sale.create_time),
        receipt_number=receipt_number(sale.split_sale_id, _day(sale.business_date)),
    )  # fmt: skip


def overview_message(found: Overview) -> pb.ListClosesResponse:
    """Encodes closes and what waits."""
    return pb.ListClosesResponse(
        closes=[close_message(close) for close in found.closes],
        waiting=[
            pb.WaitingDay(shop_place_id=shop, business_date=_day(day), entry_count=count)
            for shop, day, count in found.waiting
        ],
    )


def _kind(kind: FindingKind) -> pb.FindingKind.ValueType:
    return pb.FindingKind.Value(f"FINDING_KIND_{kind.name}")


def reconciliation_message(listed: Listed) -> pb.Reconciliation:
    """Encodes a file that was matched."""
    done = listed.reconciliation
    return pb.Reconciliation(
        reconciliation_id=done.reconciliation_id, file_name=done.file_name,
        mapping_name=done.mapping_name, gateway=done.gateway, first_date=_day(done.first_date),
        last_date=_day(done.last_date), line_count=done.line_count,
        matched_count=done.matched_count, skipped_count=done.skipped_count,
        rejected=[
            pb.RejectedRow(row=each.row, field=each.field, reason=each.reason, text=each.text)
            for each in done.rejected
        ],
        rejected_count=done.rejected_count,
        counts=[
            pb.FindingCount(kind=_kind(kind), found_count=found, open_count=waiting)
            for kind, (found, waiting) in listed.counts.items()
        ],
        fee_yen=done.fee_yen, payout_yen=done.payout_yen, reconciled_by=done.reconciled_by,
        reconcile_time=timestamp(done.reconcile_time),
    )  # fmt: skip


def finding_message(row: Row) -> pb.Finding:
    """Encodes a finding as store.reconciliations returns it."""
    return pb.Finding(
        finding_id=row["finding_id"], reconciliation_id=row["reconciliation_id"],
        kind=_kind(FindingKind(row["kind"])), shop_place_id=row["shop_place_id"],
        tender=tender_number(Tender(row["tender"])), row=row["row_number"],
        line_number=row["line_number"], payment_id=row["payment_id"] or "",
        expected_yen=row["expected_yen"], found_yen=row["found_yen"],
        expected_date=_day(row["expected_date"]), found_date=_day(row["found_date"]),
        settled_by=row["settled_by"], note=row["note"], refund=row["is_refund"],
        alike_count=row["alike_count"], expected_payout_date=_day(row["expected_payout_date"]),
        ended=pb.FindingEnd.Value(f"FINDING_END_{row['ended'].upper() or 'UNSPECIFIED'}"),
        earlier_file=row["earlier_file"],
    )  # fmt: skip


def unconfirmed_message(found: Waiting) -> pb.ListUnconfirmedSalesResponse:
    """Encodes what waits for a provider's word."""
    return pb.ListUnconfirmedSalesResponse(
        sales=[_unconfirmed(each) for each in found.sales], more=found.more,
        business_date=_day(found.today), first_date=_day(found.first),
    )  # fmt: skip


def _unconfirmed(each: Unconfirmed) -> pb.UnconfirmedSales:
    return pb.UnconfirmedSales(
        shop_place_id=each.shop_place_id, tender=tender_number(each.tender), gateway=each.gateway,
        business_date=_day(each.day), payment_count=each.payment_count,
        amount_yen=each.amount_yen, expected_payout_date=_day(each.expected),
        due=pb.PayoutDue.Value(f"PAYOUT_DUE_{each.due.name}"),
    )  # fmt: skip


def settlement_message(found: Settlement) -> pb.ReadSettlementResponse:
    """Encodes what lies at each provider."""
    return pb.ReadSettlementResponse(
        rows=[
            pb.SettlementRow(
                shop_place_id=row["shop_place_id"], acquirer=row["acquirer"],
                tender=tender_number(Tender(row["tender"])), practice=row["practice"],
                gross_yen=row["gross_yen"], refunded_yen=row["refunded_yen"],
                fee_yen=row["fee_yen"],
                net_yen=row["gross_yen"] - row["refunded_yen"] - row["fee_yen"],
                payout_yen=row["payout_yen"], payout_date=_day(row["payout_date"]),
                balance_yen=row["balance_yen"], unconfirmed_count=row["unconfirmed_count"],
            )
            for row in found.rows
        ],
        payouts=[
            pb.Payout(
                payout_date=_day(row["payout_date"]), shop_place_id=row["shop_place_id"],
                tender=tender_number(Tender(row["tender"])), amount_yen=row["amount_yen"],
            )
            for row in found.payouts
        ],
    )  # fmt: skip


def audit_message(report: AuditReport) -> pb.VerifyAuditResponse:
    """Encodes a check of the chain."""
    head = report.last_head
    return pb.VerifyAuditResponse(
        sound=not report.findings, link_count=report.link_count,
        waiting_count=report.waiting_count, head_count=report.head_count,
        findings=[
            pb.AuditFinding(
                fault=pb.AuditFault.Value(f"AUDIT_FAULT_{each.fault.name}"), number=each.number,
                row_id=each.row_id,
            )
            for each in report.findings
        ],
        head_date=_day(head.business_date) if head else "", head_number=head.number if head else 0,
        head_hash=head.hash if head else b"", head_signature=head.signature if head else b"",
        key_id=report.key_id, public_key_pem=report.public_key_pem,
    )  # fmt: skip


def legal_message(found: Iterable[UnusedBalance]) -> pb.ReadLegalFiguresResponse:
    """Encodes unused balances."""
    return pb.ReadLegalFiguresResponse(
        balances=[
            pb.UnusedBalance(
                base_date=_day(each.base_date), prepaid_yen=each.prepaid_yen,
                free_points_yen=each.free_points_yen, over_limit=each.over_limit,
            )
            for each in found
        ],
        limit_yen=LIMIT_YEN,
    )  # fmt: skip


def product_value(message: pb.Product) -> Product:
    """Decodes a product."""
    return Product(
        code=message.code, names=dict(message.names), unit_amount_yen=message.unit_amount_yen,
        tax_rate_percent=message.tax_rate_percent, button=message.button,
    )  # fmt: skip


def product_message(product: Product) -> pb.Product:
    """Encodes a product."""
    return pb.Product(
        code=product.code, names=dict(product.names), unit_amount_yen=product.unit_amount_yen,
        tax_rate_percent=product.tax_rate_percent, button=product.button,
    )  # fmt: skip


def clerk_message(clerk: Clerk, now: datetime) -> pb.Clerk:
    """Encodes a clerk; never the PIN's hash."""
    return pb.Clerk(
        clerk_id=clerk.clerk_id, display_name=clerk.display_name, disabled=clerk.disabled,
        resting=clerk.rest_until is not None and now < clerk.rest_until,
    )  # fmt: skip
