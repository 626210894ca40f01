"""What shops let be told of their own takings: all they ever said of it, the newest first."""

from collections.abc import Sequence

from kit.db import Transaction
from services.insights.domain.consent import Decision
from services.insights.domain.sales import Consents


async def read(tx: Transaction) -> frozenset[str]:
    """Returns the shops that consent now."""
    return (await read_all(tx)).now


async def read_all(tx: Transaction) -> Consents:
    """Returns the shops that consent now, and those that ever did."""
    rows = await tx.fetch_all(
        "select shop_place_id, bool_or(consents) as ever,"
        " (array_agg(consents order by number desc))[1] as now"
        " from shop_consents where area = %s group by shop_place_id",
        (tx.area,),
    )
    return Consents(
        frozenset(row["shop_place_id"] for row in rows if row["now"]),
        frozenset(row["shop_place_id"] for row in rows if row["ever"]),
    )


async def lock(tx: Transaction, shop_place_id: str) -> None:
    """Lets one decision of a shop happen after the other, until the transaction ends."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtext('consent/' || %s || '/' || %s))",
        (tx.area, shop_place_id),
    )


async def add(tx: Transaction, decision: Decision, principal: str) -> None:
    """Keeps what a shop has decided."""
    await tx.execute(
        "insert into shop_consents"
        " (area, shop_place_id, number, consents, principal, signed_as, said_time)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        (tx.area, decision.shop_place_id, decision.number, decision.consents, principal,
         decision.signed_as, decision.at),
    )  # fmt: skip


async def decisions(tx: Transaction, shops: Sequence[str] | None) -> list[Decision]:
    """Returns what shops have decided, by shop and the newest first. shops: None for all."""
    rows = await tx.fetch_all(
        "select shop_place_id, number, consents, signed_as, said_time from shop_consents"
        " where area = %(area)s and (%(all)s or shop_place_id = any(%(shops)s))"
        " order by shop_place_id, number desc",
        {"area": tx.area, "all": shops is None, "shops": list(shops or ())},
    )
    return [
        Decision(
            row["shop_place_id"], row["number"], row["consents"], row["signed_as"],
            row["said_time"],
        )
        for row in rows
    ]  # fmt: skip
