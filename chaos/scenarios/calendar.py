"""The last seconds of 29 February in Tokyo, and the first of March: a payments server lives through
them while a till sells."""

import time
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta

from chaos.client import Client
from chaos.crowd import SHOP
from chaos.databases import database_owner
from chaos.doors import GrpcDoor
from chaos.exports import collect
from chaos.sales import make_sales
from chaos.scenarios.clocks import ZONE, channel, server
from chaos.stage import Broken, Size, Stage

LEAP_DAY = date(2028, 2, 29)
BEFORE_S, AFTER_S = 20.0, 15.0  # of midnight, from when the server takes calls
START_S = 8.0  # a server takes about so long to start; it only moves when midnight comes
SALES_MOST = 5_000


def leap_midnight(stage: Stage, size: Size) -> None:
    """Sells from before midnight until after it. Errors: Broken for a wrong date, or books whose
    times go back."""
    midnight = datetime(LEAP_DAY.year, LEAP_DAY.month, LEAP_DAY.day, tzinfo=ZONE) + timedelta(
        days=1
    )
    error = midnight - timedelta(seconds=BEFORE_S + START_S) - datetime.now(UTC)
    with ExitStack() as stack:
        address = stack.enter_context(server(stage, error.total_seconds()))
        until = midnight + timedelta(seconds=AFTER_S) - error
        stage.fault("29 February ends")
        with stage.log("intents") as intents, stage.log("acks") as acks:
            door = GrpcDoor(stack.enter_context(channel(stage, address)), SHOP)
            client = Client(door, intents, acks, stage.scenario)
            for sale in make_sales(SALES_MOST, size.seed):
                if datetime.now(UTC) > until:
                    break
                client.sell([sale])
    _check_dates(stage, error)
    _check_order(stage)


def _check_dates(stage: Stage, error: timedelta) -> None:
    """The business date of a sale is that of a moment between its sending and its answer."""
    to_wall = time.time() - time.monotonic()
    exported = {
        each["payment_id"]: each
        for each in collect(stage.platform, ignored=frozenset(stage.ignored)).payments
    }
    wrong, seen = [], dict[str, int]()
    for ack in stage.lines("acks"):
        if ack["step"] != "take":
            continue
        stored = exported[ack["payment_id"]]["business_date"]
        allowed = {
            (datetime.fromtimestamp(at + to_wall, UTC) + error).astimezone(ZONE).date().isoformat()
            for at in (ack["first"], ack["at"])
        }
        seen[stored] = seen.get(stored, 0) + 1
        if stored not in allowed:
            wrong.append(f"{ack['payment_id']}: {stored} instead of {sorted(allowed)}")
    expired = sum(each["state"] == "expired" for each in exported.values())
    stage.figures |= {"sales_by_date": seen, "expired": expired}
    if wrong:
        raise Broken(f"{len(wrong)} sales have a wrong date: {wrong[:2]}")
    if set(seen) != {LEAP_DAY.isoformat(), (LEAP_DAY + timedelta(days=1)).isoformat()}:
        raise Broken(f"sales of {sorted(seen)} only: midnight was not lived through")
    if expired:
        raise Broken(f"{expired} payments expired within a minute")


def _check_order(stage: Stage) -> None:
    """Business dates get later with the entries. Those of the server that lives then: what it left
    without an answer is settled by the platform's own, whose clock is years behind."""
    lived = datetime(LEAP_DAY.year, LEAP_DAY.month, LEAP_DAY.day, tzinfo=ZONE)
    with database_owner(stage.platform, "payments") as owner:
        rows = owner.execute(
            "select create_time, business_date from journal_entries where create_time >= %s"
            " order by create_time, entry_id",
            (lived,),
        ).fetchall()
        sealed = owner.execute(
            "select e.create_time from audit_chain c join journal_entries e"
            " on e.area = c.area and e.entry_id = c.row_id order by c.area, c.number"
        ).fetchall()
    stage.figures |= {"entries": len(rows), "sealed": len(sealed)}
    dates = [row[1] for row in rows]
    if dates != sorted(dates, key=str):
        raise Broken("an entry of a later moment has an earlier business date")
