"""Matching a provider's file with the journal, in one transaction: matches, findings, fees, payouts
and confirmations are there together or not at all. The same file again returns the first answer.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import NAMESPACE_OID, uuid5

from kit.db import Row, Transaction
from kit.ids import new_id
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.payments.app.deps import Deps, as_id
from services.payments.app.office.unconfirmed import with_expected
from services.payments.app.who import Who, check_shop_is_own
from services.payments.domain.errors import ShopNotYours, UnknownFinding, UnknownShop
from services.payments.domain.ledger import JournalEntry
from services.payments.domain.matching import FindingKind, Match, Result, match, told_before
from services.payments.domain.office_entries import fee_entry, payout_entry
from services.payments.domain.provider_file import (
    BUILT_IN,
    FileMapping,
    ProviderLine,
    ReadFile,
    read_file,
    read_mapping,
)
from services.payments.domain.said import says_something
from services.payments.domain.tender import Tender
from services.payments.store import areas, journal, reconciliations, shops
from services.payments.store.reconciliations import Reconciliation

MAX_NOTE_LENGTH = 200
MAX_REJECTED = 200  # whose reasons are kept
AGAIN = "again"  # behind the id that a request is answered with: the file was known by then
LATEST = 50
PAGE_MOST = 200


@dataclass(frozen=True, kw_only=True)
class File:
    """A file to match. mapping: a built-in one's name, or a TOML text. shop_place_id: or ""."""

    name: str
    content: bytes
    mapping: str
    shop_place_id: str


@dataclass(frozen=True)
class Sent:
    """What became of a file. before: its content was known, and this is the result of then."""

    reconciliation: Reconciliation
    before: bool


async def reconcile(deps: Deps, key: RequestKey, who: Who, file: File) -> Sent:
    """Matches a file with the journal.

    Errors: InvalidFields, FileUnreadable, ShopNotYours, UnknownShop, RequestIdReused.
    """
    mapping = BUILT_IN.get(file.mapping) or read_mapping(file.mapping)
    if mapping.gateway not in deps.gateways:
        raise InvalidFields([("mapping.gateway", f"there is no gateway {mapping.gateway[:40]}")])
    if file.shop_place_id:
        check_shop_is_own(who, file.shop_place_id)
    # Away from the event loop: the till goes on while a long file is read.
    found = await asyncio.to_thread(read_file, file.content, mapping, file.shop_place_id)
    # A shop that the mapping only names is covered, too: its sales may match or be missing.
    for shop_place_id in {line.shop_place_id for line in found.lines} | {*mapping.shops.values()}:
        check_shop_is_own(who, shop_place_id)
    digest = hashlib.sha256(b"\0".join([
        mapping.gateway.encode(), file.shop_place_id.encode(), file.content,
    ])).digest()  # fmt: skip
    async with deps.db.transaction(who.area) as tx:
        await reconciliations.lock(tx, mapping.gateway)

        async def work() -> str:
            known = await reconciliations.of_file(tx, digest)
            if known is not None:
                return f"{known.reconciliation_id} {AGAIN}"
            return await _reconcile(deps, tx, who, file, mapping, found, digest)

        reconciliation_id, _space, told = (await once(tx, key, str, work)).partition(" ")
        done = await reconciliations.find(tx, reconciliation_id)
    if done is None:
        raise AssertionError("a reconciliation that was answered is there")
    return Sent(done, told == AGAIN)


async def _reconcile(
    deps: Deps, tx: Transaction, who: Who, file: File, mapping: FileMapping, found: ReadFile,
    digest: bytes,
) -> str:  # fmt: skip
    now = deps.clock.now()
    result, first, last = await _match(tx, mapping, found.lines, file.shop_place_id)
    entries = office_entries(who.area, result.matches)
    done = Reconciliation(
        reconciliation_id=new_id(), file_name=file.name[:200], mapping_name=mapping.name[:80],
        gateway=mapping.gateway, first_date=first, last_date=last, line_count=len(found.lines),
        matched_count=len(result.matches), skipped_count=len(found.skipped_rows),
        rejected=found.rejected[:MAX_REJECTED], rejected_count=len(found.rejected),
        reconciled_by=who.principal, reconcile_time=now,
        fee_yen=sum(each.line.fee_yen for each in result.matches),
        payout_yen=sum(paid_yen(each) for each in result.matches if each.line.payout_date),
    )  # fmt: skip
    await reconciliations.insert(tx, done, digest)
    await reconciliations.keep_lines(
        tx, mapping.gateway, done.reconciliation_id, [each.line for each in result.matches]
    )
    await reconciliations.keep_matches(tx, done.reconciliation_id, result.matches)
    await reconciliations.insert_findings(tx, done.reconciliation_id, result.findings, now)
    await reconciliations.confirm(
        tx, [each.record.payment_id for each in result.matches if each.record.unconfirmed], now
    )
    await journal.post(tx, entries, now)
    return done.reconciliation_id


