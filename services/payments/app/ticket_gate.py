"""The gate: who goes in, once, also where gates were cut off; and saying so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.db import ALL_AREAS, Transaction
from kit.forever import forever
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.payments.app.deps import Deps, as_id
from services.payments.app.ticket_keys import holding, sites_of_gate
from services.payments.app.ticket_sale import TicketRead, complete
from services.payments.app.who import Who, check_device, check_shop_is_own
from services.payments.domain.business_day import business_date
from services.payments.domain.errors import UnknownTicket
from services.payments.domain.ticket import (
    ORIGIN_OPEN_FOR,
    Admission,
    Decision,
    Outcome,
    Paid,
    Ticket,
    admitted_event,
    check_origin,
    decide,
    scan_time_of,
)
from services.payments.domain.ticket_code import CodeInvalid, read, read_typed
from services.payments.store import areas, payments, split_sales, tickets

MAX_SCANS = 100
GOES_IN = (Outcome.ADMITTED, Outcome.PRACTICE)
TICK_S = 1.0
BATCH = 200


@dataclass(frozen=True)
class Answered:
    """What the gate shows, with the ticket where there is one."""

    decision: Decision
    known: TicketRead | None


@dataclass(frozen=True)
class OfflineScan:
    """A scan that a gate decided alone."""

    scan_id: str
    payload: str
    scan_time: datetime
    origin: str


@dataclass(frozen=True)
class _Kept:
    """A decision as it is kept with its request id."""

    outcome: Outcome
    reason: str
    ticket_id: str = ""


async def admit_ticket(
    deps: Deps, key: RequestKey, who: Who, gate_place_id: str, payload: str, code: str
) -> Answered:
    """Lets a party in where its ticket holds and nobody went in by it. A refusal is an answer.

    Errors: InvalidFields, ShopNotYours, UnknownGate, DeviceRevoked, RequestIdReused.
    """
    scan_id = as_id("request_id", key.request_id)
    check_shop_is_own(who, gate_place_id)
    async with deps.db.transaction(who.area) as tx:

        async def begin() -> _Kept:
            await check_device(tx, who)
            ticket_id = await _ticket_of(tx, payload, code)
            if isinstance(ticket_id, Decision):
                return _Kept(ticket_id.outcome, ticket_id.reason)
            now = deps.clock.now()
            scan = _Scan(scan_id, gate_place_id, who.principal, now, now)
            return await _decide(tx, scan, ticket_id)

        kept = await once(tx, key, _Kept, begin)
        ticket = await tickets.find(tx, kept.ticket_id) if kept.ticket_id else None
        known = await complete(tx, ticket) if ticket else None
    return Answered(Decision(kept.outcome, kept.reason), known)


async def _ticket_of(tx: Transaction, payload: str, code: str) -> str | Decision:
    """Returns the id of the ticket that was shown, or why it is none."""
    try:
        if payload:
            return read(payload, tx.area, await holding(tx)).ticket_id
        found = await tickets.find_by_code(tx, read_typed(code))
    except CodeInvalid as error:
        forged = error.reason in ("bad_signature", "unknown_key")
        return Decision(Outcome.REFUSED if forged else Outcome.UNKNOWN, error.reason)
    return found.ticket_id if found else Decision(Outcome.UNKNOWN, "unknown_ticket")


@dataclass(frozen=True)
class _Scan:
    scan_id: str
    gate_place_id: str
    admitted_by: str
    scan_time: datetime
    receive_time: datetime
    offline: bool = False
    origin: str = ""


async def _lock(tx: Transaction, ticket_id: str) -> tuple[Ticket | None, Paid]:
    """Locks what paid, then the ticket: a refund or another gate waits, or has been before."""
    seen = await tickets.find(tx, ticket_id)
    if seen is None:
        return None, None
    if seen.split_sale_id:
        split = await split_sales.lock_whole(tx, seen.split_sale_id)
        return await tickets.lock(tx, ticket_id), split
    payment = await payments.lock(tx, seen.payment_id) if seen.payment_id else None
    ticket = await tickets.lock(tx, ticket_id)
    if ticket and ticket.payment_id and payment is None:  # entered in between
        payment = await payments.find(tx, ticket.payment_id)
    return ticket, payment


async def _decide(tx: Transaction, scan: _Scan, ticket_id: str) -> _Kept:
    sites = await sites_of_gate(tx, scan.gate_place_id)
    ticket, payment = await _lock(tx, ticket_id)
    if ticket is None:
        return _Kept(Outcome.UNKNOWN, "unknown_ticket")
    before = await tickets.first_admission(tx, ticket_id)
    decision = decide(
        ticket, payment, used=before is not None, gate_is_ours=ticket.site_place_id in sites,
        today=business_date(scan.scan_time, await areas.time_zone(tx)),
    )  # fmt: skip
    if decision.outcome in GOES_IN:
        await tickets.admit(tx, _admission(scan, ticket), scan.receive_time + ORIGIN_OPEN_FOR)
    return _Kept(decision.outcome, decision.reason, ticket_id)


def _admission(scan: _Scan, ticket: Ticket, *, first: bool = True, problem: str = "") -> Admission:
    return Admission(
        scan_id=scan.scan_id, ticket_id=ticket.ticket_id, gate_place_id=scan.gate_place_id,
        admitted_by=scan.admitted_by, scan_time=scan.scan_time, receive_time=scan.receive_time,
        persons=ticket.persons, offline=scan.offline, first=first, problem=problem,
        origin=scan.origin,
    )  # fmt: skip


async def record_admissions(
    deps: Deps, key: RequestKey, who: Who, gate_place_id: str, scans: Sequence[OfflineScan]
) -> list[tuple[str, str]]:
    """Takes over scans of a gate that was cut off; returns scan and problem of each.

    The party is inside, so nothing is refused: a scan that does not fit is kept with its problem.
    One transaction each; a scan that was delivered before changes nothing.
    Errors: InvalidFields, ShopNotYours, UnknownGate, DeviceRevoked, RequestIdReused.
    """
    check_shop_is_own(who, gate_place_id)
    if len(scans) > MAX_SCANS:
        raise InvalidFields([("scans", f"give at most {MAX_SCANS} at once")])
    for scan in scans:
        as_id("scan_id", scan.scan_id)
        check_origin(scan.origin)
    answers: list[tuple[str, str]] = []
    for scan in scans:
        part = RequestKey(key.principal, f"{key.request_id}/{scan.scan_id}", key.body_sha256)
        answers.append((scan.scan_id, await _record(deps, part, who, gate_place_id, scan)))
    return answers


async def _record(
    deps: Deps, key: RequestKey, who: Who, gate_place_id: str, scan: OfflineScan
) -> str:
    async with deps.db.transaction(who.area) as tx:

        async def write() -> str:
            await check_device(tx, who)
            await sites_of_gate(tx, gate_place_id)
            now = deps.clock.now()
            made = _Scan(
                as_id("scan_id", scan.scan_id), gate_place_id, who.principal,
                scan_time_of(scan.scan_time, now), now, offline=True, origin=scan.origin,
            )  # fmt: skip
            ticket_id = await _ticket_of(tx, scan.payload, "")
            if isinstance(ticket_id, Decision):
                return ticket_id.reason  # no ticket of ours: there is nothing to keep
            return await _keep(tx, made, ticket_id)

        return await once(tx, key, str, write)


async def _keep(tx: Transaction, scan: _Scan, ticket_id: str) -> str:
    sites = await sites_of_gate(tx, scan.gate_place_id)
    ticket, payment = await _lock(tx, ticket_id)
    if ticket is None:
        return "unknown_ticket"
    known = await tickets.find_admission(tx, scan.scan_id)
    if known is not None:  # its first answer was lost, or the queue came twice
        if scan.origin:
            await tickets.set_origin(tx, scan.scan_id, scan.origin)
        return known.problem
    first = await tickets.first_admission(tx, ticket_id) is None
    today = business_date(scan.scan_time, await areas.time_zone(tx))
    decision = decide(
        ticket, payment, used=False, gate_is_ours=ticket.site_place_id in sites, today=today
    )
    fits = decision.outcome in GOES_IN
    problem = "duplicate" if not first else "" if fits else decision.reason
    admission = _admission(scan, ticket, first=first, problem=problem)
    await tickets.admit(tx, admission, scan.receive_time if first else None)
    return problem


async def _check_scan_is_own(tx: Transaction, who: Who, scan_id: str) -> None:
    """Errors: UnknownTicket, ShopNotYours."""
    admission = await tickets.find_admission(tx, scan_id)
    if admission is None:
        raise UnknownTicket("There is no such admission.")
    check_shop_is_own(who, admission.gate_place_id)


async def record_origin(deps: Deps, key: RequestKey, who: Who, scan_id: str, origin: str) -> bool:
    """Notes where a party comes from; False when its admission was said already.

    Errors: InvalidFields, UnknownTicket, ShopNotYours, DeviceRevoked, RequestIdReused.
    """
    scan_id = as_id("scan_id", scan_id)
    check_origin(origin)
    async with deps.db.transaction(who.area) as tx:

        async def write() -> bool:
            await check_device(tx, who)
            await _check_scan_is_own(tx, who, scan_id)
            return await tickets.set_origin(tx, scan_id, origin)

        return await once(tx, key, bool, write)


async def list_problems(deps: Deps, who: Who) -> list[tuple[Admission, Admission | None]]:
    """Returns admissions that staff should look at, each with the ticket's first one."""
    async with deps.db.read(who.area) as tx:
        found = await tickets.problems(tx, 200)
    return [pair for pair in found if not who.shops or pair[0].gate_place_id in who.shops]


