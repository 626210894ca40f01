"""What must hold once everything is at rest: what people were told against every book."""

from collections import Counter
from typing import Any

from simulation.acquirer import Acquirer
from simulation.bus.client import Network
from simulation.people import Book, Told
from simulation.processes import Listener, PaymentsProcess
from simulation.world import World

_OPEN_REFUNDS = ("created", "unknown")


def unrest(payments: PaymentsProcess, network: Network, listeners: list[Listener]) -> str:
    """Returns what is still under way, "" where nothing is."""
    server = payments.server
    for row in server.rows("payments"):
        if row["pending_step"] is not None:
            return f"payment {row['payment_id']} waits for its {row['pending_step']}"
    for row in server.rows("refunds"):
        if row["state"] in _OPEN_REFUNDS:
            return f"refund {row['refund_id']} is {row['state']}"
    for row in server.rows("outbox"):
        if row["published_time"] is None:
            return f"event {row['event_id']} is not published"
    stream = network.server.stream("PAYMENTS")
    for listener in listeners:
        consumer = stream.consumers.get(f"{listener.name}-hears-payments")
        if (
            consumer is None
            or consumer.again
            or consumer.pending
            or consumer.next_seq <= len(stream.messages)
        ):
            return f"{listener.name} has not heard everything"
    return ""


def check(
    world: World, payments: PaymentsProcess, acquirer: Acquirer, network: Network,
    listeners: list[Listener], book: Book,
) -> None:  # fmt: skip
    """Notes every rule that does not hold as a problem of the world."""
    found = _Found(payments)
    _told(world, found, book)
    _at_the_acquirer(world, found, acquirer)
    _ledger(world, found)
    _closes(world, found)
    _events(world, found, network)
    for listener in listeners:
        _effects(world, found, listener)


class _Found:
    """Our books, by what they are asked for."""

    def __init__(self, payments: PaymentsProcess) -> None:
        rows = payments.server.rows
        self.payments = {row["payment_id"]: row for row in rows("payments")}
        self.refunds = {row["refund_id"]: row for row in rows("refunds")}
        self.entries = rows("journal_entries")
        self.accounts = rows("accounts")
        self.outbox = sorted(rows("outbox"), key=lambda row: int(row["id"]))
        self.closes = {row["close_id"]: row for row in rows("closes")}
        self.closed = rows("closed_entries")
        self.open = rows("open_entries")
        self.requests = rows("requests")

    def yen(self, payment_id: str, kind: str) -> int:
        """Returns the sum of a payment's entries of a kind."""
        return sum(
            row["amount_yen"] for row in self.entries
            if row["payment_id"] == payment_id and row["kind"] == kind
        )  # fmt: skip


def _told(world: World, found: _Found, book: Book) -> None:
    """Nothing acknowledged is lost, and every tap is one payment at most."""
    answers: dict[str, set[str]] = {}
    there = {"take": found.payments, "refund": found.refunds, "close": found.closes}
    for told in book.told:
        answers.setdefault(told.request_id, set()).add(told.answer)
        if told.kind in there and told.answer not in there[told.kind]:
            world.problem(f"lost: {told.kind} {told.answer} was acknowledged and is in no book")
        _is_as_told(world, found, told)
        is_captured = told.kind in ("take", "capture") and told.state == "captured"
        if is_captured and found.yen(told.answer, "capture") != told.amount_yen:
            world.problem(f"lost: capture of {told.answer} was acknowledged, not in the ledger")
        if told.kind == "refund" and told.state == "refunded":
            refund = found.refunds.get(told.answer)
            if refund is None or refund["state"] != "refunded":
                world.problem(f"lost: refund {told.answer} was acknowledged and is not made")
    for request_id, ids in answers.items():
        if len(ids) > 1:
            world.problem(f"doubled: one request {request_id} was answered {sorted(ids)}")
    for request_id in sorted(book.kept - set(book.waiting) - book.refused - set(answers)):
        world.problem(f"lost: the tablet kept {request_id} and nobody knows of it")
    _one_payment_a_tap(world, found, book)


