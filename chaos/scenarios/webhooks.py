"""A provider's webhooks before the answer, twice, in the wrong order, late and forged.

Behind the gateway of Square stands its simulator; customers there tap at once, so that the webhook
comes while the answer is still under way. Webhooks of our own making are signed with the key that
the platform shares with the simulator, as the provider would.
"""

import base64
import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chaos.client import Client
from chaos.crowd import Crowd
from chaos.doors import GrpcDoor, Question
from chaos.logs import Line
from chaos.peers import clerk_peers
from chaos.sales import make_sales
from chaos.stage import Broken, Size, Stage
from cli.connection import running_machine
from infra.local import providers, table
from infra.local.home import Home
from kit.ids import new_id

PROVIDERS = "MEGURI_SQUARE_URL=simulator\n"
SHOP = "webhook-shop"
SHOPS_CSV = (
    "shop_place_id,name_ja,registration_number,owner,default_tax_rate_percent,tax_rounding,"
    "tenders,practice,address,phone\n"
    f"{SHOP},通知の店,,merchant,10,down,card:square:DEVICE-1,no,,\n"
)
# How the provider tells of a sale, how its answer comes, after how many seconds a customer taps.
HABITS = (
    ("once", "late", 0.0), ("twice", "late", 0.0), ("reversed", "approve", 0.3),
    ("twice", "error_after", 0.0), ("off", "hang_up_after", 0.0), ("forged", "late", 0.0),
    ("altered", "approve", 0.2),
)  # fmt: skip
SALES_A_HABIT = 3
AT_ONCE = 8
DEADLINE_S = 10.0
REFUSED = {"forged", "altered"}


