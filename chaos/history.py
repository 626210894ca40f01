"""The history check: what clients were told against what everybody's books say.

Pure: it reads the clients' own logs and the exports, and nothing else. Amounts in whole yen.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chaos.asked import check_asked
from chaos.logs import Line

UNKNOWN_MOST_S = 60.0
NOTHING_TAKEN = frozenset({"declined", "expired"})
# Each says as much as the other: what was captured, taken back and given back.
SUMS = ("captured_count", "captured_yen", "voided_count", "voided_yen", "refunded_count",
        "refunded_yen")  # fmt: skip


@dataclass(frozen=True)
class Exports:
    """What was read from outside after a run.

    payments: pages of ListPayments. totals: lines of ReadTotals of all dates. proof: ProveLedger.
    charges: the acquirer's books. events: the stream of payments. insights: sums by practice flag.
    audit: VerifyAudit. closes: ListCloses; waiting: what a close of now would hold, by shop.
    closes_said: ids of closes in the stream.
    """

    payments: Sequence[Line] = ()
    totals: Sequence[Line] = ()
    unresolved_count: int = 0
    proof: Line = field(default_factory=dict)
    charges: Sequence[Line] = ()
    events: Sequence[Line] = ()
    insights: Sequence[Line] = ()
    audit: Line = field(default_factory=dict)
    closes: Sequence[Line] = ()
    waiting: Sequence[Line] = ()
    closes_said: Sequence[str] = ()


@dataclass
class Verdict:
    """What the check found. lost: acknowledged and not there. doubled: there more than once, or
    taken without anybody's knowledge. problems: all else that does not agree."""

    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether everything agrees."""
        return not (self.lost or self.doubled or self.problems)


def check(intents: Iterable[Line], acks: Iterable[Line], exports: Exports) -> Verdict:
    """Compares the clients' logs with the exports."""
    intents, acks = list(intents), sorted(acks, key=lambda each: each["at"])
    ledger = {each["payment_id"]: each for each in exports.payments}
    verdict = Verdict(acknowledged=sum(1 for each in acks if not each.get("refused")))
    _check_keys(intents, acks, verdict)
    verdict.lost += check_asked(intents, acks)
    _check_ledger(acks, ledger, verdict)
    _check_refunds(acks, ledger, verdict)
    _check_acquirer(ledger, exports.charges, verdict)
    _check_books(ledger, exports, verdict)
    verdict.problems += check_closes(expected_sums(ledger.values())[False], exports)
    verdict.problems += check_audit(exports)
    _check_events(ledger, exports.events, verdict)
    return verdict


def expected_sums(payments: Iterable[Line]) -> dict[bool, Counter[str]]:
    """Returns SUMS by practice flag, recomputed from single payments."""
    found: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}
    for payment in payments:
        sums = found[payment["practice"]]
        if payment["captured_yen"]:
            sums.update(captured_count=1, captured_yen=payment["captured_yen"])
            if payment["state"] == "voided":
                sums.update(voided_count=1, voided_yen=payment["captured_yen"])
        for refund in _done(payment):
            sums.update(refunded_count=1, refunded_yen=refund["amount_yen"])
    return found


def _check_keys(intents: Sequence[Line], acks: Sequence[Line], verdict: Verdict) -> None:
    answered = {each["key"] for each in acks}
    for intent in intents:
        if intent["key"] not in answered:
            verdict.problems.append(f"{intent['step']} {intent['key']} has no outcome")
    payments_of: dict[str, set[str]] = defaultdict(set)
    keys_of: dict[str, set[str]] = defaultdict(set)
    for ack in acks:
        if ack["unknown_s"] > UNKNOWN_MOST_S:
            text = f"payment {ack['payment_id']} was unknown for {ack['unknown_s']:.0f} s"
            verdict.problems.append(text)
        if ack["step"] == "take" and not ack.get("refused"):
            payments_of[ack["key"]].add(ack["payment_id"])
            keys_of[ack["payment_id"]].add(ack["key"])
    for key, found in payments_of.items():
        if len(found) > 1:
            verdict.doubled.append(f"key {key} made {len(found)} payments")
    for payment_id, found in keys_of.items():
        if len(found) > 1:
            verdict.lost.append(f"{len(found)} sales were answered with the payment {payment_id}")


