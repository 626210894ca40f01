"""What is done at counters by people who are signed in. The money is practice money in a demo."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

from loadtests.acts import act
from loadtests.gates import PAID
from loadtests.hand import Hand, Reply, is_ok

CLERK = "clerk"
AMOUNT_MOST = 5_000
NOTED = ("request_id", "shop", "pay", "amount_yen", "payment_id", "said")
REFUSED = "bad"  # what the page of a payment that took nothing says of it
KEPT = 500  # payments of which a receipt may be asked for
_RESULT = re.compile(r'data-result="(\w+)"')


def leads_on(reply: Reply) -> str:
    """Expects to be led to a page of what was done."""
    if reply.status != 303:
        return reply.error or f"status {reply.status}"
    return "" if reply.location else "leads nowhere"


def outcome(reply: Reply) -> str:
    """Returns what a page of a payment says of it: ok, warn, bad, plain; "" where it says none."""
    found = _RESULT.search(reply.text)
    return found.group(1) if found else ""


def _says_an_outcome(reply: Reply) -> str:
    return is_ok(reply) or ("" if outcome(reply) else "the page of a payment says nothing of it")


@act(CLERK)
def pay(hand: Hand) -> None:
    """A payment, up to the page that says what became of it."""
    take(hand)


@act(CLERK)
def pay_and_show(hand: Hand) -> None:
    """A payment and, for most, its receipt on the screen."""
    path, said = take(hand)
    if hand.chance.random() < 0.7:
        name = "/till/payments/{id}/receipt"
        hand.get(f"{path}/receipt", name, is_ok if said == PAID else _has_no_receipt)


def _has_no_receipt(reply: Reply) -> str:
    # A payment that was declined, or is open still, has none yet.
    return "" if reply.status in (303, 404, 409) else is_ok(reply)


def take(hand: Hand) -> tuple[str, str]:
    """Takes a payment at one of the counters. Returns the address of its page and what that says
    (outcome)."""
    ground, chance, key = hand.ground, hand.chance, str(uuid.uuid4())
    shop = chance.choice(sorted(ground.counters))
    form = {
        "form_token": ground.tokens[CLERK], "request_id": key, "shop": shop,
        "pay": chance.choice(ground.counters[shop]),
        "amount_yen": str(chance.randrange(100, AMOUNT_MOST)),
    }  # fmt: skip
    note(hand, "intents", form)  # before it is sent: nobody forgets what may have happened
    reply = hand.post_form("/till/payments", "POST /till/payments", form, leads_on)
    path = reply.location.partition("?")[0]
    # From here on the clerk has a payment, whether or not its page can be opened.
    made = {**form, "payment_id": path.rpartition("/")[2]}
    note(hand, "acks", {**made, "said": ""})
    said = outcome(hand.get(path, "/till/payments/{id}", _says_an_outcome))
    note(hand, "acks", {**made, "said": said})
    taken = ground.extra.setdefault("taken", [])
    if said == PAID and len(taken) < KEPT:
        taken.append(path)
    return path, said


def note(hand: Hand, what: str, form: Mapping[str, Any]) -> None:
    """Keeps what was asked or said of a sale, for whoever compares it with the books."""
    line = {name: form[name] for name in NOTED if name in form}
    hand.ground.extra.setdefault(what, []).append(line)


@act(CLERK)
def receipt_on_paper(hand: Hand) -> None:
    """A receipt to be printed, of one of the sales so far."""
    taken = hand.ground.extra.get("taken", [])
    if taken:
        path = hand.chance.choice(taken)
        hand.get(f"{path}/receipt.pdf", "/till/payments/{id}/receipt.pdf")


@act(CLERK)
def sell_ticket(hand: Hand) -> None:
    """A ticket for a party at a gate, and its page to be photographed."""
    ground, chance = hand.ground, hand.chance
    gate = chance.choice(sorted(ground.gates))
    persons, price = chance.randrange(1, 6), ground.gates[gate]
    asked = {"shop": gate, f"n:{price}": persons}
    query = f"shop={gate}&n%3A{price}={persons}&go=1"
    page = hand.get(f"/till/tickets?{query}", "/till/tickets")
    total = re.search(r'name="amount_yen" value="(\d+)"', page.text)
    if total is None:
        return  # the gate is closed: nothing is sold
    form = {**asked, "form_token": ground.tokens[CLERK], "request_id": str(uuid.uuid4()),
            "amount_yen": total.group(1), "pay": chance.choice(ground.counters[gate])}  # fmt: skip
    reply = hand.post_form("/till/tickets", "POST /till/tickets", form, _sold_or_closed)
    if reply.status == 303:
        path = reply.location.partition("?")[0]
        hand.get(path, "/till/tickets/{id}")
        ground.extra.setdefault("tickets", []).append((gate, path.rpartition("/")[2]))


def _sold_or_closed(reply: Reply) -> str:
    # Between the total and the sale the gate may have closed: 409 sells nothing and says so.
    return "" if reply.status == 409 else leads_on(reply)


@act("analyst")
def watch_figures(hand: Hand) -> None:
    """The page of figures that is left open asks again."""
    hand.get("/insights/live", "/insights/live")
