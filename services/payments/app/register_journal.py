"""Taking a register's sales journal into ours, once, whatever is sent again.

All of a file is one transaction: a report tells of what is stored, and a dry run is the same work
undone at its end.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from kit.db import Transaction
from kit.ids import new_id
from kit.pure.errors import Refusal
from kit.requests import RequestKey, once
from services.payments.app.commit import Pages
from services.payments.app.deps import Deps
from services.payments.app.refund import begin_refund
from services.payments.app.who import Who, check_shop_is_own
from services.payments.domain.errors import FileUnreadable, UnknownShop
from services.payments.domain.events import Channel, RefundChannel
from services.payments.domain.payment import Payment, order_of, with_take
from services.payments.domain.provider import DONE
from services.payments.domain.provider_file import (
    BUILT_IN,
    ProviderLine,
    Rejected,
    read_file,
    read_mapping,
)
from services.payments.domain.refund import Refund
from services.payments.domain.register_journal import (
    MAX_LINES,
    RegisterImport,
    Report,
    check_register,
    doubts_of,
    fingerprint,
    problem_of,
)
from services.payments.domain.settle import settle
from services.payments.domain.shop import Shop, is_practice
from services.payments.domain.tender import GatewayFacts, Tender
from services.payments.store import areas, register_imports, register_sales, shops
from services.payments.store.payments import Change
from services.payments.store.register_sales import RegisterSale


@dataclass(frozen=True, kw_only=True)
class Journal:
    """A file of a register. mapping: a built-in one's name, or a TOML text."""

    shop_place_id: str
    register: str
    content: bytes
    mapping: str
    file_name: str = ""
    dry_run: bool = False


class _Undo(Exception):
    """Ends a dry run: what it wrote is rolled back."""

    def __init__(self, report: Report) -> None:
        self.report = report


async def take_journal(deps: Deps, key: RequestKey, who: Who, given: Journal) -> Report:
    """Takes the lines that are new and says of every other one why not.

    Errors: InvalidFields, FileUnreadable, ShopNotYours, UnknownShop, RequestIdReused.
    """
    check_shop_is_own(who, given.shop_place_id)
    check_register(given.register)
    mapping = BUILT_IN.get(given.mapping) or read_mapping(given.mapping)
    # Away from the event loop: the till goes on while a long file is read.
    found = await asyncio.to_thread(read_file, given.content, mapping, given.shop_place_id)
    if len(found.lines) > MAX_LINES:
        raise FileUnreadable(f"A journal has at most {MAX_LINES} lines. Split it by day.")
    try:
        async with deps.db.transaction(who.area) as tx:

            async def take() -> Report:
                taking = await _Taking.begin(deps, tx, who, given)
                await taking.take(found.lines)
                report = taking.report(found.rejected, found.skipped_rows)
                if given.dry_run:
                    raise _Undo(report)
                await register_imports.insert(tx, taking.made(report))
                return report

            return await once(tx, key, Report, take)
    except _Undo as undo:
        return undo.report


