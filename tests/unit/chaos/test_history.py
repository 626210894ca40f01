"""The check that judges every fault test is itself tested: each planted fault is found."""

from collections.abc import Callable

import pytest

from chaos.history import UNKNOWN_MOST_S, Exports, Verdict, check
from tests.unit.chaos.worlds import World, charge, payment, small_world

Plant = Callable[[World], object]


def verdict_after(plant: Plant) -> Verdict:
    """The verdict on a world that was whole before."""
    world = small_world()
    plant(world)
    return world.verdict()


def test_a_history_in_which_everything_agrees_is_clean() -> None:
    verdict = small_world().verdict()
    assert verdict == Verdict(acknowledged=8)
    assert verdict.clean


def test_nothing_at_all_is_clean_but_acknowledges_nothing() -> None:
    empty = Exports(
        proof={"sound": True, "entry_count": 0, "accounts": []},
        audit={"sound": True, "link_count": 0, "faults": [], "waiting_count": 0},
    )
    assert check([], [], empty) == Verdict()


def _lose_payment(world: World) -> None:
    world.payments.remove(world.payment("card"))


def _lose_capture(world: World) -> None:
    world.payment("card").update(state="declined", captured_yen=0, authorized_yen=0)


def _lose_a_yen(world: World) -> None:
    world.payment("cash").update(captured_yen=499)


def _lose_refund(world: World) -> None:
    world.payment("returned").update(refunds=[])


def _lose_charge(world: World) -> None:
    world.charges = [each for each in world.charges if each["key"] != "card"]


def _merge_sales(world: World) -> None:
    world.ask("key-other", world.payment("card"))


@pytest.mark.parametrize(
    ("plant", "text"),
    [
        (_lose_payment, "payment card was acknowledged and is not in the ledger"),
        (_lose_capture, "state captured was acknowledged, declined is stored"),
        (_lose_a_yen, "captured_yen 500 was acknowledged, 499 is stored"),
        (_lose_refund, "refund back of 100 was acknowledged, stored is None"),
        (_lose_charge, "the acquirer took (0, 0, 0), the ledger (1300, 1300, 0)"),
        (_merge_sales, "2 sales were answered with the payment card"),
    ],
)
def test_a_lost_acknowledgement_is_found(plant: Plant, text: str) -> None:
    verdict = verdict_after(plant)
    assert any(text in each for each in verdict.lost), verdict


def _amount_of_another(world: World) -> None:
    """The whole world agrees on 1,300 yen; the customer's sale was one of 500."""
    world.intent("key-card")["amount_yen"] = 500


def _captured_in_part(world: World) -> None:
    """A sale of 1,300 yen that is captured at once, and everybody's books hold 1,299 of it."""
    for line in (world.payment("card"), world.ack("key-card")):
        line["captured_yen"] = 1299


def _double_the_refund(world: World) -> None:
    world.intent("key-back")["amount_yen"] = 50


def _capture(world: World, asked_yen: int) -> None:
    """A hold of 700 yen is captured, 300 of it in everybody's books."""
    world.payment("held").update(state="captured", captured_yen=300)
    world.ask("key-capture", world.payment("held"), step="capture")
    world.intent("key-capture")["amount_yen"] = asked_yen


def _void(world: World) -> None:
    world.ask("key-void", world.payment("card"), step="void")


def _void_of_another(world: World) -> None:
    world.ask("key-void", world.payment("canceled"), step="void")
    world.intent("key-void")["payment_id"] = "card"


def _asked_by_nobody(world: World) -> None:
    world.intents.remove(world.intent("key-cash"))


