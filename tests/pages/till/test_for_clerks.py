"""What a clerk reads: what a clerk can do. Commands stand where administrators look."""

from typing import TypeAlias

import pytest
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import tickets_service_pb2 as tickets_pb
from tests.pages.edge.fakes import FakeServices
from tests.pages.till.test_linked import page_at
from tests.pages.till.test_sale import EN, SHOP, Payments, payments

__all__ = ["payments"]

RoleValue: TypeAlias = "directory.Role.ValueType"
GATE = pb.Shop(shop_place_id="gate-a", names={"ja": "正面"}, owner=pb.SHOP_OWNER_CITY)
HERE, NEAR = "127.0.0.1", "192.168.0.9"  # no phone reaches the first one


@pytest.fixture(autouse=True)
def shops(services: FakeServices, payments: Payments) -> None:
    services.answers |= {
        "ListShops": lambda _: pb.ListShopsResponse(shops=[SHOP, GATE]),
        "ListPriceClasses": lambda _: tickets_pb.ListPriceClassesResponse(),
        "ListCloses": lambda _: office_pb.ListClosesResponse(),
    }


def is_(services: FakeServices, *roles: RoleValue, shops: tuple[str, ...] = ()) -> None:
    """Whoever is signed in has these roles, and is bound to these shops."""
    services.user.ClearField("roles")
    services.user.roles.extend(roles)
    services.user.ClearField("shop_place_ids")
    services.user.shop_place_ids.extend(shops)


@pytest.mark.parametrize("path", ["/till/payments/p-1", "/till/payments/p-1/receipt"])
def test_after_a_sale_no_command_is_read_where_no_phone_reaches_the_till(
    browser: FlaskClient, services: FakeServices, path: str
) -> None:
    services.answers["ReadReceipt"] = lambda _: pb.ReadReceiptResponse(
        receipt=pb.Receipt(
            payment_id="p-1", shop=SHOP, total_yen=1300, tender=pb.TENDER_CASH_RECORD
        ),
        link_secret="S" * 40,
    )
    page = page_at(browser, HERE, path)
    assert "¥1,300" in page
    assert "./meguri" not in page
    assert "till-link" not in page
    assert "till-link" in page_at(browser, NEAR, path)


@pytest.mark.parametrize(
    ("role", "host", "reads"),
    [(directory.ROLE_ADMIN, HERE, True), (directory.ROLE_ADMIN, NEAR, False),
     (directory.ROLE_SHOP_OWNER, HERE, False)],
)  # fmt: skip
def test_an_administrator_reads_at_the_office_what_gives_receipts_a_code(
    browser: FlaskClient, services: FakeServices, role: RoleValue, host: str, *, reads: bool
) -> None:
    is_(services, role, shops=("shop-a",))
    page = page_at(browser, host, "/till/office/shops")
    assert "試しの店" in page
    assert ("./meguri up --domain NAME" in page) is reads


@pytest.mark.parametrize(
    ("shop", "role", "says", "command"),
    [
        ("shop-a", directory.ROLE_CLERK, "This shop sells no tickets", False),
        ("shop-a", directory.ROLE_ADMIN, "This shop sells no tickets", False),
        ("gate-a", directory.ROLE_CLERK, "Ask the association: whoever runs the server", False),
        ("gate-a", directory.ROLE_ADMIN, "No tickets are sold here yet", True),
    ],
)
def test_without_prices_a_clerk_is_told_whom_to_ask(
    browser: FlaskClient, services: FakeServices, shop: str, role: RoleValue, says: str,
    *, command: bool,
) -> None:  # fmt: skip
    is_(services, role)
    page = browser.get(f"/till/tickets?shop={shop}", headers=EN).text
    assert says in page
    assert ("./meguri" in page) is command


@pytest.mark.parametrize(
    "path",
    ["/till?shop=shop-b", "/till/today?shop=shop-b", "/till/choose?shop=shop-b",
     "/till/tickets?shop=shop-b", "/till/office/closes?shop=shop-b"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("bound", "status", "says"),
    [(("shop-a", "gate-a"), 403, "belongs to another shop"), ((), 404, "not set up for payments")],
)
def test_a_shop_of_others_is_not_called_not_set_up(
    browser: FlaskClient, services: FakeServices, path: str, bound: tuple[str, ...], status: int,
    says: str,
) -> None:  # fmt: skip
    is_(services, directory.ROLE_CLERK, directory.ROLE_SHOP_OWNER, directory.ROLE_ACCOUNTANT,
        shops=bound)  # fmt: skip
    page = browser.get(path, headers=EN)
    assert (page.status_code, says in page.text) == (status, True)
