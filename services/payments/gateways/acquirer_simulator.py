"""The acquirer simulator: a remote provider over HTTP that moves no money. Always PRACTICE."""

from http import HTTPStatus

from services.payments.domain.provider import (
    DONE,
    NEVER_RECEIVED,
    UNANSWERED,
    UNREACHED,
    Answer,
    Order,
    Outcome,
    Step,
)
from services.payments.domain.tender import Custody, GatewayFacts, Mode, Tender
from services.payments.gateways.http_json import HttpJson, NoAnswer, NotSent, Reply
from services.payments.gateways.webhook import AtOnce

DEADLINE_S = 5.0
ASK_DEADLINE_S = 3.0
_PATHS = {
    Step.TAKE: "/v1/charges/{key}",
    Step.CAPTURE: "/v1/charges/{payment_id}/captures/{key}",
    Step.VOID: "/v1/charges/{payment_id}/voids/{key}",
    Step.EXPIRE: "/v1/charges/{payment_id}/voids/{key}",
    Step.REFUND: "/v1/charges/{payment_id}/refunds/{key}",
}


class AcquirerSimulator(AtOnce):
    """Talks to simulators/acquirer; see its http_door.py for the API."""

    facts = GatewayFacts(
        name="acquirer_simulator",
        mode=Mode.PRACTICE,
        custody=Custody.ACQUIRER,
        tenders=frozenset(Tender) - {Tender.CASH_RECORD, Tender.POINTS},
        immediate=False,
    )

    def __init__(self, url: str, deadline_s: float = DEADLINE_S) -> None:
        self._http = HttpJson(url)
        self.deadline_s = deadline_s

    async def perform(self, order: Order) -> Answer:
        """Asks for a step."""
        path = _PATHS[order.step].format(key=order.key, payment_id=order.payment_id)
        body: dict[str, object] = {"amount_yen": order.amount_yen}
        if order.step is Step.TAKE:
            body |= {"tender": str(order.tender), "capture": order.capture}
        try:
            reply = await self._http.post(path, body, self.deadline_s)
        except NotSent:
            return UNREACHED
        except NoAnswer:
            return UNANSWERED
        return _read(order, reply)

    async def ask(self, order: Order) -> Answer:
        """Asks what became of a step and fences an unknown key in the same request."""
        path = f"/v1/operations/{order.key}/fence"
        try:
            reply = await self._http.post(path, {}, ASK_DEADLINE_S)
        except (NotSent, NoAnswer):
            return UNANSWERED
        if reply.status == HTTPStatus.NOT_FOUND and reply.document.get("key") == order.key:
            return NEVER_RECEIVED
        return _read(order, reply)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.close()


def _read(order: Order, reply: Reply) -> Answer:
    """Believes an answer only when it names our key; anything else leaves the step open."""
    if reply.status != HTTPStatus.OK or reply.document.get("key") != order.key:
        return UNANSWERED
    status, reason = reply.document.get("status"), str(reply.document.get("reason", ""))[:60]
    if status == "done":
        return DONE
    if status == "refused" and reason == "fenced":
        return NEVER_RECEIVED
    return Answer(Outcome.REFUSED, reason) if status == "refused" else UNANSWERED