def _check_ledger(acks: Sequence[Line], ledger: dict[str, Line], verdict: Verdict) -> None:
    last = {each["payment_id"]: each for each in acks if not each.get("refused")}
    for payment_id, ack in last.items():
        payment = ledger.get(payment_id)
        if payment is None:
            verdict.lost.append(f"payment {payment_id} was acknowledged and is not in the ledger")
            continue
        for name in ("state", "amount_yen", "captured_yen", "refunded_yen"):
            if payment[name] != ack[name]:
                text = f"payment {payment_id}: {name} {ack[name]} was acknowledged, {payment[name]}"
                verdict.lost.append(f"{text} is stored")
    for payment_id, payment in ledger.items():
        if payment_id not in last:
            found = verdict.doubled if payment["captured_yen"] else verdict.problems
            found.append(f"payment {payment_id} ({payment['state']}) was acknowledged to nobody")


def _check_refunds(acks: Sequence[Line], ledger: dict[str, Line], verdict: Verdict) -> None:
    told = {
        each["refund_id"]: each["refund_yen"] for each in acks
        if each.get("refund_state") == "refunded"
    }  # fmt: skip
    stored = {
        refund["refund_id"]: refund["amount_yen"]
        for payment in ledger.values() for refund in _done(payment)
    }  # fmt: skip
    for refund_id, amount_yen in told.items():
        if stored.get(refund_id) != amount_yen:
            text = f"refund {refund_id} of {amount_yen} was acknowledged"
            verdict.lost.append(f"{text}, stored is {stored.get(refund_id)}")
    for refund_id in stored.keys() - told.keys():
        verdict.doubled.append(f"refund {refund_id} was acknowledged to nobody")


def _check_acquirer(ledger: dict[str, Line], charges: Sequence[Line], verdict: Verdict) -> None:
    """Payment for payment: what the acquirer took is what the ledger says it took."""
    counted = Counter(each["key"] for each in charges)
    verdict.doubled += [
        f"the acquirer charged {key} {count} times" for key, count in counted.items() if count > 1
    ]
    held = {each["key"]: each for each in charges}
    for payment in ledger.values():
        if payment["gateway"] == "acquirer_simulator":
            taken = _taken_by(held.pop(payment["payment_id"], None))
            ours = _ours(payment)
            if taken != ours:
                text = f"payment {payment['payment_id']} ({payment['state']}): the acquirer took"
                found = verdict.doubled if sum(taken) > sum(ours) else verdict.lost
                found.append(f"{text} {taken}, the ledger {ours} (authorized, captured, refunded)")
    for key, charge in held.items():
        if any(_taken_by(charge)):
            verdict.doubled.append(f"the acquirer took {key}, which is no payment of ours")


def _taken_by(charge: Line | None) -> tuple[int, int, int]:
    if charge is None or charge["voided"]:
        return 0, 0, 0
    return charge["authorized_yen"], charge["captured_yen"], charge["refunded_yen"]


def _ours(payment: Line) -> tuple[int, int, int]:
    if payment["state"] in NOTHING_TAKEN or payment["state"] == "voided":
        return 0, 0, 0
    refunded_yen = sum(each["amount_yen"] for each in _done(payment))
    return payment["authorized_yen"], payment["captured_yen"], refunded_yen


def _check_books(ledger: dict[str, Line], exports: Exports, verdict: Verdict) -> None:
    """Entries balance, balances are sums of postings, and totals are sums of payments."""
    proof, payments = exports.proof, list(ledger.values())
    wanted = expected_sums(payments)
    if exports.unresolved_count:
        verdict.problems.append(f"{exports.unresolved_count} payments are still unresolved")
    if not proof["sound"]:
        verdict.problems.append("the service itself says that its ledger is not sound")
    for practice in (False, True):
        balances = [each for each in proof["accounts"] if each["practice"] is practice]
        sum_yen = sum(each["balance_yen"] for each in balances)
        if sum_yen:
            text = f"accounts (practice {practice}) sum to {sum_yen} yen"
            verdict.problems.append(text)
    for account in proof["accounts"]:
        if account["balance_yen"] != account["posted_yen"]:
            verdict.problems.append(f"account {account['account']} is not the sum of its postings")
    entry_count = sum(
        sums[name] for sums in wanted.values()
        for name in ("captured_count", "voided_count", "refunded_count")
    )  # fmt: skip
    if proof["entry_count"] != entry_count:
        text = f"{proof['entry_count']} journal entries, payments call for {entry_count}"
        verdict.problems.append(text)
    _compare(wanted, exports.totals, "totals", verdict)
    _compare(wanted, exports.insights, "insights", verdict)


