"""An acquirer with bad days: most of what it does not answer it has charged all the same."""

import json
import random
import urllib.request

from chaos.crowd import Crowd
from chaos.sales import make_sales
from chaos.stage import Broken, Size, Stage
from simulators.acquirer.scenarios import BY_ENDING, DECLINE_REASONS, Scenario

QUICK_FAULTY, FULL_FAULTY = 88, 2_000
FAULTY = sorted(ending for ending, scenario in BY_ENDING.items() if scenario not in DECLINE_REASONS)
# For steps after the sale, whose amounts do not ask for a fault.
ORDERED = (Scenario.ERROR_AFTER, Scenario.HANG_UP_AFTER, Scenario.UNREADABLE_AFTER, Scenario.TWICE)
ADMIN_DEADLINE_S = 10.0


def faults(stage: Stage, size: Size) -> None:
    """Mixes sales that meet each fault with ordinary ones. Errors: Broken when one was missed."""
    faulty = make_sales(FULL_FAULTY if size.full else QUICK_FAULTY, size.seed, FAULTY)
    sales = [*faulty, *make_sales(max(0, size.payments - len(faulty)), size.seed + 1)]
    random.Random(size.seed).shuffle(sales)
    with Crowd(stage, size, sales) as crowd:
        crowd.start()
        for number, scenario in enumerate(ORDERED, 1):
            crowd.wait_for_share(number / (len(ORDERED) + 1))
            stage.fault(scenario)
            _order(stage, scenario, 5)
        crowd.finish()
    # A step after the sale that was refused tells of no amount.
    acks = [each for each in stage.lines("acks") if each.get("amount_yen") in FAULTY]
    met = {each["amount_yen"] for each in acks}
    stage.figures["faulty"] = len(acks)
    stage.figures["longest_unknown_s"] = round(max(each["unknown_s"] for each in acks), 1)
    if met != set(FAULTY):
        raise Broken(f"no sale met {sorted(set(FAULTY) - met)}")
    if not any(each["unknown_s"] for each in acks):
        raise Broken("no payment became unknown: the faults did not reach the service")


def _order(stage: Stage, scenario: Scenario, count: int) -> None:
    port = stage.platform.port("acquirer_simulator")
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/admin/scenario", method="POST",
        data=json.dumps({"scenario": scenario, "count": count}).encode(),
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=ADMIN_DEADLINE_S) as answer:  # noqa: S310 - ours
        answer.read()
