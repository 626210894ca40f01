"""Requests of our gateways and answers of their simulators, held against the providers' own
specifications. Everything the conformance suite says on good and bad days is recorded and checked,
with unknown properties refused: a mock that lets them pass would be no proof."""

import asyncio
import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
from square import AsyncSquare

from services.payments.domain.payment import order_of
from services.payments.gateways.adyen import gateway as adyen
from services.payments.gateways.adyen.speech import AdyenSpeech
from services.payments.gateways.conformance import suite
from services.payments.gateways.conformance.profiles import PROFILES
from services.payments.gateways.conformance.stage import Stage
from services.payments.gateways.http_json import Call, HttpJson, Reply
from services.payments.gateways.remote import Talk as Requests

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "bench" / "openapi"
SAID = {
    "square": ("approve", "decline", "authorize_and_capture_a_part", "void_an_authorization",
               "capture_and_void_without_answer",
               "refund", "refund_without_answer", "refund_the_provider_does_not_make",
               "no_answer_before_charge", "webhook_twice", "cancel_while_the_customer_waits"),
    "adyen": ("approve", "decline", "customer_walks_away", "refund", "partial_refunds",
              "too_early_to_give_up", "cancel_while_the_customer_waits"),
    "paypay": ("approve", "customer_walks_away", "void_a_capture", "refund", "same_key_twice",
               "too_early_to_give_up", "cancel_while_the_customer_waits"),
}  # fmt: skip


@dataclass
class Talk:
    """What was said in a run: requests with their answers, and webhooks."""

    calls: list[tuple[Call, Reply]] = field(default_factory=list)
    hooks: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
async def talk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Talk:
    """A run of the cases named in SAID against the provider in the parameter."""
    said, send, leave = Talk(), HttpJson.send, Stage.__aexit__

    async def listen(self: HttpJson, call: Call, deadline_s: float) -> Reply:
        reply = await send(self, call, deadline_s)
        said.calls.append((call, reply))
        return reply

    async def note(self: Stage, *error: Any) -> None:
        said.hooks += [json.loads(hook.body) for hook in self.hooks]
        await leave(self, *error)

    monkeypatch.setattr(HttpJson, "send", listen)
    monkeypatch.setattr(Stage, "__aexit__", note)
    result = await suite.run(PROFILES[request.param], SAID[request.param])
    assert result["passed"], result
    return said


def specification(name: str) -> dict[str, Any]:
    """A provider's OpenAPI document, strict: no property that it does not name."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{path} is not beside this clone")
    document: dict[str, Any] = json.loads(path.read_text())
    for schema in _schemas(document["components"]["schemas"]):
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
        if schema.pop("nullable", False) and "type" in schema:
            schema["type"] = [schema["type"], "null"]
    return document


def _schemas(found: Any) -> Iterator[dict[str, Any]]:
    if isinstance(found, dict):
        if "type" in found or "properties" in found:
            yield found
        for value in found.values():
            yield from _schemas(value)


def check(document: Mapping[str, Any], name: str, instance: object) -> None:
    """Errors: ValidationError."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    jsonschema.Draft202012Validator(schema).validate(instance)


SQUARE = [
    ("POST", r"/v2/terminals/checkouts",
     "CreateTerminalCheckoutRequest", "CreateTerminalCheckoutResponse"),
    ("POST", r"/v2/terminals/checkouts/search",
     "SearchTerminalCheckoutsRequest", "SearchTerminalCheckoutsResponse"),
    ("POST", r"/v2/terminals/checkouts/[^/]+/cancel", "", "CancelTerminalCheckoutResponse"),
    ("GET", r"/v2/terminals/checkouts/[^/]+", "", "GetTerminalCheckoutResponse"),
    ("POST", r"/v2/refunds", "RefundPaymentRequest", "RefundPaymentResponse"),
    ("GET", r"/v2/refunds\?.*", "", "ListPaymentRefundsResponse"),
    ("PUT", r"/v2/payments/[^/]+", "UpdatePaymentRequest", "UpdatePaymentResponse"),
    ("GET", r"/v2/payments/[^/]+", "", "GetPaymentResponse"),
    # Not in the reduced specification; its answer has the same form.
    ("POST", r"/v2/payments/[^/]+/(complete|cancel)", "", "GetPaymentResponse"),
]  # fmt: skip


