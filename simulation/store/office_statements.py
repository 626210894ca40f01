"""The model of shops, closes and registers' journals."""

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from simulation.store.engine import Found, Row, Session, Violated
from simulation.store.registry import models

_FIGURES = ("area", "close_id", "shop_place_id", "number", "business_date", "figures",
            "float_yen", "counted_yen", "expected_yen", "reason", "unresolved_count",
            "closed_by", "close_time")  # fmt: skip


@models("insert into shops (area, shop_place_id, settings, version)")
def put_shop(session: Session, params: Sequence[Any]) -> Found:
    """store.shops.put_if_changed."""
    area, place, settings = params
    session.lock("shops", (area, place))
    known = session.get("shops", (area, place))
    if known is not None and json.loads(known["settings"]) == json.loads(settings):
        return 0
    version = known["version"] + 1 if known else 1
    session.put("shops", (area, place), {
        "area": area, "shop_place_id": place, "settings": settings, "version": version,
    })  # fmt: skip
    return 1


def _shop(row: Row) -> Row:
    return {"settings": json.loads(row["settings"]), "version": row["version"]}


@models("select settings, version from shops where area = %s and shop_place_id = %s")
def find_shop(session: Session, params: Sequence[Any]) -> Found:
    """store.shops.find."""
    row = session.get("shops", tuple(params))
    return [] if row is None else [_shop(row)]


@models("select settings, version from shops where area = %s and shop_place_id = any(%s)")
def find_shops(session: Session, params: Sequence[Any]) -> Found:
    """store.shops.find_all."""
    rows = [session.get("shops", (params[0], place)) for place in params[1]]
    return [_shop(row) for row in rows if row is not None]


@models("select 1 from shops where area = %s and shop_place_id = %s for update")
def lock_shop(session: Session, params: Sequence[Any]) -> Found:
    """store.closes.lock_shop."""
    if session.get("shops", tuple(params)) is None:
        return 0
    session.lock("shops", tuple(params))
    return 1


@models("delete from open_entries where area = %s and shop_place_id = %s and business_date <= %s")
def take_open(session: Session, params: Sequence[Any]) -> Found:
    """store.closes.take_open."""
    _area, place, day = params
    keys = [
        key for key, row in session.rows("open_entries")
        if row["shop_place_id"] == place and row["business_date"] <= day
    ]  # fmt: skip
    for key in sorted(keys):
        session.lock("open_entries", key)
    found = []
    for key in keys:
        if session.get("open_entries", key) is not None:
            session.put("open_entries", key, None)
            found.append({"entry_id": key[3]})
    return found


@models("select entry_id::text as entry_id from open_entries")
def see_open(session: Session, params: Sequence[Any]) -> Found:
    """store.closes.see_open."""
    _area, place, day = params
    return [
        {"entry_id": row["entry_id"]} for _, row in session.rows("open_entries")
        if row["shop_place_id"] == place and row["business_date"] <= day
    ]  # fmt: skip


@models("as before_yen")
def movements(session: Session, params: Sequence[Any]) -> Found:
    """store.closes: what the entries of a close moved."""
    area, ids = params
    entries = [row for _, row in session.rows("journal_entries")]
    found = []
    for row in sorted(entries, key=lambda each: str(each["entry_id"])):
        payment = session.get("payments", (area, row["payment_id"]))
        if row["entry_id"] not in ids or payment is None:
            continue
        before_yen = 0 if row["kind"] == "capture" else sum(
            each["amount_yen"] if each["kind"] == "capture" else -each["amount_yen"]
            for each in entries
            if each["payment_id"] == row["payment_id"]
            and (each["kind"] == "capture" or each["entry_id"] < row["entry_id"])
        )  # fmt: skip
        drawer = f"cash_record/{row['shop_place_id']}"
        cash_yen = row["into_yen"] * (
            (row["into_account"] == drawer) - (row["out_of_account"] == drawer)
        )
        found.append({
            "entry_id": row["entry_id"], "kind": row["kind"], "tender": row["tender"],
            "amount_yen": row["amount_yen"], "business_date": row["business_date"],
            "items": payment["items"], "before_yen": before_yen, "cash_yen": cash_yen,
        })  # fmt: skip
    return found


@models("with held as (select practice, tender, sale_id")
def sales_of_entries(session: Session, params: Any) -> Found:
    """store.sale_counts.of_entries, for sales that have no parts."""
    sums: dict[tuple[bool, str, str], dict[str, int]] = {}
    for _, row in session.rows("journal_entries"):
        if row["entry_id"] in params["entries"] and row["kind"] in ("capture", "void", "refund"):
            key = (row["practice"], row["tender"], row["payment_id"])
            kinds = sums.setdefault(key, {"capture": 0, "void": 0, "refund": 0})
            kinds[row["kind"]] += row["amount_yen"]
    groups: dict[tuple[bool, str | None], list[dict[str, int]]] = {}
    for (practice, tender, _), kinds in sorted(sums.items()):
        if kinds["capture"] > 0:
            groups.setdefault((practice, None), []).append(kinds)
            groups.setdefault((practice, tender), []).append(kinds)
    return [
        _counted(practice=practice, tender=tender, held=held)
        for (practice, tender), held in groups.items()
    ]