def _is_as_told(world: World, found: _Found, told: Told) -> None:
    """What has ended once stays so: whoever was told "declined" is not charged later."""
    payment = found.payments.get(told.answer) if told.kind in _OF_PAYMENTS else None
    if payment is not None and told.state in _OVER and payment["state"] != told.state:
        text = f"lost: {told.kind} {told.answer} was acknowledged as {told.state}"
        world.problem(f"{text} and is {payment['state']}")


def _one_payment_a_tap(world: World, found: _Found, book: Book) -> None:
    made: Counter[tuple[int, str]] = Counter()
    taps: Counter[tuple[int, str]] = Counter()
    for row in found.payments.values():
        made[row["amount_yen"], ""] += 1
    for amount_yen in book.tapped.values():
        taps[amount_yen, ""] += 1
    for key, count in made.items():
        if count > taps[key]:
            world.problem(f"doubled: {count} payments of {key[0]} yen for {taps[key]} taps")


def _at_the_acquirer(world: World, found: _Found, acquirer: Acquirer) -> None:
    """The acquirer's own book against ours: nothing is charged that we do not know, nor twice."""
    sums: dict[str, Counter[str]] = {}
    for each in acquirer.books.operations():
        if each.status == "done":
            sums.setdefault(each.charge_key, Counter())[each.step] += each.amount_yen
    for key, theirs in sums.items():
        if key not in found.payments:
            world.problem(f"doubled: the acquirer charged {theirs} for {key}, which is no payment")
    for payment_id, row in found.payments.items():
        if row["gateway"] != "acquirer_simulator":
            continue
        theirs = sums.get(payment_id, Counter())
        voided = "void" in theirs
        kept_yen = 0 if voided else theirs["capture"] - theirs["refund"]
        by_hand_yen = sum(
            each["amount_yen"] for each in found.refunds.values()
            if each["payment_id"] == payment_id and each["state"] == "refunded"
            and each["channel"] != "provider"
        )  # fmt: skip
        ours_yen = found.yen(payment_id, "capture") - found.yen(payment_id, "void")
        ours_yen -= found.yen(payment_id, "refund") - by_hand_yen
        if kept_yen != ours_yen:
            world.problem(f"{payment_id}: the acquirer holds {kept_yen} yen, our ledger {ours_yen}")
        held = theirs["take"] > 0 and not voided and theirs["capture"] == 0
        if held != (row["state"] == "authorized"):
            world.problem(f"{payment_id} is {row['state']}, at the acquirer it is held: {held}")


def _ledger(world: World, found: _Found) -> None:
    """Balances are the sums of entries, and every payment says what its entries say."""
    sums: Counter[tuple[bool, str]] = Counter()
    causes: Counter[tuple[str, str]] = Counter()
    for row in found.entries:
        sums[row["practice"], row["into_account"]] += row["into_yen"]
        sums[row["practice"], row["out_of_account"]] -= row["into_yen"]
        causes[row["source_id"], row["kind"]] += 1
    for row in found.accounts:
        key = (row["practice"], row["account"])
        if row["balance_yen"] != sums[key]:
            world.problem(f"account {key} holds {row['balance_yen']} yen, its entries {sums[key]}")
    for cause, count in causes.items():
        if count > 1:
            world.problem(f"doubled: {count} entries of {cause}")
    for payment_id, row in found.payments.items():
        captured = found.yen(payment_id, "capture")
        wanted = row["captured_yen"]
        if captured != wanted:
            world.problem(f"{payment_id} says {wanted} yen captured, its entries {captured}")
        if found.yen(payment_id, "refund") != row["refunded_yen"] or row["reserved_yen"]:
            world.problem(f"{payment_id}: refunds and their entries differ")
        if (found.yen(payment_id, "void") > 0) != (row["state"] == "voided" and captured > 0):
            world.problem(f"{payment_id} is {row['state']} and its void entry differs")