async def settle_problem(deps: Deps, key: RequestKey, who: Who, scan_id: str) -> bool:
    """Takes an admission off the list; False when it was settled before.

    Errors: InvalidFields, UnknownTicket, ShopNotYours, DeviceRevoked, RequestIdReused.
    """
    scan_id = as_id("scan_id", scan_id)
    async with deps.db.transaction(who.area) as tx:

        async def write() -> bool:
            await check_device(tx, who)
            await _check_scan_is_own(tx, who, scan_id)
            return await tickets.settle_problem(tx, scan_id, deps.clock.now())

        return await once(tx, key, bool, write)


async def run_telling(deps: Deps) -> None:
    """Says admissions whose origin is settled, until canceled."""
    await forever("tickets", lambda: tell_due(deps), TICK_S)


async def tell_due(deps: Deps) -> int:
    """Says what is due, event and note in one transaction per area. Returns how many."""
    now, said = deps.clock.now(), 0
    async with deps.db.read(ALL_AREAS) as tx:
        waiting = await tickets.areas_to_tell(tx, now)
    for area in waiting:
        async with deps.db.transaction(area) as tx:
            due = await tickets.due_to_tell(tx, now, BATCH)
            zone = await areas.time_zone(tx)
            events = [admitted_event(t, a, business_date(a.scan_time, zone)) for t, a in due]
            await deps.outbox.add_many(tx, events)
            await tickets.told(tx, [admission.scan_id for _, admission in due])
            said += len(due)
    return said
