"""What directory told of areas and devices."""

from collections.abc import Sequence
from datetime import datetime

from kit.db import Transaction
from services.payments.domain.business_day import DEFAULT_TIME_ZONE

# Children before parents.
_TABLES = (
    "open_entries", "closed_entries", "closes", "day_totals", "provider_lines", "matched_entries",
    "findings", "reconciliations", "audit_waiting", "audit_chain", "audit_heads", "products",
    "clerks", "admissions", "tickets", "ticket_batches", "ticket_keys", "price_classes",
    "webhooks", "acquirer_contracts", "tax_free_sales", "notices",
    "notice_addresses", "register_sales", "register_imports", "journal_entries",
    "accounts", "refunds", "payments", "split_sales", "shops", "revoked_devices", "areas",
)  # fmt: skip

_OLD = "(select payment_id from payments where area = %(area)s and create_time <= %(at)s)"
_OLD_ENTRIES = (
    "(select entry_id from journal_entries where area = %(area)s"  # noqa: S608 - the constant above
    f" and (payment_id in {_OLD} or payment_id is null and create_time <= %(at)s))"
)
_SUMS = (
    "select area, practice, account, sum(amount_yen) from postings where area = %(area)s"
    " group by area, practice, account"
)
# What the office made of them. The chain of an area made anew begins anew: the rows it sealed are
# gone, and those that stay wait for their seal again.
_DROP_OFFICE = (
    f"delete from open_entries where area = %(area)s and entry_id in {_OLD_ENTRIES}",  # noqa: S608 - constants of this file
    f"delete from matched_entries where area = %(area)s and entry_id in {_OLD_ENTRIES}",  # noqa: S608 - constants of this file
    (
        "delete from closed_entries where area = %(area)s and close_id in"
        " (select close_id from closes where area = %(area)s and close_time <= %(at)s)"
    ),
    "delete from closes where area = %(area)s and close_time <= %(at)s",
    *(f"delete from {table} where area = %(area)s and reconciliation_id in"  # noqa: S608 - constants of this file
      " (select reconciliation_id from reconciliations"
      "   where area = %(area)s and reconcile_time <= %(at)s)"
      for table in ("provider_lines", "findings", "reconciliations")),
    *(f"delete from {table} where area = %(area)s"  # noqa: S608 - constants of this file
      for table in ("day_totals", "audit_waiting", "audit_chain", "audit_heads")),
    (
        "insert into audit_waiting (area, kind, row_id)"  # noqa: S608 - constants of this file
        " select area, 'close', close_id from closes where area = %(area)s"
        " union all select area, 'entry', entry_id from journal_entries"
        f"   where area = %(area)s and entry_id not in {_OLD_ENTRIES}"
    ),
)  # fmt: skip
# Children before parents again; last the balances, which are the sums of the postings left.
_DROP_PAYMENTS = (
    f"delete from tax_free_sales where area = %(area)s and payment_id in {_OLD}",  # noqa: S608 - constants of this file
    f"delete from notices where area = %(area)s and payment_id in {_OLD}",  # noqa: S608 - constants of this file
    f"delete from register_sales where area = %(area)s and payment_id in {_OLD}",  # noqa: S608 - constants of this file
    "delete from register_imports where area = %(area)s and make_time <= %(at)s",
    *_DROP_OFFICE,
    f"delete from journal_entries where area = %(area)s and entry_id in {_OLD_ENTRIES}",  # noqa: S608 - constants of this file
    f"delete from refunds where area = %(area)s and payment_id in {_OLD}",  # noqa: S608 - constants of this file
    "delete from admissions where area = %(area)s and receive_time <= %(at)s",
    "delete from tickets where area = %(area)s and create_time <= %(at)s",
    "delete from ticket_batches where area = %(area)s and create_time <= %(at)s",
    "delete from payments where area = %(area)s and create_time <= %(at)s",
    (
        "delete from split_sales s where area = %(area)s and create_time <= %(at)s and not exists"
        " (select 1 from payments p where p.area = s.area and p.split_sale_id = s.split_sale_id)"
    ),
    "delete from accounts where area = %(area)s",
    f"insert into accounts (area, practice, account, balance_yen) {_SUMS}",
)


async def put_time_zone(
    tx: Transaction, time_zone: str, version: int, configure_time: datetime
) -> None:
    """Keeps the IANA time zone of the transaction's area, unless a newer word is there.

    Versions begin at 1 again in an area that is made anew: then its time is what is newer.
    """
    await tx.execute(
        "insert into areas (area, time_zone, version, configure_time) values (%s, %s, %s, %s)"
        " on conflict (area) do update set time_zone = excluded.time_zone,"
        " version = excluded.version,"
        " configure_time = greatest(areas.configure_time, excluded.configure_time)"
        " where areas.version < excluded.version or areas.configure_time < excluded.configure_time",
        (tx.area, time_zone, version, configure_time),
    )


async def time_zone(tx: Transaction) -> str:
    """Returns the area's IANA time zone; the default one until directory has told it."""
    row = await tx.fetch_one("select time_zone from areas where area = %s", (tx.area,))
    return row["time_zone"] if row else DEFAULT_TIME_ZONE


async def revoke_device(tx: Transaction, device_id: str) -> None:
    """Remembers for good that a device may no longer sign."""
    await tx.execute(
        "insert into revoked_devices (area, device_id) values (%s, %s) on conflict do nothing",
        (tx.area, device_id),
    )


async def revoked_of(tx: Transaction, device_ids: Sequence[str]) -> set[str]:
    """Returns those of the devices that were revoked."""
    if not device_ids:
        return set()
    rows = await tx.fetch_all(
        "select device_id from revoked_devices where area = %s and device_id = any(%s)",
        (tx.area, list(device_ids)),
    )
    return {row["device_id"] for row in rows}


async def is_made_anew(tx: Transaction, drop_time: datetime) -> bool:
    """Tells whether the area or one of its shops was set up after it had been dropped."""
    row = await tx.fetch_one(
        "select exists (select 1 from areas where area = %(area)s and configure_time > %(at)s)"
        " or exists (select 1 from shops where area = %(area)s and configure_time > %(at)s)"
        " as anew",
        {"area": tx.area, "at": drop_time},
    )
    return row is not None and bool(row["anew"])


async def drop(tx: Transaction) -> None:
    """Deletes every row of the transaction's area; those of kit are deleted by kit.area."""
    await _allow_deletion(tx)
    for table in _TABLES:
        await tx.execute(f"delete from {table} where area = %s", (tx.area,))  # noqa: S608 - constants above


async def drop_payments(tx: Transaction, drop_time: datetime) -> None:
    """Deletes payments made until the area was dropped, with all that followed from them."""
    await _allow_deletion(tx)
    for statement in _DROP_PAYMENTS:
        await tx.execute(statement, {"area": tx.area, "at": drop_time})


async def _allow_deletion(tx: Transaction) -> None:
    """Lets this one transaction delete from the journal of its area; see the first migration."""
    await tx.execute("select set_config('meguri.dropping_area', %s, true)", (tx.area,))