def habits(stage: Stage, size: Size) -> None:
    """Sells through every habit beside ordinary sales, and then sends webhooks by hand.

    Errors: Broken when one acts twice, or acts although it must not be believed.
    """
    file = stage.folder / "shops.csv"
    file.write_text(SHOPS_CSV, encoding="utf-8")
    stage.platform.run("payments", "shops", str(file))
    with ExitStack() as stack:
        intents, acks = (stack.enter_context(stage.log(name)) for name in ("intents", "acks"))
        peers = stack.enter_context(clerk_peers(stage.platform, "fault-test-webhooks"))
        crowd = stack.enter_context(Crowd(stage, size, make_sales(size.payments, size.seed)))
        crowd.start()
        client = Client(
            GrpcDoor(peers.channel("payments"), SHOP, "square"), intents, acks, stage.scenario
        )
        settled: list[Line] = []
        rounds = max(1, size.payments // 2_000)
        for number in range(rounds * len(HABITS)):
            settled += _one_habit(stage, client, number, crowd)
        _by_hand(stage, [each for each in settled if each["state"] == "captured"])
        crowd.finish()
    _check_simulator(stage, settled)
    stage.figures |= {"square_sales": len(settled), "habits": len(HABITS)}
    stage.wait_ready()


def _one_habit(stage: Stage, client: Client, number: int, crowd: Crowd) -> list[Line]:
    habit, scenario, after_s = HABITS[number % len(HABITS)]
    simulator = _Simulator(stage)
    simulator.order("webhooks", habit=habit)
    simulator.order("customer", pays=True, after_s=after_s)
    before = len(simulator.sent())
    stage.fault(f"webhooks {habit}, answer {scenario}")
    settled = []
    for turn in range(SALES_A_HABIT):
        simulator.order("scenario", scenario=scenario, count=1)
        amount_yen = 1_000 + number * 10 + turn
        settled.append(client.settle(Question("take", new_id(), "card", amount_yen)))
        if crowd.failures:
            raise Broken(str(crowd.failures[0]))
    # Only a word about an outcome is worth forging; only there is something to alter.
    telling = "terminal.checkout.updated"
    statuses = {status for name, status in simulator.sent()[before:] if name == telling}
    if habit in REFUSED and any(200 <= status < 300 for status in statuses):
        raise Broken(f"webhooks that were {habit} were believed: {sorted(statuses)}")
    if habit not in REFUSED | {"off"} and not statuses <= {200, 0}:
        raise Broken(f"genuine webhooks ({habit}) were answered with {sorted(statuses)}")
    return settled


def _by_hand(stage: Stage, settled: list[Line]) -> None:
    """Everything that must not act, about a sale that is over, and one webhook many times."""
    if not settled:
        raise Broken("no sale through Square was taken: nothing was tested")
    hook = _Hook(stage, settled[-1])
    with ThreadPoolExecutor(AT_ONCE) as threads:
        told = list(threads.map(lambda _: hook.send(hook.body), range(AT_ONCE)))
    again = hook.send(hook.body)
    wanted = (200, "duplicate")
    if again != wanted or any(each[0] != 200 for each in told):
        raise Broken(f"one webhook {AT_ONCE} times at once and again: {told}, then {again}")
    old, future = hook.made(-timedelta(seconds=301)), hook.made(timedelta(seconds=90))
    changed = hook.body.replace(b"COMPLETED", b"CANCELEDX", 1)
    found = {
        "old": hook.send(old), "from the future": hook.send(future),
        "changed by a byte": hook.send(changed, signed=hook.body),
        "signed with another key": hook.send(hook.body, key="another"),
        "unsigned": hook.send(hook.body, key=""),
        "of another amount": hook.send(hook.made(timedelta(0), more_yen=1)),
        "canceled after all": hook.send(hook.made(timedelta(0), status="CANCELED")),
    }  # fmt: skip
    # A genuine word about a sale that is over is heard; the ledger's check sees that it moved no
    # money. What is not genuine is refused.
    genuine = {"canceled after all", "of another amount"}
    believed = [name for name, (status, _) in found.items() if status < 300 and name not in genuine]
    if believed:
        raise Broken(f"webhooks that were {believed} were believed: {found}")
    stage.figures["refused_by_hand"] = sum(status >= 400 for status, _ in found.values())


def _check_simulator(stage: Stage, settled: list[Line]) -> None:
    """What the provider took is what clients were told. Errors: Broken."""
    charges = {each["key"]: each for each in _Simulator(stage).get("charges")["charges"]}
    for ack in settled:
        charge = charges.pop(ack["payment_id"], None)
        taken = charge["captured_yen"] if charge and not charge["voided"] else 0
        if taken != ack["captured_yen"]:
            raise Broken(f"Square took {taken} for {ack['payment_id']}, told {ack}"[:300])
    if charges:
        raise Broken(f"Square took {len(charges)} payments that nobody was told of")


class _Simulator:
    """The admin door of Square's simulator."""

    def __init__(self, stage: Stage) -> None:
        self._url = f"http://127.0.0.1:{stage.platform.port('square_simulator')}/admin/"

    def order(self, what: str, **body: Any) -> None:
        """Orders a habit, a customer or a bad day."""
        _ask(self._url + what, json.dumps(body).encode(), {})

    def get(self, what: str) -> Any:
        """Reads its books."""
        with urllib.request.urlopen(self._url + what, timeout=DEADLINE_S) as answer:  # noqa: S310 - a provider of ours
            return json.loads(answer.read())

    def sent(self) -> list[tuple[str, int]]:
        """Webhooks sent, with the status each was answered with; 0 for none."""
        found: list[tuple[str, int]] = self.get("webhooks")["sent"]
        return found


class _Hook:
    """A webhook about one sale. body: the genuine one."""

    def __init__(self, stage: Stage, ack: Line) -> None:
        machine = running_machine(Home(stage.platform.data))
        if machine is None:
            raise Broken("the platform is not running")
        machine = replace(machine, providers=providers.read(stage.platform.data))
        environment = machine.environment(table.by_name()["payments"])
        self._key = environment["MEGURI_SQUARE_WEBHOOK_KEY"]
        self._signed_url = environment["MEGURI_SQUARE_WEBHOOK_URL"]
        self._url, self._ack = f"{stage.platform.url}/hooks/square", ack
        self.body = self.made(timedelta(0))

    def made(self, shift: timedelta, *, more_yen: int = 0, status: str = "COMPLETED") -> bytes:
        """Returns a body. shift: of its time. more_yen: beyond what the sale was about."""
        made_time = (datetime.now(UTC) + shift).isoformat(timespec="milliseconds")
        checkout: dict[str, Any] = {
            "id": "fault-test", "reference_id": self._ack["payment_id"], "status": status,
            "amount_money": {"amount": self._ack["amount_yen"] + more_yen, "currency": "JPY"},
            "payment_ids": ["fault-test-payment"],
        }  # fmt: skip
        return json.dumps({
            "event_id": f"evt{new_id()}", "type": "terminal.checkout.updated",
            "created_at": made_time.replace("+00:00", "Z"),
            "data": {"type": "checkout", "id": "fault-test", "object": {"checkout": checkout}},
        }).encode()  # fmt: skip

    def send(
        self, body: bytes, *, signed: bytes | None = None, key: str | None = None
    ) -> tuple[int, str]:
        """Sends a body with the signature over `signed` (itself). Returns status and outcome or
        reason."""
        secret = self._key if key is None else key
        text = self._signed_url.encode() + (body if signed is None else signed)
        digest = hmac.new(secret.encode(), text, hashlib.sha256).digest()
        headers = {"X-Square-Hmacsha256-Signature": base64.b64encode(digest).decode()}
        return _ask(self._url, body, headers if secret else {})


def _ask(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    request = urllib.request.Request(  # noqa: S310 - the platform under test
        url, data=body, headers={"Content-Type": "application/json", **headers}
    )
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:  # noqa: S310 - as above
            return answer.status, str(json.loads(answer.read()).get("outcome", ""))
    except urllib.error.HTTPError as error:
        return error.code, str(json.loads(error.read() or b"{}").get("reason", ""))
