"""Tax-free sales. A payment's lock also guards its record."""

import msgspec

from kit.db import Row, Transaction
from services.payments.domain.tax_free import TaxFreeSale

_NAMES = (
    "area", "tax_free_sale_id", "payment_id", "shop_place_id", "purchase_record_id", "sale_date",
    "confirm_until", "tax_yen", "recorded_by", "create_time", "state", "confirm_date",
)  # fmt: skip
_INSERT = (
    f"insert into tax_free_sales ({', '.join(_NAMES)}, serials)"  # noqa: S608 - constants above
    f" values ({', '.join(f'%({name})s' for name in _NAMES)}, %(serials)s::jsonb)"
    " on conflict do nothing"
)


def _sale(row: Row) -> TaxFreeSale:
    values: Row = {name: row[name] for name in (*_NAMES, "serials")}
    values["tax_free_sale_id"] = str(row["tax_free_sale_id"])
    values["payment_id"] = str(row["payment_id"])
    values["refund_id"] = str(row["refund_id"] or "")
    values["serials"] = {int(line): text for line, text in row["serials"].items()}
    return msgspec.convert(values, TaxFreeSale)


async def insert(tx: Transaction, sale: TaxFreeSale) -> bool:
    """Stores a new record; returns False where its payment or purchase record has one already."""
    values = {name: getattr(sale, name) for name in _NAMES}
    serials = msgspec.json.encode({str(line): text for line, text in sale.serials.items()})
    return await tx.execute(_INSERT, {**values, "serials": serials.decode()}) == 1


async def update(tx: Transaction, sale: TaxFreeSale) -> None:
    """Stores what became of a record, whose payment this transaction has locked."""
    touched = await tx.execute(
        "update tax_free_sales set state = %s, confirm_date = %s, refund_id = %s"
        " where area = %s and tax_free_sale_id = %s",
        (sale.state, sale.confirm_date, sale.refund_id or None, sale.area, sale.tax_free_sale_id),
    )
    if touched != 1:
        raise AssertionError(f"{sale.tax_free_sale_id} is not there to update")


async def find(tx: Transaction, tax_free_sale_id: str) -> TaxFreeSale | None:
    """Returns a record or None. To change it, lock its payment first and read it again."""
    row = await tx.fetch_one(
        "select * from tax_free_sales where area = %s and tax_free_sale_id = %s",
        (tx.area, tax_free_sale_id),
    )
    return _sale(row) if row else None


async def tax_refunds_of(tx: Transaction, payment_id: str) -> set[str]:
    """Returns the ids of the refunds of a payment that gave back tax and no price."""
    rows = await tx.fetch_all(
        "select refund_id::text as refund_id from tax_free_sales"
        " where area = %s and payment_id = %s and refund_id is not null",
        (tx.area, payment_id),
    )
    return {row["refund_id"] for row in rows}


async def page(
    tx: Transaction, *, shop_place_ids: list[str], payment_id: str, before: str, limit: int
) -> list[TaxFreeSale]:
    """Returns records, newest first. shop_place_ids: empty for all; the others: "" for none."""
    rows = await tx.fetch_all(
        "select * from tax_free_sales where area = %(area)s"
        " and (%(any_shop)s or shop_place_id = any(%(shops)s))"
        " and (%(payment)s = '' or payment_id::text = %(payment)s)"
        " and (%(before)s = '' or tax_free_sale_id < nullif(%(before)s, '')::uuid)"
        " order by tax_free_sale_id desc limit %(limit)s",
        {
            "area": tx.area, "any_shop": not shop_place_ids, "shops": shop_place_ids,
            "payment": payment_id, "before": before, "limit": limit,
        },
    )  # fmt: skip
    return [_sale(row) for row in rows]
