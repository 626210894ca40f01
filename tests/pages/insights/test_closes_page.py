"""Closes of shops on the cross-check: who differs by how much, who has not closed, what waits."""

from typing import Any

from flask.testing import FlaskClient
from google.protobuf.message import Message

from meguri.insights.v1 import insights_service_pb2 as pb
from tests.pages.insights.test_pages import Services, app, backstage, browser, services

__all__ = ["app", "backstage", "browser", "services"]


def shops_closed(services: Services, *closes: pb.ShopClose) -> None:
    """Lets insights have heard of closes of the day."""

    def answer(request: Any) -> Message:
        found = services._agreement(request)
        assert isinstance(found, pb.ReadAgreementResponse)
        found.days[0].closes.extend(closes)
        return found

    services.answers["ReadAgreement"] = answer


def shop_close(name: str, number: int, counted_yen: int, closed_yen: int) -> pb.ShopClose:
    agrees = counted_yen == closed_yen
    return pb.ShopClose(
        shop_place_id=name.lower(), names={"en": name}, close_number=number, agrees=agrees,
        sums=[
            pb.ClosedSum(tender="card", measure="captured_yen", counted_yen=counted_yen,
                         closed_yen=closed_yen, agrees=agrees),
        ],
    )  # fmt: skip


def test_shops_whose_closes_differ_are_named_with_the_yen(
    browser: FlaskClient, services: Services
) -> None:
    agreed, still_open = shop_close("Kiosk", 3, 9_000, 9_000), shop_close("Stand", 0, 400, 0)
    shops_closed(services, agreed, still_open)
    text = browser.get("/insights/agreement?locale=en").text
    assert "1 shop has closed this day; the close agrees to the yen." in text
    assert "Not closed yet: Stand" in text
    assert "What was said agrees" in text
    shops_closed(services, agreed, shop_close("Café", 7, 14_600, 14_100))
    text = browser.get("/insights/agreement?locale=en").text
    assert "They differ" in text
    assert "<strong>Café</strong> close no. 7" in text
    assert "Card, Amount taken (yen): counted 14,600, closed 14,100" in text
    assert "differs by +500" in text
    assert "Kiosk" not in text