@pytest.mark.parametrize(
    ("plant", "text"),
    [
        (_amount_of_another, "take key-card: amount 500 was asked, 1300 was acknowledged"),
        (_captured_in_part, "take key-card: captured 1300 was asked, 1299 was acknowledged"),
        (_double_the_refund, "refund key-back: given back 50 was asked, 100 was acknowledged"),
        (lambda world: _capture(world, 200),
         "capture key-capture: captured 200 was asked, 300 was acknowledged"),
        (lambda world: _capture(world, 0),
         "capture key-capture: captured 700 was asked, 300 was acknowledged"),
        (_void, "void key-void: state voided was asked, captured was acknowledged"),
        (_void_of_another, "void key-void: payment card was asked, canceled was acknowledged"),
        (_asked_by_nobody, "take key-cash was acknowledged and asked by nobody"),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_what_was_asked_is_lost(plant: Plant, text: str) -> None:
    verdict = verdict_after(plant)
    assert any(text in each for each in verdict.lost), verdict


def test_a_capture_of_what_was_asked_is_what_was_asked() -> None:
    assert not any("key-capture" in each
                   for each in verdict_after(lambda world: _capture(world, 300)).lost)  # fmt: skip


def _charge_twice(world: World) -> None:
    world.charges.append(charge(world.payment("card")))


def _charge_more(world: World) -> None:
    next(each for each in world.charges if each["key"] == "card").update(captured_yen=2600)


def _charge_declined(world: World) -> None:
    world.charges.append(charge(payment("refused", "captured", 900, captured_yen=900)))


def _charge_a_stranger(world: World) -> None:
    world.charges.append(charge(payment("stranger", "captured", 50, captured_yen=50)))


def _keep_charge_of_void(world: World) -> None:
    next(each for each in world.charges if each["key"] == "canceled").update(voided=False)


def _two_payments_of_a_key(world: World) -> None:
    again = payment("card-again", "captured", 1300, captured_yen=1300)
    world.payments.append(again)
    world.ask("key-card", again)


def _payment_of_nobody(world: World) -> None:
    world.payments.append(payment("ghost", "captured", 10, captured_yen=10))


def _refund_twice(world: World) -> None:
    more = {"refund_id": "back-again", "amount_yen": 100, "state": "refunded"}
    world.payment("returned")["refunds"].append(more)


@pytest.mark.parametrize(
    ("plant", "text"),
    [
        (_charge_twice, "the acquirer charged card 2 times"),
        (_charge_more, "the acquirer took (1300, 2600, 0), the ledger (1300, 1300, 0)"),
        (_charge_declined, "payment refused (declined): the acquirer took (900, 900, 0)"),
        (_charge_a_stranger, "the acquirer took stranger, which is no payment of ours"),
        (_keep_charge_of_void, "payment canceled (voided): the acquirer took (600, 600, 0)"),
        (_two_payments_of_a_key, "key key-card made 2 payments"),
        (_payment_of_nobody, "payment ghost (captured) was acknowledged to nobody"),
        (_refund_twice, "refund back-again was acknowledged to nobody"),
    ],
)
def test_a_double_charge_is_found(plant: Plant, text: str) -> None:
    verdict = verdict_after(plant)
    assert any(text in each for each in verdict.doubled), verdict


def _forget_outcome(world: World) -> None:
    world.intents.append({"key": "key-silent", "step": "take"})


def _unbalanced_entry(world: World) -> None:
    world.accounts[0].update(
        balance_yen=world.accounts[0]["balance_yen"] + 1,
        posted_yen=world.accounts[0]["posted_yen"] + 1,
    )


def _stale_balance(world: World) -> None:
    world.accounts[0]["posted_yen"] += 1


def _missing_entry(world: World) -> None:
    world.entry_count -= 1


def _say_unsound(world: World) -> None:
    world.sound = False


def _leave_unresolved(world: World) -> None:
    world.unresolved_count = 1


def _stay_unknown(world: World) -> None:
    world.ack("key-card")["unknown_s"] = UNKNOWN_MOST_S + 1


def _miss_event(world: World) -> None:
    world.events = [each for each in world.events if each["type"] != "payment_refunded"]


def _invent_event(world: World) -> None:
    world.say("held", "payment_captured", 700)


def _two_ids_of_an_event(world: World) -> None:
    world.events.append(world.events[0] | {"event_id": "another-id"})


def _wrong_amount_in_event(world: World) -> None:
    world.events[0]["amount_yen"] += 1


def _event_of_a_stranger(world: World) -> None:
    world.say("stranger", "payment_captured", 10)


def _total_off(world: World) -> None:
    world.totals[0]["captured_count"] += 1


def _insights_behind(world: World) -> None:
    world.insights[1]["refunded_yen"] -= 100


@pytest.mark.parametrize(
    ("plant", "text"),
    [
        (_forget_outcome, "take key-silent has no outcome"),
        (_unbalanced_entry, "accounts (practice False) sum to 1 yen"),
        (_stale_balance, "account debit is not the sum of its postings"),
        (_missing_entry, "5 journal entries, payments call for 6"),
        (_say_unsound, "the service itself says that its ledger is not sound"),
        (_leave_unresolved, "1 payments are still unresolved"),
        (_stay_unknown, "payment card was unknown for 61 s"),
        (_miss_event, "the event ('payment_refunded', 100, 'back') is missing"),
        (_invent_event, "the event ('payment_captured', 700, '') tells of nothing"),
        (_two_ids_of_an_event, "payment card: 2 events of version 1"),
        (_wrong_amount_in_event, "the event ('payment_captured', 1301, '') tells of nothing"),
        (_event_of_a_stranger, "events tell of payment stranger, which is not in the ledger"),
        (_total_off, "totals (practice False): captured_count is 2, payments say 1"),
        (_insights_behind, "insights (practice True): refunded_yen is 0, payments say 100"),
    ],
)
def test_whatever_else_does_not_agree_is_found(plant: Plant, text: str) -> None:
    verdict = verdict_after(plant)
    assert any(text in each for each in verdict.problems), verdict


def test_the_same_event_delivered_twice_is_one_event() -> None:
    assert verdict_after(lambda world: world.events.append(dict(world.events[0]))).clean


def test_a_key_asked_again_is_the_same_sale() -> None:
    assert verdict_after(lambda world: world.ask("key-card", world.payment("card"))).clean


def test_a_refused_question_changes_and_promises_nothing() -> None:
    def plant(world: World) -> None:
        world.ask("key-late", world.payment("card") | {"state": ""}, step="void",
                  refused="409 wrong_business_date")  # fmt: skip

    verdict = verdict_after(plant)
    assert verdict.clean
    assert verdict.acknowledged == 8
