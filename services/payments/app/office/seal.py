"""Sealing rows into the audit chain, signing the head of a day that is over, summing it up aloud,
and checking the chain.

One process at a time seals an area. What fails is tried again with the next tick.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from time import monotonic

from kit.db import ALL_AREAS, Transaction
from kit.forever import forever
from services.payments.app.deps import Tools
from services.payments.app.who import Who
from services.payments.domain.audit import (
    GENESIS,
    MAX_FINDINGS,
    AuditFinding,
    Head,
    Link,
    Walk,
    head_text,
    seal,
)
from services.payments.domain.business_day import business_date
from services.payments.domain.events import DayTotal, PaymentsDayTotaled
from services.payments.domain.tender import Tender
from services.payments.gateways.signer import Signer
from services.payments.store import areas, audit, day_totals, proof

TICK_S = 1.0
DAYS_EVERY_S = 15.0  # a day that is over is over for long
BATCH = 500
VERIFY_BATCH = 2_000
SAY_AGAIN_DAYS = 7  # an authorization's life: no sale's answer comes later


async def run(tools: Tools, signer: Signer) -> None:
    """Seals and sums up until canceled. Sales do not depend on it."""
    ended = float("-inf")

    async def turn() -> None:
        nonlocal ended
        await seal_all(tools)
        if monotonic() - ended >= DAYS_EVERY_S:
            await end_all_days(tools, signer)
            ended = monotonic()

    await forever("seal", turn, TICK_S)


async def tick(tools: Tools, signer: Signer) -> None:
    """Seals all that waits, then ends the days that are over."""
    await seal_all(tools)
    await end_all_days(tools, signer)


async def seal_all(tools: Tools) -> None:
    """Seals what waits in all areas."""
    async with tools.db.read(ALL_AREAS, line=True) as tx:
        waiting = await audit.waiting_areas(tx)
    for area in waiting:
        while await seal_some(tools, area) == BATCH:
            pass


async def end_all_days(tools: Tools, signer: Signer) -> None:
    """Ends the days that are over in all areas that have shops."""
    async with tools.db.read(ALL_AREAS) as tx:
        active = await day_totals.active_areas(tx)
    for area in active:
        await end_days(tools, signer, area)


async def seal_some(tools: Tools, area: str) -> int:
    """Seals a batch. Returns how many rows."""
    async with tools.db.transaction(area, line=True) as tx:
        await audit.lock(tx)
        wanted = await audit.take_waiting(tx, BATCH)
        texts = await audit.canonical(tx, wanted)
        number, before = await audit.last_link(tx)
        links: list[Link] = []
        for kind, row_id in wanted:
            text = texts.get(row_id)
            if text is None:
                continue  # dropped with its area before it was sealed
            number, before = number + 1, seal(before, text)
            links.append(Link(number, kind, row_id, hashlib.sha256(text).digest(), before))
        await audit.append(tx, links)
    return len(wanted)


async def end_days(tools: Tools, signer: Signer, area: str) -> None:
    """Signs the head of yesterday and sums up the days that may still have changed."""
    async with tools.db.transaction(area) as tx:
        now = tools.clock.now()
        today = business_date(now, await areas.time_zone(tx))
        yesterday = today - timedelta(days=1)
        if not await audit.has_head(tx, yesterday):
            await audit.lock(tx)
            if not await audit.has_head(tx, yesterday):
                # The first day of all: what was sealed today is none of yesterday's.
                begun = await audit.has_heads(tx)
                number, chain_hash = await audit.last_link(tx) if begun else (0, GENESIS)
                text = head_text(area, yesterday, number, chain_hash)
                await audit.insert_head(tx, Head(
                    area=area, business_date=yesterday, number=number, hash=chain_hash,
                    key_id=signer.key_id, signature=signer.sign(text),
                ), now)  # fmt: skip
        for back in range(1, SAY_AGAIN_DAYS + 1):
            await _sum_up(tools, tx, today - timedelta(days=back))


async def _sum_up(tools: Tools, tx: Transaction, day: date) -> None:
    totals = tuple(
        DayTotal(
            tender=Tender(row["tender"]), practice=row["practice"],
            captured_count=row["capture_count"], captured_yen=row["capture_yen"],
            voided_count=row["void_count"], voided_yen=row["void_yen"],
            refunded_count=row["refund_count"], refunded_yen=row["refund_yen"],
        )
        for row in await proof.totals(tx, day, [])
    )  # fmt: skip
    said = await day_totals.said(tx, day)
    version = said[0] + 1 if said else 1
    if (said is None and not totals) or (said is not None and said[1] == totals):
        return
    if not await day_totals.keep(tx, day, version, totals):
        return
    head = max(await audit.heads(tx), key=lambda each: each.business_date, default=None)
    await tools.outbox.add(tx, PaymentsDayTotaled(
        area=tx.area, aggregate_id=day.isoformat(), version=version,
        occur_time=tools.clock.now(), business_date=day, totals=totals,
        head_number=head.number if head else 0, head_hash=head.hash if head else b"",
        head_key_id=head.key_id if head else "", head_signature=head.signature if head else b"",
    ))  # fmt: skip


@dataclass(frozen=True)
class AuditReport:
    """What a check of the chain found; sound when it found nothing. head_count, last_head: of
    heads that sign a link; that of the day before the first one signs none."""

    link_count: int
    waiting_count: int
    head_count: int
    findings: tuple[AuditFinding, ...]
    last_head: Head | None
    key_id: str
    public_key_pem: bytes


async def verify(tools: Tools, signer: Signer, who: Who) -> AuditReport:
    """Recomputes the area's chain from its rows, in one snapshot, and checks every signed head."""
    walk = Walk()
    async with tools.db.read(who.area) as tx:
        while links := await audit.links_after(tx, walk.number, VERIFY_BATCH):
            texts = await audit.canonical(tx, [(link.kind, link.row_id) for link in links])
            for link in links:
                walk.step(link, texts.get(link.row_id))
        heads = await audit.heads(tx)
        for head in heads:
            text = head_text(head.area, head.business_date, head.number, head.hash)
            fits = head.key_id == signer.key_id and signer.fits(text, head.signature)
            walk.head(head, signature_fits=fits)
        for row_id in await audit.unsealed(tx, MAX_FINDINGS):
            walk.unsealed(row_id)
        waiting = await audit.waiting_count(tx)
    signing = [head for head in heads if head.number]
    return AuditReport(
        walk.number, waiting, len(signing), tuple(walk.findings),
        signing[-1] if signing else None, signer.key_id, signer.public_pem,
    )  # fmt: skip
