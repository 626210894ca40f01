"""What waits for those who keep the books: lines that fit nothing, payouts that did not come."""

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import ngettext

from kit.roles import OFFICE
from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1.office_service_pb2_grpc import OfficeServiceStub
from services.edge.clients import stub
from services.edge.waiting import DEADLINE_S, Source, Task, about

MOST_FINDINGS = 200  # as one page of them has


def sources() -> tuple[Source, ...]:
    """Returns the rooms of the office."""
    return (Source(_("Payments"), OFFICE, findings),)


def findings() -> Iterator[Task]:
    """Lines of providers' files that fit nothing, and payouts that did not come."""
    office = stub(OfficeServiceStub, deadline_s=DEADLINE_S)
    listed = office.ListFindings(office_pb.ListFindingsRequest(page_size=MOST_FINDINGS))
    count = len(listed.findings)
    if count:
        yield Task(
            "findings", "receipt", ngettext("%(num)s line of a provider's file fits nothing",
                                            "%(num)s lines of providers' files fit nothing", count),
            _("See why, settle it, and write down what was done."), about(count, 3),
            "/till/office/reconcile",
        )  # fmt: skip
    waiting = office.ListUnconfirmedSales(office_pb.ListUnconfirmedSalesRequest())
    over = sum(each.due == office_pb.PAYOUT_DUE_OVER for each in waiting.sales)
    if over:
        yield Task(
            "payouts", "card", ngettext("%(num)s payout was due and no file tells of it",
                                        "%(num)s payouts were due and no file tells of them", over),
            _("Load the provider's newest file, or ask the provider."), 5,
            "/till/office/reconcile", late=True,
        )  # fmt: skip