@pytest.mark.parametrize("talk", ["square"], indirect=True)
async def test_square(talk: Talk) -> None:
    document = specification("square_terminal_slim.json")
    heard = set()
    for call, reply in talk.calls:
        rows = [row for row in SQUARE if row[0] == call.method and re.fullmatch(row[1], call.path)]
        assert len(rows) == 1, call.path
        method, path, request_name, response_name = rows[0]
        heard.add((method, path))
        if request_name:
            check(document, request_name, json.loads(call.body or b""))
        check(document, response_name, reply.document)
        _check_query(document, call)
    assert heard == {row[:2] for row in SQUARE}
    inside = [hook["data"]["object"] for hook in talk.hooks]
    assert {name for each in inside for name in each} >= {"checkout"}
    forms = {"checkout": "TerminalCheckout", "refund": "PaymentRefund"}
    for each in inside:
        for name, value in each.items():
            check(document, forms[name], value)


def _check_query(document: Mapping[str, Any], call: Call) -> None:
    path, _, query = call.path.partition("?")
    if query:
        known = {found["name"] for found in document["paths"][path]["get"]["parameters"]}
        assert {part.partition("=")[0] for part in query.split("&")} <= known


async def test_square_s_own_library_and_the_simulator_understand_each_other(
    tmp_path: Path,
) -> None:
    async with Stage(PROFILES["square"], tmp_path) as stage, httpx.AsyncClient() as http:
        token = stage.environment["MEGURI_SQUARE_TOKEN"]
        client = AsyncSquare(token=token, base_url=stage.url, httpx_client=http)
        money = {"amount": 700, "currency": "JPY"}
        made = await client.terminal.checkouts.create(
            idempotency_key="k-1",
            checkout={  # type: ignore[arg-type, unused-ignore]
                "amount_money": money, "reference_id": "r-1", "payment_type": "CARD_PRESENT",
                "device_options": {"device_id": "DEVICE-1"},
            },
        )  # fmt: skip
        assert made.checkout
        assert made.checkout.status == "PENDING"
        for _ in range(100):
            found = await client.terminal.checkouts.get(checkout_id=made.checkout.id or "")
            assert found.checkout
            if found.checkout.status == "COMPLETED":
                break
            await asyncio.sleep(0.05)
        (payment_id,) = found.checkout.payment_ids or []
        back = await client.refunds.refund_payment(
            idempotency_key="k-2", payment_id=payment_id, reason="r",
            amount_money={"amount": 200, "currency": "JPY"},  # type: ignore[arg-type, unused-ignore]
        )  # fmt: skip
        assert back.refund
        assert back.refund.status == "COMPLETED"
        paid = await client.payments.get(payment_id=payment_id)
        assert paid.payment
        assert paid.payment.refunded_money
        assert paid.payment.refunded_money.amount == 200
        ours = await stage.gateway.ask(
            replace(order_of(stage.sale(700)), provider_ref=made.checkout.id or "")
        )
        assert ours.provider_ref == payment_id


@pytest.mark.parametrize("talk", ["adyen"], indirect=True)
async def test_adyen(talk: Talk) -> None:
    document = specification("adyen_terminal_v1.json")
    heard = set()
    for call, reply in talk.calls:
        request = json.loads(call.body or b"")
        check(document, "TerminalAPIRequest", request)
        heard.add(request["SaleToPOIRequest"]["MessageHeader"]["MessageCategory"])
        if call.path == "/sync":
            check(document, "TerminalAPIResponse", reply.document)
        else:
            assert reply.document == {"text": "ok"}
    assert heard == {"Payment", "TransactionStatus", "Reversal", "Abort"}


