"""The model of kit's own tables: requests, outbox, inbox."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from simulation.store.engine import Found, Row, Session, Violated
from simulation.store.registry import models

_OUTBOX = ("id", "area", "event_id", "type", "aggregate_id", "version", "occur_time",
           "traceparent", "body")  # fmt: skip


_CLAIM = "insert into requests (area, principal, request_id, body_sha256"


@models(f"{_CLAIM}) values (%s, %s, %s, %s) on conflict do nothing returning")
def claim_request(session: Session, params: Sequence[Any]) -> Found:
    """kit.requests.once."""
    return claim_with_answer(session, (*params, None))


@models(f"{_CLAIM}, answer) values (%s, %s, %s, %s, %s::jsonb) on conflict do nothing returning")
def claim_with_answer(session: Session, params: Sequence[Any]) -> Found:
    """kit.requests.once_as."""
    area, principal, request_id, body, answer = params
    row = {"area": area, "principal": principal, "request_id": request_id,
           "body_sha256": bytes(body), "answer": answer}  # fmt: skip
    key = (area, principal, request_id)
    return [{"request_id": request_id}] if session.insert("requests", key, row) else []


@models("update requests set answer")
def answer_request(session: Session, params: Sequence[Any]) -> Found:
    """kit.requests.once: the answer beside the claim."""
    answer, *key = params
    row = session.get("requests", tuple(key))
    if row is None:
        return 0
    session.lock("requests", tuple(key))
    session.put("requests", tuple(key), row | {"answer": answer})
    return 1


@models("select body_sha256, answer::text as answer from requests")
def first_answer(session: Session, params: Sequence[Any]) -> Found:
    """kit.requests: what a repeat gets."""
    row = session.get("requests", tuple(params))
    return [] if row is None else [{name: row[name] for name in ("body_sha256", "answer")}]


@models("insert into outbox")
def say(session: Session, params: Sequence[Any]) -> Found:
    """kit.outbox: events of a transaction, in order."""
    traceparent, text = params
    given = sorted(json.loads(text), key=lambda row: row["place"])
    taken = {row["event_id"] for _, row in session.rows("outbox")}
    for each in given:
        if each["event_id"] in taken:
            raise Violated("outbox: this event id was said")
        number = session.next_number()
        session.insert("outbox", (number,), {
            "id": number, "area": each["area"], "event_id": each["event_id"],
            "type": each["type"], "aggregate_id": each["aggregate_id"],
            "version": each["version"], "occur_time": datetime.fromisoformat(each["occur_time"]),
            "traceparent": traceparent, "body": base64.b64decode(each["body"]),
            "published_time": None, "attempt_count": 0, "next_attempt_time": None,
        })  # fmt: skip
    return len(given)


def _unpublished(session: Session) -> list[Row]:
    rows = [row for _, row in session.rows("outbox") if row["published_time"] is None]
    return sorted(rows, key=lambda row: int(row["id"]))


def _told(row: Row) -> Row:
    return {name: row[name] for name in _OUTBOX}


@models("where published_time is null and next_attempt_time is null and not exists")
def waiting(session: Session, params: Sequence[Any]) -> Found:
    """kit.outbox: what the relay publishes; what comes after a refused one waits with it."""
    refused: set[tuple[str, str]] = set()
    found = []
    for row in _unpublished(session):
        aggregate = (row["area"], row["aggregate_id"])
        if row["next_attempt_time"] is not None:
            refused.add(aggregate)
        elif aggregate not in refused:
            found.append(_told(row))
    return found[: params[0]]


@models("select min(id) from outbox")
def retried(session: Session, params: Sequence[Any]) -> Found:
    """kit.outbox: refused events whose time has come, the first of each aggregate."""
    first: dict[tuple[str, str], tuple[Any, Row]] = {}
    for row in _unpublished(session):
        if row["next_attempt_time"] is None:
            continue
        aggregate = (row["area"], row["aggregate_id"])
        when, known = first.get(aggregate, (row["next_attempt_time"], row))
        first[aggregate] = (min(when, row["next_attempt_time"]), known)
    due = sorted((each for each in first.values() if each[0] <= session.began),
                 key=lambda each: each[0])  # fmt: skip
    return sorted((_told(row) for _, row in due[: params[0]]), key=lambda row: int(row["id"]))


@models("select count(*) as waiting, count(*) filter (where next_attempt_time")
def pending(session: Session, _params: Any) -> Found:
    """kit.outbox: the gauge."""
    rows = _unpublished(session)
    due = [row for row in rows if row["next_attempt_time"] and
           row["next_attempt_time"] <= session.began]  # fmt: skip
    return [{"waiting": len(rows), "due": len(due)}]


@models("update outbox set published_time = now()")
def published(session: Session, params: Sequence[Any]) -> Found:
    """kit.outbox: acknowledged."""
    return _mark(session, params[0], lambda _row: {
        "published_time": session.began, "attempt_count": 0, "next_attempt_time": None,
    })  # fmt: skip


@models("update outbox set attempt_count = attempt_count + 1")
def put_off(session: Session, params: Sequence[Any]) -> Found:
    """kit.outbox: refused."""
    most_s, first_s, ids = params

    def change(row: Row) -> Row:
        wait_s = min(most_s, first_s * 2.0 ** (min(row["attempt_count"], 20) + 1))
        return {"attempt_count": row["attempt_count"] + 1,
                "next_attempt_time": session.began + timedelta(seconds=wait_s)}  # fmt: skip

    return _mark(session, ids, change)


def _mark(session: Session, ids: Sequence[int], change: Any) -> int:
    keys = [(number,) for number in ids if session.get("outbox", (number,)) is not None]
    for key in keys:
        session.lock("outbox", key)
    for key in keys:
        row = session.get("outbox", key)
        if row is not None:
            session.put("outbox", key, row | change(row))
    return len(keys)


@models("with fresh as (insert into inbox")
def seen_before(session: Session, params: Sequence[Any]) -> Found:
    """kit.bus: writes the inbox and returns what stood there already."""
    area, text, _same = params
    seen = []
    for event_id in text.split("\n") if text else []:
        row = {"area": area, "event_id": event_id}
        mine = session.own.get("inbox", {}).get((area, event_id))
        if mine is None and not session.insert("inbox", (area, event_id), row):
            seen.append({"id": event_id})
    return seen


@models("select set_config")
def setting(_session: Session, _params: Mapping[str, Any]) -> Found:
    """Settings of a transaction mean nothing to the model."""
    return [{}]
