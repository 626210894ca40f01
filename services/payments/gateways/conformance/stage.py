"""The stage: a simulator as a process, the gateway in front of it, and the rules of a payment.

Nothing is stored: what the store adds (two transactions, leases) is tested in tests/service.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import UUID

import aiohttp
from aiohttp import web

from kit.clock import SystemClock
from kit.ids import new_id
from services.payments.domain.business_day import business_date
from services.payments.domain.errors import AlreadyResolved
from services.payments.domain.events import Channel
from services.payments.domain.payment import Payment, order_of, with_take
from services.payments.domain.provider import Answer, Outcome
from services.payments.domain.settle import settle
from services.payments.domain.shop import Owner
from services.payments.domain.tender import Custody, Tender
from services.payments.gateways.conformance.profiles import Profile
from services.payments.gateways.conformance.specification import Prism, free_port
from services.payments.gateways.webhook import Tidings, Webhook

ROOT = Path(__file__).resolve().parents[4]
DEADLINE_S = 1.0
CUSTOMER_S = 0.15
PATIENCE_S = 12.0
POLL_S = 0.05


class Failed(AssertionError):
    """The gateway did not do what it has to do."""


class Skipped(Exception):
    """The provider has no such thing."""


class MovedClock(SystemClock):
    """The time, moved on by what a case wants."""

    ahead = timedelta(0)

    def now(self) -> Any:
        """Returns the moved time."""
        return super().now() + self.ahead


class Stage:
    """An async context: everything runs inside and is gone afterwards.

    specification: the provider's OpenAPI document; what is said then passes through Prism.
    """

    def __init__(self, profile: Profile, folder: Path, specification: Path | None = None) -> None:
        self.profile, self.clock = profile, MovedClock()
        self.hooks: list[Webhook] = []
        self._sold: set[str] = set()
        self._folder, self._port = folder, free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.prism = Prism(specification, self.url) if specification else None
        door = self.prism.url if self.prism else self.url
        self.environment = {**profile.secrets, profile.url_name: door}
        self.gateway = profile.make(self.environment, DEADLINE_S, self.clock)
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self.process: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> "Stage":
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True),
            timeout=aiohttp.ClientTimeout(total=PATIENCE_S),
        )
        app = web.Application()
        app.router.add_post("/", self._hear)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port := free_port()).start()
        self._hook_url = f"http://127.0.0.1:{port}/"
        try:
            await self.start()
            if self.prism:
                await self.prism.start()
            await self.customer()
        except BaseException as error:
            await self.__aexit__(type(error), error, error.__traceback__)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.gateway.close()
        if self.prism:
            await self.prism.stop()
        await self.kill()
        if self._runner:
            await self._runner.cleanup()
        if self._session:
            await self._session.close()

    async def _hear(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.hooks.append(Webhook(await request.read(), headers))
        return web.Response(text="OK")

    async def start(self) -> None:
        """Starts the simulator and waits until it answers."""
        self.process = subprocess.Popen(  # noqa: ASYNC220 - it is started, not waited for
            [sys.executable, "-m", self.profile.simulator],
            env={
                **os.environ, **self.profile.secrets, "PYTHONPATH": str(ROOT),
                "MEGURI_LISTEN": f"127.0.0.1:{self._port}", "MEGURI_DATA": str(self._folder),
                "MEGURI_WEBHOOK_URL": self._hook_url,
            },
            cwd=ROOT, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    await self.call("GET", "/healthz")
                except aiohttp.ClientError:
                    await asyncio.sleep(POLL_S)
                else:
                    return

    async def kill(self) -> None:
        """kill -9 of the simulator."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            await asyncio.to_thread(self.process.wait)

    async def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Speaks to the simulator's admin door."""
        if self._session is None:
            raise AssertionError("the stage is not set")
        async with self._session.request(method, self.url + path, json=body) as answer:
            return await answer.json()

    async def order(self, scenario: str, count: int = 1) -> None:
        """Has the next steps meet a bad day."""
        await self.call("POST", "/admin/scenario", {"scenario": scenario, "count": count})

    async def customer(self, *, pays: bool = True, after_s: float = CUSTOMER_S) -> None:
        """Tells customers what to do; the provider without customers does not care."""
        await self.call("POST", "/admin/customer", {"pays": pays, "after_s": after_s})

    async def habit(self, habit: str) -> None:
        """Tells how webhooks are sent."""
        await self.call("POST", "/admin/webhooks", {"habit": habit})

    async def charges(self, key: str) -> list[dict[str, Any]]:
        """What was really charged for a payment."""
        found = (await self.call("GET", "/admin/charges"))["charges"]
        return [each for each in found if each["key"] == key]

    async def check_strangers(self) -> None:
        """Every charge is one of our sales, and none is there twice. Errors: Failed."""
        keys = [each["key"] for each in (await self.call("GET", "/admin/charges"))["charges"]]
        if len(keys) != len(set(keys)) or not set(keys) <= self._sold:
            raise Failed("the provider holds a charge that is no sale of ours, or one twice")

    def check_specification(self) -> None:
        """Both sides kept to the provider's specification. Errors: Failed."""
        if self.prism and self.prism.violations:
            found, self.prism.violations = self.prism.violations, []
            raise Failed(f"against the specification: {'; '.join(found)}")

    def sale(
        self,
        amount_yen: int,
        tender: Tender | None = None,
        *,
        capture: bool = True,
        made_ago: timedelta = timedelta(0),
    ) -> Payment:
        """Returns a new payment with its first step under way. made_ago: the age of its key."""
        now = self.clock.now()
        payment_id = _id_made(now - made_ago)
        self._sold.add(payment_id)
        day = business_date(now, "Asia/Tokyo")
        return with_take(
            Payment(
                area="conformance", payment_id=payment_id, shop_place_id="shop",
                owner=Owner.MERCHANT,
                tender=tender or self.profile.tender, gateway=self.profile.name,
                custody=Custody.ACQUIRER, practice=True, channel=Channel.TILL, taken_by="clerk",
                amount_yen=amount_yen, capture_at_once=capture, items=(), business_date=day,
                create_time=now, update_time=now, terminal=self.profile.terminal,
            )
        )  # fmt: skip

    async def perform(self, payment: Payment) -> Payment:
        """Has the gateway take the step under way, and settles the first answer."""
        order = order_of(payment)
        return self.settle(payment, order.key, await self.gateway.perform(order))

    def settle(self, payment: Payment, key: str, answer: Answer) -> Payment:
        """Applies an answer; one that comes too late changes nothing."""
        try:
            return settle(payment, key, answer, self.clock.now()).payment
        except AlreadyResolved:
            return payment

    async def resolve(self, payment: Payment) -> Payment:
        """Asks until the step under way is over."""
        async with asyncio.timeout(PATIENCE_S):
            while payment.pending is not None:
                order = order_of(payment)
                payment = self.settle(payment, order.key, await self.gateway.ask(order))
                if payment.pending is not None:
                    await asyncio.sleep(POLL_S)
        return payment

    async def taken(self, amount_yen: int, tender: Tender | None = None, **more: Any) -> Payment:
        """A sale taken to its end."""
        return await self.resolve(await self.perform(self.sale(amount_yen, tender, **more)))

    async def heard(self, key: str, count: int = 1) -> list[Tidings]:
        """Waits for webhooks about a step and returns what they tell, in the order they came."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                all_tidings = [
                    self.gateway.read_webhook(hook, self.clock.now()) for hook in self.hooks
                ]
                ours = [tidings for tidings in all_tidings if tidings.key == key]
                if len(ours) >= count:
                    return ours
                await asyncio.sleep(POLL_S)

    async def any_hooks(self) -> list[Webhook]:
        """Waits for webhooks, whatever they are worth."""
        for _ in range(int(PATIENCE_S / POLL_S)):
            if self.hooks:
                return list(self.hooks)
            await asyncio.sleep(POLL_S)
        raise Failed("no webhook came")

    async def told(self, payment: Payment, tidings: Tidings) -> Payment:
        """Applies what a webhook tells, as app/webhook.py does."""
        if payment.pending is None:
            return payment
        answer = tidings.answer or await self.gateway.ask(order_of(payment))
        if tidings.answer is None and answer.outcome is Outcome.UNANSWERED:
            return payment
        return self.settle(payment, tidings.key, answer)


def _id_made(then: datetime) -> str:
    """Returns a UUIDv7 with the time of then."""
    random_bits = UUID(new_id()).int & ((1 << 80) - 1)
    return str(UUID(int=(int(then.timestamp() * 1000) << 80) | random_bits))


def temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """Returns a folder for the simulator's books, removed afterwards."""
    return tempfile.TemporaryDirectory(prefix="meguri-conformance-", ignore_cleanup_errors=True)