async def test_adyen_s_totals_agree_with_what_was_charged(tmp_path: Path) -> None:
    document = specification("adyen_terminal_v1.json")
    async with Stage(PROFILES["adyen"], tmp_path) as stage:
        first, second = await stage.taken(1_200), await stage.taken(800)
        speech = adyen.make(stage.environment)._speech
        assert isinstance(speech, AdyenSpeech)
        http = HttpJson(stage.url)
        totals = await speech.totals(Requests(http, speech, 3.0), first.terminal)
        await http.close()
    assert second.state == "captured"
    (line,) = totals
    check(document, "TransactionTotals", line)
    sums = {each["TransactionType"]: each["TransactionAmount"] for each in line["PaymentTotals"]}
    assert sums == {"Debit": 2_000, "ReverseDebit": 0}


PAYPAY = [
    ("POST", "/v2/codes", "create_qrcode", "create_qrcode_response"),
    ("GET", "/v2/codes/payments/", "", "get_payment_details"),
    ("DELETE", "/v2/payments/", "", "cancel_payment"),
    ("DELETE", "/v2/codes/", "", "delete_qrcode"),
    ("POST", "/v2/refunds", "refund_payment_payload", "refund_payment_response"),
    ("GET", "/v2/refunds/", "", "refund_details"),
]
# Documented beside the samples: when it was paid back or given up.
MORE = {"canceledAt"}


@pytest.mark.parametrize("talk", ["paypay"], indirect=True)
async def test_paypay(talk: Talk) -> None:
    """PayPay publishes samples, not schemas: we send and answer nothing that they do not name, and
    what they name has the same type."""
    folder = SHARED / "paypay_fixtures"
    if not folder.exists():
        pytest.skip(f"{folder} is not beside this clone")
    samples = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}
    heard = set()
    for call, reply in talk.calls:
        row = next(r for r in PAYPAY if r[0] == call.method and _fits(call.path, r[1]))
        heard.add(row[1])
        if row[2]:
            compare(json.loads(call.body or b""), samples[row[2]] | {"terminalId": ""}, row[2])
        if reply.status < 300:
            compare(reply.document, samples[row[3]], row[3])
        else:
            compare(reply.document, samples["cancel_payment"], "a refusal")
    assert heard >= {"/v2/codes", "/v2/codes/payments/", "/v2/payments/", "/v2/refunds"}


def _fits(path: str, pattern: str) -> bool:
    return path.startswith(pattern) if pattern.endswith("/") else path == pattern


def compare(ours: Mapping[str, Any], sample: Mapping[str, Any], where: str) -> None:
    """Every name of ours is in the sample, with a value of the same type."""
    for name, value in ours.items():
        assert name in sample or name in MORE, f"{where}: {name}"
        theirs = sample.get(name)
        if isinstance(value, dict) and theirs:
            compare(value, theirs, f"{where}.{name}")
        elif theirs is not None and not isinstance(theirs, dict):
            assert type(value) is type(theirs), f"{where}.{name}"


def test_the_checks_themselves_find_mistakes() -> None:
    document = specification("square_terminal_slim.json")
    good = {
        "idempotency_key": "k",
        "checkout": {
            "amount_money": {"amount": 1, "currency": "JPY"},
            "device_options": {"device_id": "D"},
        },
    }
    check(document, "CreateTerminalCheckoutRequest", good)
    for path, value in (
        (("checkout", "payment_type"), "FELICA_SUICA"),
        (("checkout", "amount_money", "yen"), 1),
        (("checkout", "device_options"), {}),
        (("idempotency_key",), "k" * 65),
    ):
        bad = copy.deepcopy(good)
        inner: Any = bad
        for name in path[:-1]:
            inner = inner[name]
        inner[path[-1]] = value
        with pytest.raises(jsonschema.ValidationError):
            check(document, "CreateTerminalCheckoutRequest", bad)
