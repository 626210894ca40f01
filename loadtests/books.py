"""What was acknowledged in a run against what the platform holds: with the history check of chaos.

Whoever was answered is asked for nothing: their words are compared with the books as everybody
reads them. Whoever was not, asks again with the same number, as a clerk does after a lost answer,
and must get the payment that a first answer named.
"""

import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from chaos.databases import database_owner
from chaos.history import NOTHING_TAKEN
from chaos.platform import Platform
from chaos.stage import Stage
from demo.web import Browser, Unexpected
from loadtests.acts.counter import REFUSED
from loadtests.gates import PAID, PAID_LEAST, Verdict
from loadtests.ground import Ground

AREA = "mine"
ASKS_FOR_S, PAUSE_S = 60.0, 0.5
# Words of the page of a payment, in English, and the state that they tell.
STATES = {"Paid": "captured", "Reserved": "authorized", "Declined": "declined",
          "Not completed": "expired"}  # fmt: skip
_WORD = re.compile(r'class="till-result__word"[^>]*>([^<]+)<')
# What was acknowledged by its id: key of what visitors left -> database, table, column.
KEPT = {
    "scan_ids": ("multilingual", "scans", "scan_id"),
    "rating_ids": ("multilingual", "ratings", "rating_id"),
    "plans": ("itinerary", "itineraries", "itinerary_id"),
}
NAMES = {"scan_ids": "scans", "rating_ids": "ratings", "plans": "plans"}


def compare(
    stage: Stage, ground: Ground, left: Mapping[str, Any], sensors: Mapping[str, Any]
) -> list[Verdict]:
    """Returns what became of everything that was acknowledged."""
    sold = settle_all(stage, ground, left)
    found = [sold, _judged(stage)] if sold.passed else [sold]
    found += [_kept(stage.platform, name, left.get(name, [])) for name in KEPT]
    if sensors:
        found.append(_counted(stage.platform, int(sensors["acknowledged"])))
    return found


def settle_all(stage: Stage, ground: Ground, left: Mapping[str, Any]) -> Verdict:
    """Writes the clients' logs: what was said at once, and the outcome of all that was left open.

    Returns whether every sale has one.
    """
    told = {each["request_id"]: each for each in left.get("acks", [])}
    sales = {each["request_id"]: each for each in left.get("intents", [])}
    open_sales, asked_again, paid = list[str](), 0, 0
    host = urlsplit(stage.platform.url).netloc
    with (
        Browser(stage.platform.url, host, "en") as clerk,
        stage.log("intents") as intents, stage.log("acks") as acks,
    ):  # fmt: skip
        clerk.sign_in(**stage.platform.state["first_logins"]["clerk"])
        token = clerk.get(f"/till?shop={next(iter(ground.counters))}").field("form_token")
        for key, sale in sales.items():
            intents.write(_line(stage, key, sale))
            said = told.get(key, {})
            answer = _as_told(said, clerk)
            if not answer["state"]:
                asked_again += 1
                answer = _ask_again(clerk, sale | {"form_token": token})
            if not answer["state"]:
                open_sales.append(key)
                continue
            paid += answer["state"] in ("captured", "authorized")
            for line in _acknowledged(_line(stage, key, sale), said.get("payment_id", ""), answer):
                acks.write(line)
    share = paid / len(sales) if sales else 0.0
    text = f"{len(sales)} sales, {asked_again} of them asked again with their number"
    text += f", {len(open_sales)} without an outcome, {paid} paid"
    return Verdict("sales", not open_sales and share >= PAID_LEAST, text)


def _as_told(said: Mapping[str, str], clerk: Browser) -> dict[str, str]:
    """Returns what the till's page told of a sale; state "" where it told no outcome. "Declined"
    and "Not completed" look alike there: the page is read for which of them, and for no other."""
    state, payment_id = "", said.get("payment_id", "")
    if said.get("said") == PAID:
        state = "captured"
    elif said.get("said") == REFUSED:
        now = state_of(clerk.get(f"/till/payments/{payment_id}").text)
        state = now if now in NOTHING_TAKEN else "declined"
    return {"payment_id": payment_id, "state": state}