def _closes(world: World, found: _Found) -> None:
    """Every movement of money is in one close, or open."""
    count = Counter(row["entry_id"] for row in (*found.closed, *found.open))
    for row in found.entries:
        expected = 0 if row["practice"] or row["kind"] == "cash_difference" else 1
        if count[row["entry_id"]] != expected:
            world.problem(f"entry {row['entry_id']} is in {count[row['entry_id']]} closes")
    numbers = sorted(row["number"] for row in found.closes.values())
    if numbers != list(range(1, len(numbers) + 1)):
        world.problem(f"closes are numbered {numbers}")


_SAID = {"capture": "payment_captured", "void": "payment_voided", "refund": "payment_refunded"}
# A void of what was only reserved has no entry: its state tells of it.
_ENDS = {"declined": "payment_declined", "expired": "payment_expired", "voided": "payment_voided"}
_CHANGES = {*_SAID.values(), *_ENDS.values(), "shop_day_closed"}
_OF_PAYMENTS, _OVER = ("take", "capture", "void"), ("declined", "expired", "voided")


def _events(world: World, found: _Found, network: Network) -> None:
    """Every change is said once, in the order of its versions, and each is in the stream."""
    said: Counter[tuple[str, str]] = Counter()
    versions: dict[str, int] = {}
    for row in found.outbox:
        said[row["aggregate_id"], row["type"]] += 1
        if row["version"] <= versions.get(row["aggregate_id"], 0):
            world.problem(f"{row['aggregate_id']}: version {row['version']} is said too late")
        versions[row["aggregate_id"]] = row["version"]
    for payment_id, row in found.payments.items():
        if row["version"] < versions.get(payment_id, 0):
            world.problem(f"{payment_id} has version {row['version']}, less than it said")
    made = _to_be_said(found)
    for key in sorted(made.keys() | {each for each in said if each[1] in _CHANGES}):
        if said[key] != made[key]:
            world.problem(f"{key} happened {made[key]} times and is said {said[key]} times")
    _stream(world, found, network)


def _to_be_said(found: _Found) -> Counter[tuple[str, str]]:
    """Returns how often each kind of event should be there of each aggregate."""
    made: Counter[tuple[str, str]] = Counter()
    for row in found.entries:
        if row["kind"] in ("capture", "refund"):
            made[row["payment_id"], _SAID[row["kind"]]] += 1
    for payment_id, row in found.payments.items():
        if row["state"] in _ENDS:
            made[payment_id, _ENDS[row["state"]]] += 1
    made.update({(close_id, "shop_day_closed"): 1 for close_id in found.closes})
    return made


def _stream(world: World, found: _Found, network: Network) -> None:
    order: dict[str, int] = {}
    stored: dict[str, Any] = {}
    known = {row["event_id"]: row for row in found.outbox}
    for message in network.server.stream("PAYMENTS").messages:
        row = known.get(message.msg_id)
        if row is None:
            world.problem(f"the stream holds {message.msg_id}, which nobody said")
        elif message.msg_id not in stored:
            stored[message.msg_id] = message
            if row["version"] < order.get(row["aggregate_id"], 0):
                world.problem(f"{row['aggregate_id']}: versions stand in the wrong order")
            order[row["aggregate_id"]] = row["version"]
    for event_id in known:
        if event_id not in stored:
            world.problem(f"lost: event {event_id} was never stored in the stream")


def _effects(world: World, found: _Found, listener: Listener) -> None:
    """Each event acted once at each listener, and its sums are ours."""
    rows = listener.server.rows("effects")
    acted = Counter(row["event_id"] for row in rows)
    for row in found.outbox:
        if acted[row["event_id"]] != 1:
            world.problem(
                f"{row['type']} {row['event_id']} acted {acted[row['event_id']]} times"
                f" at {listener.name}"
            )
    heard: Counter[str] = Counter()
    for row in rows:
        heard[row["type"]] += row["amount_yen"]
    for kind, name in _SAID.items():
        ours = sum(row["amount_yen"] for row in found.entries if row["kind"] == kind)
        if heard[name] != ours:
            world.problem(f"{listener.name} sums {heard[name]} yen of {name}, the ledger {ours}")
    if dead := [each for each in rows if each["area"] == "dead"]:
        world.problem(f"{len(dead)} dead letters")
