"""A small history in which everything agrees, to plant faults in."""

from dataclasses import dataclass, field
from typing import Any

from chaos.history import Exports, Verdict, check, expected_sums

Line = dict[str, Any]


@dataclass
class World:
    """Clients' logs and everybody's books. Change anything, then ask verdict()."""

    intents: list[Line] = field(default_factory=list)
    acks: list[Line] = field(default_factory=list)
    payments: list[Line] = field(default_factory=list)
    charges: list[Line] = field(default_factory=list)
    events: list[Line] = field(default_factory=list)
    accounts: list[Line] = field(default_factory=list)
    totals: list[Line] = field(default_factory=list)
    insights: list[Line] = field(default_factory=list)
    entry_count: int = 0
    sound: bool = True
    unresolved_count: int = 0
    closes: list[Line] = field(default_factory=list)
    waiting: list[Line] = field(default_factory=list)
    closes_said: list[str] = field(default_factory=list)
    audit: Line = field(default_factory=dict)

    def verdict(self) -> Verdict:
        """What the check says of it."""
        return check(
            self.intents,
            self.acks,
            Exports(
                payments=self.payments,
                totals=self.totals,
                unresolved_count=self.unresolved_count,
                proof={
                    "sound": self.sound,
                    "entry_count": self.entry_count,
                    "accounts": self.accounts,
                },
                charges=self.charges,
                events=self.events,
                insights=self.insights,
                closes=self.closes,
                waiting=self.waiting,
                closes_said=self.closes_said,
                audit=self.audit,
            ),
        )

    def payment(self, name: str) -> Line:
        """A payment of the ledger's export."""
        return next(each for each in self.payments if each["payment_id"] == name)

    def ack(self, key: str) -> Line:
        """The acknowledgement of a key."""
        return next(each for each in self.acks if each["key"] == key)

    def ask(self, key: str, payment: Line, *, step: str = "take", **more: Any) -> None:
        """A client asks and is told the payment's state."""
        at = float(len(self.acks) + 1)
        self.intents.append({
            "key": key, "step": step, "amount_yen": more.get("refund_yen", payment["amount_yen"]),
            "payment_id": "" if step == "take" else payment["payment_id"],
            "capture_at_once": payment["state"] != "authorized",
        })  # fmt: skip
        self.acks.append(
            {
                "key": key, "step": step, "at": at, "sent": at - 0.1, "first": at - 0.1,
                "unknown_s": 0.0, "refused": "", "payment_id": payment["payment_id"],
                "state": payment["state"], "amount_yen": payment["amount_yen"],
                "captured_yen": payment["captured_yen"],
                "refunded_yen": payment["refunded_yen"], **more,
            }
        )  # fmt: skip

    def intent(self, key: str) -> Line:
        """What was asked under a key."""
        return next(each for each in self.intents if each["key"] == key)

    def say(self, name: str, kind: str, amount_yen: int, refund_id: str = "") -> None:
        """An event reaches the stream."""
        number = len(self.events) + 1
        self.events.append(
            {
                "event_id": f"event-{number}", "type": kind, "payment_id": name,
                "version": number, "amount_yen": amount_yen, "refund_id": refund_id,
            }
        )  # fmt: skip

    def close_books(self) -> None:
        """Writes sums and balances as the payments call for."""
        wanted = expected_sums(self.payments)
        self.totals = [{"practice": flag, **_all(sums)} for flag, sums in wanted.items()]
        self.insights = [{"practice": flag, **_all(sums)} for flag, sums in wanted.items()]
        self.entry_count = sum(
            sums["captured_count"] + sums["voided_count"] + sums["refunded_count"]
            for sums in wanted.values()
        )
        live = {name: wanted[False][name] for name in ("captured_count", "captured_yen",
                                                       "voided_yen", "refunded_yen")}  # fmt: skip
        nothing = {**dict.fromkeys(live, 0), "entry_count": 0}
        self.closes = [
            {"close_id": "first", "shop_place_id": "shop", "number": 1, "entry_count": 1, **live},
            {"close_id": "second", "shop_place_id": "shop", "number": 2, **nothing},
        ]
        self.waiting = [{"shop_place_id": "shop", **nothing}]
        self.closes_said = ["first", "second"]
        self.audit = {"sound": True, "link_count": self.entry_count + 2, "faults": [],
                      "waiting_count": 0}  # fmt: skip
        for practice, sums in wanted.items():
            net_yen = sums["captured_yen"] - sums["voided_yen"] - sums["refunded_yen"]
            for account, yen in (("debit", net_yen), ("credit", -net_yen)):
                self.accounts.append(
                    {"account": account, "practice": practice, "balance_yen": yen,
                     "posted_yen": yen}
                )  # fmt: skip


def _all(sums: Any) -> Line:
    names = ("captured_count", "captured_yen", "voided_count", "voided_yen", "refunded_count",
             "refunded_yen")  # fmt: skip
    return {name: sums[name] for name in names}


def payment(name: str, state: str, amount_yen: int, *, captured_yen: int = 0, gateway: str = "",
            refunds: tuple[Line, ...] = ()) -> Line:  # fmt: skip
    """A payment as ListPayments shows it."""
    return {
        "payment_id": name, "state": state, "amount_yen": amount_yen,
        "gateway": gateway or "acquirer_simulator", "practice": not gateway,
        "authorized_yen": captured_yen or (amount_yen if state == "authorized" else 0),
        "captured_yen": captured_yen, "business_date": "2026-11-27", "refunds": list(refunds),
        "refunded_yen": sum(each["amount_yen"] for each in refunds),
    }  # fmt: skip


def charge(of: Line) -> Line:
    """What the acquirer has of a payment."""
    return {
        "key": of["payment_id"], "authorized_yen": of["authorized_yen"],
        "captured_yen": of["captured_yen"], "refunded_yen": of["refunded_yen"],
        "voided": of["state"] == "voided",
    }  # fmt: skip


def small_world() -> World:
    """Seven payments, one in each state, one with a refund, one in cash."""
    refund = {"refund_id": "back", "amount_yen": 100, "state": "refunded"}
    world = World(
        payments=[
            payment("card", "captured", 1300, captured_yen=1300),
            payment("cash", "captured", 500, captured_yen=500, gateway="cash_record"),
            payment("returned", "captured", 800, captured_yen=800, refunds=(refund,)),
            payment("canceled", "voided", 600, captured_yen=600),
            payment("held", "authorized", 700),
            payment("refused", "declined", 900),
            payment("gone", "expired", 400),
        ]
    )
    for each in world.payments:
        name = each["payment_id"]
        if name == "returned":
            world.ask("key-returned", each | {"refunded_yen": 0})
            world.ask("key-back", each, step="refund", refund_id="back", refund_yen=100,
                      refund_state="refunded")  # fmt: skip
        else:
            world.ask(f"key-{name}", each)
        if each["captured_yen"]:
            world.say(name, "payment_captured", each["captured_yen"])
        if each["practice"] and each["state"] not in {"declined", "expired"}:
            world.charges.append(charge(each))
    world.say("card", "payment_became_unknown", 1300)
    world.say("returned", "payment_refunded", 100, "back")
    world.say("canceled", "payment_voided", 600)
    world.say("refused", "payment_declined", 900)
    world.say("gone", "payment_expired", 400)
    world.close_books()
    return world