class _Taking:
    """One file in one transaction."""

    def __init__(
        self, deps: Deps, tx: Transaction, who: Who, given: Journal, shop: Shop, zone: ZoneInfo
    ) -> None:
        self._deps, self._tx, self._who, self._given = deps, tx, who, given
        self._shop, self._zone, self._now = shop, zone, deps.clock.now()
        self._import_id = new_id()
        self._loaded, self._sold_yen, self._returned_yen = 0, 0, 0
        self._known: list[int] = []
        self._warnings: list[tuple[int, str]] = []
        self._rejected: list[Rejected] = []

    @classmethod
    async def begin(cls, deps: Deps, tx: Transaction, who: Who, given: Journal) -> "_Taking":
        """Reads what the sales stand on. Errors: UnknownShop."""
        await register_sales.lock_register(tx, given.shop_place_id, given.register)
        shop = (await shops.find_all(tx, [given.shop_place_id])).get(given.shop_place_id)
        if shop is None:
            raise UnknownShop("This shop is not set up for payments.")
        return cls(deps, tx, who, given, shop, ZoneInfo(await areas.time_zone(tx)))

    async def take(self, lines: tuple[ProviderLine, ...]) -> None:
        """Takes sales first: a return may follow its sale in one file."""
        numbers = {text for line in lines for text in (line.number, line.reference) if text}
        place = (self._given.shop_place_id, self._given.register)
        known = await register_sales.known(self._tx, *place, sorted(numbers))
        pages, fresh = Pages(is_quiet=True), []
        for line in lines:
            if line.is_refund or not self._is_new(line, known):
                continue
            payment = self._sell(pages, line)
            if payment is not None:
                known[line.number] = (fingerprint(line), payment.payment_id)
                fresh.append(self._kept(line, payment.payment_id))
        await pages.write(self._deps, self._tx)
        for line in lines:
            if line.is_refund and self._is_new(line, known):
                payment_id = await self._give_back(line, known)
                if payment_id:
                    known[line.number] = (fingerprint(line), payment_id)
                    fresh.append(self._kept(line, payment_id))
        if fresh:
            await register_sales.keep(self._tx, *place, self._import_id, fresh)

    def report(self, unread: tuple[Rejected, ...], skipped_rows: tuple[int, ...]) -> Report:
        """Returns what became of the file."""
        rejected = tuple(sorted((*unread, *self._rejected), key=lambda each: each.row))
        return Report(
            read_count=self._loaded + len(self._known) + len(skipped_rows) + len(rejected),
            loaded_count=self._loaded, known_count=len(self._known),
            skipped_count=len(skipped_rows),
            warnings=tuple(sorted(self._warnings)), rejected=rejected,
            is_dry_run=self._given.dry_run,
            import_id="" if self._given.dry_run else self._import_id,
            sold_yen=self._sold_yen, returned_yen=self._returned_yen,
            known_rows=tuple(sorted(self._known)), skipped_rows=skipped_rows,
        )  # fmt: skip

    def made(self, report: Report) -> RegisterImport:
        """Returns what the list of imports keeps of this file."""
        return RegisterImport(
            import_id=self._import_id, shop_place_id=self._given.shop_place_id,
            register=self._given.register, file_name=self._given.file_name[:200],
            mapping=self._given.mapping, read_count=report.read_count,
            loaded_count=report.loaded_count, known_count=report.known_count,
            skipped_count=report.skipped_count, rejected_count=len(report.rejected),
            sold_yen=report.sold_yen, returned_yen=report.returned_yen,
            made_by=self._who.principal, make_time=self._now,
        )  # fmt: skip

    def _time(self, line: ProviderLine) -> datetime:
        return line.time.replace(tzinfo=self._zone).astimezone(UTC)

    def _kept(self, line: ProviderLine, payment_id: str) -> RegisterSale:
        self._loaded += 1
        if line.is_refund:
            self._returned_yen += line.amount_yen
        else:
            self._sold_yen += line.amount_yen
        self._warnings += doubts_of(line, self._time(line), self._now)
        return RegisterSale(line.number, fingerprint(line), payment_id, self._time(line))

    def _is_new(self, line: ProviderLine, known: dict[str, tuple[bytes, str]]) -> bool:
        problem = problem_of(line, self._given.shop_place_id, self._time(line), self._now)
        if problem is None and line.number in known:
            if known[line.number][0] == fingerprint(line):
                self._known.append(line.row)
                return False
            text = "this number was taken with another sale"
            problem = Rejected(line.row, "number", "differs", text)
        self._rejected += [problem] if problem else []
        return problem is None

    def _facts(self, tender: Tender) -> GatewayFacts | None:
        name = "cash_record" if tender is Tender.CASH_RECORD else "other_device"
        facts = self._deps.facts.get(name)
        return facts if facts and tender in facts.tenders else None

    def _sell(self, pages: Pages, line: ProviderLine) -> Payment | None:
        facts, moment = self._facts(line.tender), self._time(line)
        if facts is None:
            text = f"{line.tender} is no money that can be recorded"
            self._rejected.append(Rejected(line.row, "tender", "not_recorded", text))
            return None
        payment = with_take(
            Payment(
                area=self._who.area, payment_id=new_id(), shop_place_id=self._shop.shop_place_id,
                owner=self._shop.owner, tender=line.tender, gateway=facts.name,
                custody=facts.custody, practice=is_practice(self._shop, facts),
                channel=Channel.REGISTER, taken_by=self._who.principal,
                amount_yen=line.amount_yen, capture_at_once=True, items=(),
                business_date=line.day, create_time=moment, update_time=moment,
                unconfirmed=facts.unconfirmed,
            )
        )  # fmt: skip
        settled = settle(payment, order_of(payment).key, DONE, self._now)
        pages.inserts.append(Change(settled.payment))
        pages.entries += settled.entries
        pages.events += settled.events
        return settled.payment

    async def _give_back(
        self, line: ProviderLine, known: dict[str, tuple[bytes, str]]
    ) -> str | None:
        if line.reference not in known:
            text = "name the journal number of the sale that is given back"
            self._rejected.append(Rejected(line.row, "reference", "unknown_sale", text))
            return None
        is_cash = line.tender is Tender.CASH_RECORD
        refund = Refund(
            area=self._who.area, refund_id=new_id(), payment_id=known[line.reference][1],
            amount_yen=line.amount_yen, refunded_by=self._who.principal, create_time=self._now,
            channel=RefundChannel.CASH if is_cash else RefundChannel.MANUAL,
            reason=f"register {self._given.register}: {line.number}"[:200],
            business_date=line.day,
        )  # fmt: skip
        try:
            payment, _ = await begin_refund(
                self._deps, self._tx, replace(self._who, device=False), refund, is_checked=True
            )
        except Refusal as refusal:  # nothing was written yet
            self._rejected.append(Rejected(line.row, "amount", "refused", str(refusal)))
            return None
        return payment.payment_id