def _acknowledged(
    line: dict[str, Any], made_id: str, answer: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Returns the lines of what a sale was answered. made_id: of the payment that the till was led
    to first, "" for none: where asking again led to another one, both were acknowledged."""
    captured = line["amount_yen"] if answer["state"] == "captured" else 0
    found = {**line, **answer, "captured_yen": captured, "refunded_yen": 0,
             "at": time.monotonic(), "unknown_s": 0.0, "refused": "", "door": "till"}  # fmt: skip
    others = {made_id, answer["payment_id"]} - {"", answer["payment_id"]}
    return [found, *({**found, "payment_id": each} for each in others)]


def _line(stage: Stage, key: str, sale: Mapping[str, Any]) -> dict[str, Any]:
    return {"scenario": stage.scenario, "key": key, "step": "take",
            "amount_yen": int(sale["amount_yen"]), "payment_id": ""}  # fmt: skip


def _ask_again(clerk: Browser, form: dict[str, Any]) -> dict[str, str]:
    """Sends a sale again, with its number, until the page tells an outcome; state "" for none."""
    ends = time.monotonic() + ASKS_FOR_S
    fields = {name: str(value) for name, value in form.items()}
    while time.monotonic() < ends:
        try:
            done = clerk.post_form("/till/payments", fields)
            path = (done.headers["Location"] or "").partition("?")[0]
            state = state_of(clerk.get(path).text) if path else ""
        except (OSError, Unexpected):
            state = ""
        if state:
            return {"payment_id": path.rpartition("/")[2], "state": state}
        time.sleep(PAUSE_S)
    return {"payment_id": "", "state": ""}


def state_of(page: str) -> str:
    """Returns the state that the page of a payment tells in English, "" where it is open."""
    found = _WORD.search(page)
    return STATES.get(found.group(1).strip(), "") if found else ""


def _judged(stage: Stage) -> Verdict:
    """The ledger, the acquirer's books, totals, closes, audit and events against these logs."""
    verdict = stage.judge()
    wrong = [*verdict.lost, *verdict.doubled, *verdict.problems]
    text = (f"{verdict.acknowledged} sales acknowledged, {len(verdict.lost)} lost, "
            f"{len(verdict.doubled)} doubled")  # fmt: skip
    return Verdict("books", not wrong, text + (f"; {'; '.join(wrong[:3])}"[:400] if wrong else ""))


def _kept(platform: Platform, name: str, ids: list[str]) -> Verdict:
    """Whether each acknowledged id is there, once."""
    database, table, column = KEPT[name]
    statement = f"select count(*) from {table} where area = %s and {column}::text = any(%s)"  # noqa: S608 - our own names
    with database_owner(platform, database) as owner:
        row = owner.execute(statement.encode(), (AREA, ids)).fetchone()
    there = int(str(row[0])) if row else 0
    text = f"{len(ids)} {NAMES[name]} acknowledged, {there} kept"
    return Verdict(NAMES[name], there == len(ids) == len(set(ids)), text)


def _counted(platform: Platform, acknowledged: int) -> Verdict:
    """Whether each batch of sensors was counted, once; the last ones are waited for."""
    ends, there = time.monotonic() + ASKS_FOR_S, -1
    while there != acknowledged and time.monotonic() < ends:
        with database_owner(platform, "visitor_sense") as owner:
            row = owner.execute(
                b"select count(*) from counted_batches where area = %s", (AREA,)
            ).fetchone()
        there = int(str(row[0])) if row else 0
        time.sleep(PAUSE_S)
    text = f"{acknowledged} batches of sensors acknowledged, {there} counted"
    return Verdict("batches", there == acknowledged, text)
