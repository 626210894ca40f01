"""The model of what a payment's own statements do."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from simulation.store import kit_statements, office_statements  # noqa: F401 - they register
from simulation.store.engine import Found, Key, Row, Session, Violated
from simulation.store.registry import models

_TIMES = ("create_time", "update_time", "authorized_until", "tap_time", "ask_time")
_DATES = ("business_date", "captured_date", "pending_date")
_AHEAD = timedelta(minutes=5)
_CHANGING = (
    "update_time", "state", "authorized_yen", "captured_yen", "captured_date", "refunded_yen",
    "reserved_yen", "decline_reason", "authorized_until", "provider_ref", "version",
    "pending_step", "pending_key", "pending_amount_yen", "pending_came_from", "pending_date",
    "ask_time",
)  # fmt: skip
_KEPT = (
    "area", "payment_id", "shop_place_id", "owner", "tender", "gateway", "custody", "practice",
    "channel", "taken_by", "amount_yen", "capture_at_once", "items", "business_date",
    "create_time", "unconfirmed", "terminal", "tap_time", "clerk_id", "split_sale_id", *_CHANGING,
)  # fmt: skip


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _given_payments(text: str) -> list[Row]:
    rows = []
    for each in json.loads(text):
        row: Row = {name: each.get(name) for name in _KEPT}
        row |= {name: _moment(row[name]) for name in _TIMES}
        row |= {name: date.fromisoformat(row[name]) if row[name] else None for name in _DATES}
        rows.append(row)
    return rows


def _check(row: Row) -> None:
    amounts = 0 <= row["captured_yen"] <= row["authorized_yen"] <= row["amount_yen"]
    back = row["refunded_yen"] >= 0 and row["reserved_yen"] >= 0
    if not amounts or not back or row["refunded_yen"] + row["reserved_yen"] > row["captured_yen"]:
        raise Violated("payments: amounts")


@models("insert into payments (")
def insert_payments(session: Session, params: Sequence[Any]) -> Found:
    """store.payments.insert."""
    rows = _given_payments(params[0])
    for row in rows:
        _check(row)
        fresh = row | {"asked_count": 0, "release_time": None, "release_count": 0}
        if not session.insert("payments", (row["area"], row["payment_id"]), fresh):
            raise Violated("payments: this id is taken")
    return len(rows)


@models("update payments set update_time = given.update_time")
def update_payments(session: Session, params: Sequence[Any]) -> Found:
    """store.payments.update."""
    touched = 0
    for given in _given_payments(params[0]):
        key = (given["area"], given["payment_id"])
        if session.get("payments", key) is None:
            continue
        session.lock("payments", key)
        row = session.get("payments", key)
        if row is not None:
            changed = row | {name: given[name] for name in _CHANGING} | {"asked_count": 0}
            _check(changed)
            session.put("payments", key, changed)
            touched += 1
    return touched


@models("select * from payments where area = %s and payment_id = %s")
def find_payment(session: Session, params: Sequence[Any]) -> Found:
    """store.payments.find."""
    row = session.get("payments", tuple(params))
    return [] if row is None else [row]


@models("select * from payments where area = %s and payment_id = %s for update")
def lock_payment(session: Session, params: Sequence[Any]) -> Found:
    """store.payments.lock."""
    if session.get("payments", tuple(params)) is None:
        return []
    session.lock("payments", tuple(params))
    return find_payment(session, params)


@models("select * from payments where area = %s and payment_id = any(%s::uuid[]) order by")
def lock_payments(session: Session, params: Sequence[Any]) -> Found:
    """store.payments.lock_all."""
    area, ids = params
    found: list[Row] = []
    for payment_id in sorted(ids):
        row = lock_payment(session, (area, payment_id))
        found += row if isinstance(row, list) else []
    return found


@models("select count(*) as n from payments")
def unresolved(session: Session, params: Sequence[Any]) -> Found:
    """store.payments.unresolved_count."""
    _area, day, everywhere, shops = params
    count = sum(
        row["business_date"] == day and row["pending_step"] is not None
        and (everywhere or row["shop_place_id"] in shops)
        for _, row in session.rows("payments")
    )  # fmt: skip
    return [{"n": count}]


@models("insert into refunds (")
def insert_refund(session: Session, params: Mapping[str, Any]) -> Found:
    """store.refunds.insert."""
    row = {name: str(value) if name in ("channel", "state") else value
           for name, value in params.items()}  # fmt: skip
    if not session.insert("refunds", (row["area"], row["refund_id"]), row | {"asked_count": 0}):
        raise Violated("refunds: this id is taken")
    return 1


@models("update refunds set state = %s")
def update_refund(session: Session, params: Sequence[Any]) -> Found:
    """store.refunds.update."""
    state, reason, ask_time, *key = params
    if session.get("refunds", tuple(key)) is None:
        return 0
    session.lock("refunds", tuple(key))
    row = session.get("refunds", tuple(key)) or {}
    change = {"state": str(state), "decline_reason": reason, "ask_time": ask_time, "asked_count": 0}
    session.put("refunds", tuple(key), row | change)
    return 1


@models("select * from refunds where area = %s and refund_id = %s")
def find_refund(session: Session, params: Sequence[Any]) -> Found:
    """store.refunds.find."""
    row = session.get("refunds", tuple(params))
    return [] if row is None else [row]


@models("with claimed as (insert into requests")
def claim_and_read(session: Session, params: Mapping[str, Any]) -> Found:
    """store.ground.claim: request ids of many sales, and what they stand on."""
    area, claimed = params["area"], 0
    for each in json.loads(params["wanted"]):
        row = {"area": area, "principal": each["principal"], "request_id": each["request_id"],
               "body_sha256": bytes.fromhex(each["body"]),
               "answer": json.dumps(each["answer"])}  # fmt: skip
        key = (area, each["principal"], each["request_id"])
        claimed += session.insert("requests", key, row)
    zone = session.get("areas", (area,))
    shops = [session.get("shops", (area, place)) for place in params["places"]]
    return [{
        "claimed": claimed,
        "time_zone": zone["time_zone"] if zone else None,
        "revoked": [device for device in params["devices"]
                    if session.get("revoked_devices", (area, device))],
        "heard": [],
        "shops": json.dumps([json.loads(shop["settings"]) for shop in shops if shop]),
    }]  # fmt: skip


@models("select principal, request_id, body_sha256, answer #>>")
def answers(session: Session, params: Sequence[Any]) -> Found:
    """store.requests.answers."""
    area, principals, ids = params
    found = []
    for principal, request_id in dict.fromkeys(zip(principals, ids, strict=True)):
        row = session.get("requests", (area, principal, request_id))
        if row is not None:
            answer = json.loads(row["answer"]) if row["answer"] else None
            found.append({"principal": principal, "request_id": request_id,
                          "body_sha256": row["body_sha256"], "answer": answer})  # fmt: skip
    return found


@models("delete from requests where area = %s and (principal, request_id)")
def release(session: Session, params: Sequence[Any]) -> Found:
    """store.requests.release."""
    area, principals, ids = params
    gone = 0
    for principal, request_id in zip(principals, ids, strict=True):
        key = (area, principal, request_id)
        session.lock("requests", key)
        if session.get("requests", key) is not None:
            session.put("requests", key, None)
            gone += 1
    return gone


def _claim_due(
    session: Session, table: str, due: list[tuple[datetime, Key, Row]], limit: int, change: Any
) -> list[Row]:
    free = [
        each for each in sorted(due, key=lambda each: each[:2]) if session.is_free(table, each[1])
    ]
    found = []
    for _, key, row in free[:limit]:
        session.lock(table, key)
        session.put(table, key, row | change(row))
        found.append(row)
    return found


def _is_due(when: datetime, now: datetime) -> bool:
    return when <= now or when > now + _AHEAD


def _again(row: Row, now: datetime, most: int, count: str, when: str) -> Row:
    return {when: now + timedelta(seconds=2.0 ** min(row[count], most)),
            count: min(row[count], 1_000_000) + 1}  # fmt: skip


@models("where pending_step is not null and (ask_time <=")
def due_payments(session: Session, params: Mapping[str, Any]) -> Found:
    """store.waiting.due_payments."""
    now, gateways = params["now"], params["gateways"]
    due = [
        (row["ask_time"], key, row) for key, row in session.rows("payments")
        if row["pending_step"] is not None and row["ask_time"] is not None
        and _is_due(row["ask_time"], now) and row["gateway"] in gateways
    ]  # fmt: skip

    def change(row: Row) -> Row:
        soon = row["state"] == "created" and row["provider_ref"] != ""
        return _again(row, now, 1 if soon else 3, "asked_count", "ask_time")

    rows = _claim_due(session, "payments", due, params["limit"], change)
    return [{"area": row["area"], "payment_id": row["payment_id"]} for row in rows]


@models("select r.area, r.refund_id from refunds r")
def due_refunds(session: Session, params: Mapping[str, Any]) -> Found:
    """store.waiting.due_refunds."""
    now = params["now"]
    due = []
    for key, row in session.rows("refunds"):
        payment = session.get("payments", (row["area"], row["payment_id"]))
        if payment is None or payment["gateway"] not in params["gateways"]:
            continue
        is_open = row["state"] in ("created", "unknown") and row["ask_time"] is not None
        if is_open and _is_due(row["ask_time"], now):
            due.append((row["ask_time"], key, row))
    rows = _claim_due(
        session, "refunds", due, params["limit"],
        lambda row: _again(row, now, 3, "asked_count", "ask_time"),
    )  # fmt: skip
    return [{"area": row["area"], "refund_id": row["refund_id"]} for row in rows]


@models("where authorized_until <= %(now)s")
def lapsed(session: Session, params: Mapping[str, Any]) -> Found:
    """store.waiting.lapsed_authorizations."""
    now = params["now"]
    due = []
    for key, row in session.rows("payments"):
        until = row["authorized_until"]
        if until is None or until > now or row["pending_step"] is not None:
            continue
        when = row["release_time"] or until
        if _is_due(when, now) and row["gateway"] in params["gateways"]:
            due.append((when, key, row))
    rows = _claim_due(
        session, "payments", due, params["limit"],
        lambda row: _again(row, now, 8, "release_count", "release_time"),
    )  # fmt: skip
    return [{"area": row["area"], "payment_id": row["payment_id"]} for row in rows]


@models("with given as (select * from jsonb_populate_recordset(null::journal_entries")
def post(session: Session, params: Sequence[Any]) -> Found:
    """store.journal.post: entries, lines for closes and seals, balances in the order of keys."""
    text, sale_kinds = params
    sums: dict[Key, int] = {}
    kinds = {str(kind) for kind in sale_kinds}
    for each in json.loads(text):
        area, entry_id = each["area"], each["entry_id"]
        day, created = date.fromisoformat(each["business_date"]), _moment(each["create_time"])
        row = each | {"business_date": day, "create_time": created}
        if abs(each["into_yen"]) != each["amount_yen"]:
            raise Violated("journal_entries: both sides")
        cause = (area, each["source_id"], each["kind"])
        if not session.insert("entry_causes", cause, {"area": area}):
            raise Violated(f"journal_entries: a second {each['kind']} of one cause")
        session.insert("journal_entries", (area, entry_id), row)
        if not each["practice"] and each["kind"] in kinds:
            line = {"area": area, "shop_place_id": each["shop_place_id"], "business_date": day,
                    "entry_id": entry_id}  # fmt: skip
            session.insert("open_entries", (area, each["shop_place_id"], day, entry_id), line)
        for account, yen in ((each["into_account"], each["into_yen"]),
                             (each["out_of_account"], -each["into_yen"])):  # fmt: skip
            key = (area, each["practice"], account)
            sums[key] = sums.get(key, 0) + yen
    for key in sorted(sums):
        session.lock("accounts", key)
        known = session.get("accounts", key)
        row = known or {"area": key[0], "practice": key[1], "account": key[2], "balance_yen": 0}
        session.put("accounts", key, row | {"balance_yen": row["balance_yen"] + sums[key]})
    return len(sums)


@models("as gone_yen from journal_entries")
def refunded_at_once(session: Session, params: Sequence[Any]) -> Found:
    """store.journal.refunded_at_once."""
    _area, payment_id, day = params
    gone = sum(
        row["amount_yen"] for _, row in session.rows("journal_entries")
        if row["payment_id"] == payment_id and row["kind"] == "refund"
        and row["business_date"] == day
    )  # fmt: skip
    return [{"gone_yen": gone}]


@models("select time_zone from areas where area = %s")
def time_zone(session: Session, params: Sequence[Any]) -> Found:
    """store.areas.time_zone."""
    row = session.get("areas", tuple(params))
    return [{"time_zone": row["time_zone"]}] if row else []


@models("select device_id from revoked_devices where area = %s")
def revoked_of(session: Session, params: Sequence[Any]) -> Found:
    """store.areas.revoked_of."""
    area, devices = params
    return [{"device_id": each} for each in devices
            if session.get("revoked_devices", (area, each))]  # fmt: skip


@models("select distinct s.split_sale_id from payments p", "select * from tickets where area",
        "select * from clerks where area = %s and shop_place_id = %s order by display_name",
        "insert into notices (area")  # fmt: skip
def none_of_these(_session: Session, _params: Any) -> Found:
    """Split sales, tickets, clerks and addresses for notices are not modelled: there are none."""
    return []