def _counted(*, practice: bool, tender: str | None, held: list[dict[str, int]]) -> Row:
    stands = [each["capture"] > each["void"] + each["refund"] for each in held]
    gone = [each for each, stood in zip(held, stands, strict=True) if not stood]
    return {
        "practice": practice, "tender": tender, "kept_payments": sum(stands), "kept": sum(stands),
        "refunded": sum(each["refund"] > 0 for each in gone),
        "canceled": sum(each["refund"] == 0 for each in gone),
    }  # fmt: skip


@models("select coalesce(max(number), 0) + 1 as n from closes")
def next_number(session: Session, params: Sequence[Any]) -> Found:
    """store.closes.next_number."""
    numbers = [row["number"] for _, row in session.rows("closes")
               if row["shop_place_id"] == params[1]]  # fmt: skip
    return [{"n": max(numbers, default=0) + 1}]


@models("insert into closes (area, close_id")
def insert_close(session: Session, params: Sequence[Any]) -> Found:
    """store.closes.insert."""
    row = dict(zip(_FIGURES, params, strict=True))
    if not session.insert("close_numbers", (row["area"], row["shop_place_id"], row["number"]), row):
        raise Violated("closes: this number is taken")
    session.insert("closes", (row["area"], row["close_id"]), row)
    return 1


@models("insert into closed_entries")
def insert_closed(session: Session, params: Sequence[Any]) -> Found:
    """store.closes.insert: the entries of a close, each in one close only."""
    area, close_id, ids = params
    for entry_id in ids:
        row = {"area": area, "entry_id": entry_id, "close_id": close_id}
        if not session.insert("closed_entries", (area, entry_id), row):
            raise Violated("closed_entries: this entry is in another close")
    return len(ids)


@models("insert into audit_waiting (area, kind, row_id) values")
def line_for_seal(_session: Session, _params: Any) -> Found:
    """The line for the seals is not part of the model."""
    return 1


@models("from journal_entries e join closed_entries using (area, entry_id) where e.area")
def closed_of(session: Session, params: Sequence[Any]) -> Found:
    """store.closes.closed_of."""
    area, place, days = params
    sums: dict[tuple[Any, str], Row] = {}
    for _, row in session.rows("journal_entries"):
        closed = session.get("closed_entries", (area, row["entry_id"]))
        if closed is None or row["shop_place_id"] != place or row["business_date"] not in days:
            continue
        found = sums.setdefault((row["business_date"], row["tender"]), {
            "business_date": row["business_date"], "tender": row["tender"],
            "captured_yen": 0, "voided_yen": 0, "refunded_yen": 0,
        })  # fmt: skip
        name = {"capture": "captured_yen", "void": "voided_yen", "refund": "refunded_yen"}
        if row["kind"] in name:
            found[name[row["kind"]]] += row["amount_yen"]
    return [row for _, row in sorted(sums.items())]


@models("select * from closes where area = %s and close_id = %s")
def find_close(session: Session, params: Sequence[Any]) -> Found:
    """store.closes.find."""
    row = session.get("closes", tuple(params))
    return [] if row is None else [row | {"figures": json.loads(row["figures"])}]


@models("select pg_advisory_xact_lock(hashtextextended")
def advisory_lock(session: Session, params: Sequence[Any]) -> Found:
    """store.register_sales.lock_register."""
    session.lock("advisory", tuple(params))
    return 1


@models("select journal_number, line_sha256, payment_id::text as payment_id from register_sales")
def known_lines(session: Session, params: Sequence[Any]) -> Found:
    """store.register_sales.known."""
    area, place, register, numbers = params
    rows = [session.get("register_sales", (area, place, register, each)) for each in numbers]
    return [row for row in rows if row is not None]


@models("insert into register_sales")
def keep_lines(session: Session, params: Sequence[Any]) -> Found:
    """store.register_sales.keep."""
    area, place, register, import_id, text = params
    given = json.loads(text)
    for each in given:
        key = (area, place, register, each["journal_number"])
        row = {"area": area, "journal_number": each["journal_number"], "import_id": import_id,
               "line_sha256": base64.b64decode(each["line_sha256"]),
               "payment_id": each["payment_id"],
               "sale_time": datetime.fromisoformat(each["sale_time"])}  # fmt: skip
        if not session.insert("register_sales", key, row):
            raise Violated("register_sales: this line was taken")
    return len(given)


@models("insert into register_imports")
def keep_import(session: Session, params: dict[str, Any]) -> Found:
    """store.register_imports.insert."""
    session.insert("register_imports", (params["area"], params["import_id"]), dict(params))
    return 1