def check_closes(wanted: Counter[str], exports: Exports) -> list[str]:
    """Every live movement is in exactly one close or waits for one, and closes count up without a
    gap. wanted: SUMS of live money. Returns what is wrong."""
    parts, found = [*exports.closes, *exports.waiting], list[str]()
    entry_count = sum(wanted[f"{word}_count"] for word in ("captured", "voided", "refunded"))
    for name in ("captured_count", "captured_yen", "voided_yen", "refunded_yen"):
        total = sum(each[name] for each in parts)
        if total != wanted[name]:
            found.append(f"closes and what waits: {name} is {total}, payments say {wanted[name]}")
    counted = sum(each["entry_count"] for each in parts)
    if counted != entry_count:
        found.append(f"{counted} movements in closes or waiting, payments call for {entry_count}")
    if {each["close_id"] for each in exports.closes} != set(exports.closes_said):
        found.append(f"{len(exports.closes)} closes, events tell of {len(exports.closes_said)}")
    numbers: dict[str, list[int]] = defaultdict(list)
    for close in exports.closes:
        numbers[close["shop_place_id"]].append(close["number"])
    for shop, each in numbers.items():
        if sorted(each) != list(range(1, len(each) + 1)):
            found.append(f"the closes of {shop} are numbered {sorted(each)}")
    return found


def check_audit(exports: Exports) -> list[str]:
    """The chain is sound, and holds every entry and close once. Returns what is wrong."""
    audit = exports.audit
    found = [f"the audit chain: {fault}" for fault in sorted(set(audit["faults"]))]
    if not audit["sound"] and not found:
        found.append("the audit chain is not sound")
    if audit["waiting_count"]:
        found.append(f"{audit['waiting_count']} rows still wait for their seal")
    rows = exports.proof["entry_count"] + len(exports.closes)
    if audit["link_count"] != rows:
        found.append(f"the audit chain has {audit['link_count']} links for {rows} rows")
    return found


def _compare(
    wanted: dict[bool, Counter[str]], lines: Sequence[Line], whose: str, verdict: Verdict
) -> None:
    for practice, sums in wanted.items():
        for name in SUMS:
            found = sum(each[name] for each in lines if each["practice"] is practice)
            if found != sums[name]:
                text = f"{whose} (practice {practice}): {name} is {found}, payments say"
                verdict.problems.append(f"{text} {sums[name]}")


def _check_events(ledger: dict[str, Line], events: Sequence[Line], verdict: Verdict) -> None:
    """After dedupe by event id there is one event for each transition, and no other."""
    once = {each["event_id"]: each for each in events}.values()
    said: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    versions: Counter[tuple[str, int]] = Counter()
    for event in once:
        versions[event["payment_id"], event["version"]] += 1
        if event["type"] != "payment_became_unknown":
            said[event["payment_id"]].append(
                (event["type"], event["amount_yen"], event.get("refund_id", ""))
            )
    for (payment_id, version), count in versions.items():
        if count > 1:
            text = f"payment {payment_id}: {count} events of version {version}"
            verdict.problems.append(text)
    for payment_id, payment in ledger.items():
        wanted, found = Counter(_transitions(payment)), Counter(said.pop(payment_id, []))
        for missing in (wanted - found).elements():
            verdict.problems.append(f"payment {payment_id}: the event {missing} is missing")
        for idle in (found - wanted).elements():
            verdict.problems.append(f"payment {payment_id}: the event {idle} tells of nothing")
    for payment_id in said:
        verdict.problems.append(f"events tell of payment {payment_id}, which is not in the ledger")


def _transitions(payment: Line) -> list[tuple[Any, ...]]:
    """Returns the events that a payment's present state calls for."""
    state, found = payment["state"], []
    if payment["captured_yen"]:
        found.append(("payment_captured", payment["captured_yen"], ""))
    if state == "voided":
        found.append(("payment_voided", payment["captured_yen"], ""))
    if state in NOTHING_TAKEN:
        found.append((f"payment_{state}", payment["amount_yen"], ""))
    return found + [
        ("payment_refunded", each["amount_yen"], each["refund_id"]) for each in _done(payment)
    ]


def _done(payment: Line) -> list[Line]:
    return [each for each in payment["refunds"] if each["state"] == "refunded"]
