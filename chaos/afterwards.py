"""When all is over, sales are captured again: a gateway that stayed broken declines every sale, and
all books agree on that."""

from collections.abc import Sequence

from chaos.client import Client, NoOutcome, new_key
from chaos.crowd import SHOP, register
from chaos.doors import Door, GrpcDoor, HttpDoor, Question
from chaos.logs import Log
from chaos.peers import clerk_peers
from chaos.stage import Stage

LAST = 10
# The lines of these sales are nobody's scenario: they come long after its last fault.
NAME = "afterwards"
AMOUNT_YEN = 700


def still_sells(stage: Stage) -> list[str]:
    """Sells by card at both doors. Returns what is wrong."""
    with (
        clerk_peers(stage.platform, "fault-test-afterwards") as peers,
        stage.log("intents") as intents, stage.log("acks") as acks,
    ):  # fmt: skip
        doors: list[Door] = [HttpDoor(register(stage)), GrpcDoor(peers.channel("payments"), SHOP)]
        return prove(doors, intents, acks)


def prove(doors: Sequence[Door], intents: Log, acks: Log) -> list[str]:
    """Sells LAST times, at one door after the other. Returns what is wrong."""
    states = []
    try:
        for number in range(LAST):
            client = Client(doors[number % len(doors)], intents, acks, NAME)
            asked = Question("take", new_key(), "card", AMOUNT_YEN + number)
            states.append(client.settle(asked)["state"])
    except NoOutcome as error:
        return [f"after the last fault: {error}"]
    wrong = [each for each in states if each != "captured"]
    if not wrong:
        return []
    told = ", ".join(sorted(set(wrong)))
    return [f"after the last fault {len(wrong)} of {LAST} sales were not captured ({told})"]
