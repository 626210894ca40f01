"""The sales that prove, when all is over, that there are sales again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos import client as clients
from chaos.afterwards import LAST, prove
from chaos.doors import Answer, Kind, Question
from chaos.logs import Log, read


class Sells:
    """A door behind which every sale ends in one state. "" for one behind which nobody is."""

    name = "sells"

    def __init__(self, *states: str) -> None:
        self._states, self.asked = list(states), list[Question]()

    def ask(self, question: Question) -> Answer:
        """Returns the outcome."""
        self.asked.append(question)
        state = self._states[len(self.asked) % len(self._states)]
        if not state:
            return Answer(Kind.REFUSED, reason="409 wrong_state")
        return Answer(Kind.SETTLED, {"payment_id": "p", "state": state})


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[tuple[Log, Log]]:
    """Of intents and acks."""
    made = Log(tmp_path / "intents.jsonl"), Log(tmp_path / "acks.jsonl")
    yield made
    for each in made:
        each.close()


def test_both_doors_sell_and_the_check_gets_all_of_it(
    logs: tuple[Log, Log], tmp_path: Path
) -> None:
    doors = [Sells("captured"), Sells("captured")]
    assert prove(doors, *logs) == []
    assert [len(each.asked) for each in doors] == [LAST // 2, LAST // 2]
    assert {each.tender for each in doors[0].asked} == {"card"}
    for name in ("intents", "acks"):
        assert len(read(tmp_path / f"{name}.jsonl")) == LAST


def test_a_gateway_that_stayed_broken_is_found(logs: tuple[Log, Log]) -> None:
    told = prove([Sells("declined")], *logs)
    assert told == [f"after the last fault {LAST} of {LAST} sales were not captured (declined)"]
    [one] = prove([Sells("captured"), Sells("captured", "expired")], *logs)
    assert "not captured (expired)" in one


def test_a_sale_without_an_outcome_is_found(
    logs: tuple[Log, Log], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "PAUSE_S", 0)
    [told] = prove([Sells("")], *logs)
    assert told.endswith("409 wrong_state")