async def _match(
    tx: Transaction, mapping: FileMapping, lines: Sequence[ProviderLine], shop_place_id: str
) -> tuple[Result, date | None, date | None]:
    if not lines:
        return Result(), None, None
    first, last = min(line.day for line in lines), max(line.day for line in lines)
    covered = {line.shop_place_id for line in lines} | set(mapping.shops.values())
    covered |= {shop_place_id} - {""}
    known_shops = await shops.find_all(tx, sorted(covered))
    unknown = covered - set(known_shops)
    if unknown:
        raise UnknownShop(f"{min(unknown)[:80]} is not set up for payments. Map it to a shop.")
    tenders = {line.tender for line in lines} | {
        Tender(name) for name in mapping.tenders.values() if name in set(Tender)
    }
    result = await asyncio.to_thread(
        match, lines,
        await reconciliations.unmatched(
            tx, mapping.gateway, sorted(covered), sorted(tenders), first, last,
            await areas.time_zone(tx),
        ),
        await reconciliations.known_keys(tx, mapping.gateway, lines), first, last,
    )  # fmt: skip
    earlier = await reconciliations.matched_before(tx, mapping.gateway, lines)
    result.findings = told_before(result.findings, lines, earlier)
    return result, first, last


def paid_yen(each: Match) -> int:
    """Returns what the provider pays for a line: a sale less its fee; below 0 for a refund."""
    sign = -1 if each.line.is_refund else 1
    return sign * each.line.amount_yen - each.line.fee_yen


def office_entries(area: str, matches: Sequence[Match]) -> list[JournalEntry]:
    """Returns one fee entry a day and one payout entry a payout date, per account and book."""
    fees: dict[tuple[str, str, bool, str, date], int] = {}
    paid: dict[tuple[str, str, bool, str, date], int] = {}
    cause = ",".join(sorted(each.record.entry_id for each in matches))
    for each in matches:
        record, line = each.record, each.line
        where = (record.shop_place_id, str(record.tender), record.practice, record.account)
        fees[*where, line.day] = fees.get((*where, line.day), 0) + line.fee_yen
        if line.payout_date is not None:
            paid_key = (*where, line.payout_date)
            paid[paid_key] = paid.get(paid_key, 0) + paid_yen(each)
    return [
        make(
            area=area, source_id=str(uuid5(NAMESPACE_OID, f"{area}|{where}|{cause}")),
            shop_place_id=where[0], tender=where[1], practice=where[2], account=where[3],
            amount_yen=amount_yen, day=where[4],
        )
        for make, sums in ((fee_entry, fees), (payout_entry, paid))
        for where, amount_yen in sums.items()
        if amount_yen
    ]  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """A reconciliation with its findings counted: kind to (found, still open)."""

    reconciliation: Reconciliation
    counts: dict[FindingKind, tuple[int, int]]


async def with_counts(deps: Deps, who: Who, done: Reconciliation) -> Listed:
    """Returns a reconciliation with its findings counted."""
    async with deps.db.read(who.area) as tx:
        return (await _counted(tx, [done]))[0]


async def list_reconciliations(deps: Deps, who: Who) -> list[Listed]:
    """Returns the latest reconciliations. A caller bound to shops sees findings only."""
    if who.shops:
        return []
    async with deps.db.read(who.area) as tx:
        return await _counted(tx, await reconciliations.latest(tx, LATEST))


async def _counted(tx: Transaction, found: list[Reconciliation]) -> list[Listed]:
    rows = await reconciliations.counts(tx, [each.reconciliation_id for each in found])
    return [
        Listed(each, {
            FindingKind(row["kind"]): (row["found_count"], row["open_count"])
            for row in rows if row["reconciliation_id"] == each.reconciliation_id
        })
        for each in found
    ]  # fmt: skip


async def list_findings(
    deps: Deps, who: Who, *, shop_place_id: str, reconciliation_id: str, settled: bool,
    page_size: int, page_token: str,
) -> tuple[list[Row], str]:  # fmt: skip
    """Returns a page of the work list and the next page's token.

    Errors: InvalidFields, ShopNotYours.
    """
    if not 0 <= page_size <= PAGE_MOST:
        raise InvalidFields([("page_size", f"give 0 to {PAGE_MOST}")])
    if shop_place_id:
        check_shop_is_own(who, shop_place_id)
    wanted = [shop_place_id] if shop_place_id else sorted(who.shops)
    size = page_size or PAGE_MOST
    chosen = as_id("reconciliation_id", reconciliation_id) if reconciliation_id else ""
    before = as_id("page_token", page_token) if page_token else ""
    async with deps.db.read(who.area) as tx:
        rows = await reconciliations.findings(
            tx, wanted, chosen, settled=settled, before=before, limit=size + 1
        )
        shown = await with_expected(tx, rows[:size])
    return shown, rows[size - 1]["finding_id"] if len(rows) > size else ""


async def settle_finding(deps: Deps, key: RequestKey, who: Who, finding_id: str, note: str) -> Row:
    """Takes a finding off the work list; the note says what was done. The journal stays as it is.

    Errors: InvalidFields, UnknownFinding, ShopNotYours, RequestIdReused.
    """
    finding_id = as_id("finding_id", finding_id)
    if len(note.strip()) > MAX_NOTE_LENGTH or not says_something(note):
        raise InvalidFields([("note", f"write what was done, 1 to {MAX_NOTE_LENGTH} characters")])
    async with deps.db.transaction(who.area) as tx:
        now = deps.clock.now()

        async def settle() -> bool:
            row = await reconciliations.lock_finding(tx, finding_id)
            if row is None:
                raise UnknownFinding("There is no such finding.")
            if who.shops and row["shop_place_id"] not in who.shops:
                raise ShopNotYours("You belong to another shop.")
            if row["settle_time"] is None:
                await reconciliations.settle_finding(
                    tx, finding_id, who.principal, note.strip(), now
                )
            return True

        await once(tx, key, bool, settle)
        row = await reconciliations.lock_finding(tx, finding_id)
        if row is None:
            raise AssertionError("a finding that was settled is there")
        return (await with_expected(tx, [row]))[0]
