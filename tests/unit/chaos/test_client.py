"""A client persists before it sends, sends the same key until it knows, and takes a sale anew only
when nothing was charged."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chaos import client as clients
from chaos.client import Client, NoOutcome
from chaos.doors import Answer, Kind, Question
from chaos.logs import Log, read
from chaos.sales import Sale

Script = Callable[[Question], Answer]


class ScriptedDoor:
    """Answers from a list, and remembers what was asked and whether it was on disk by then."""

    name = "scripted"

    def __init__(self, intents: Path, answers: list[Answer]) -> None:
        self._intents, self._answers = intents, iter(answers)
        self.asked: list[Question] = []

    def ask(self, question: Question) -> Answer:
        """Returns the next answer."""
        assert question.key in {each["key"] for each in read(self._intents)}
        self.asked.append(question)
        return next(self._answers)


def paid(state: str = "captured", **more: object) -> Answer:
    """An outcome."""
    document = {"payment_id": "p", "state": state, "amount_yen": 500, "captured_yen": 500,
                "refunded_yen": 0, "practice": True, **more}  # fmt: skip
    return Answer(Kind.OPEN if state == "unknown" else Kind.SETTLED, document)


AWAY = Answer(Kind.AWAY, reason="service_unavailable")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests do not wait."""
    monkeypatch.setattr(clients, "PAUSE_S", 0)


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Callable[[list[Answer], Sale], ScriptedDoor]]:
    """Sells one sale at a scripted door."""
    intents, acks = Log(tmp_path / "intents.jsonl"), Log(tmp_path / "acks.jsonl")

    def run(answers: list[Answer], sale: Sale) -> ScriptedDoor:
        door = ScriptedDoor(tmp_path / "intents.jsonl", answers)
        Client(door, intents, acks, "test").sell([sale])
        return door

    yield run
    intents.close()
    acks.close()


Play = Callable[[list[Answer], Sale], ScriptedDoor]


def test_the_same_key_is_sent_until_there_is_an_outcome(play: Play, tmp_path: Path) -> None:
    door = play([AWAY, paid("unknown"), AWAY, paid()], Sale("card", 500))
    assert len({each.key for each in door.asked}) == 1
    [line] = read(tmp_path / "acks.jsonl")
    assert (line["state"], line["attempts"], line["scenario"]) == ("captured", 4, "test")
    assert line["unknown_s"] > 0


def test_an_expired_sale_is_taken_anew_under_a_new_key(play: Play, tmp_path: Path) -> None:
    door = play([paid("expired", captured_yen=0), paid(payment_id="q")], Sale("card", 500))
    assert len({each.key for each in door.asked}) == 2
    assert [each["state"] for each in read(tmp_path / "acks.jsonl")] == ["expired", "captured"]


def test_a_sale_that_expires_every_time_is_a_finding(play: Play) -> None:
    with pytest.raises(NoOutcome, match="a sale of 500 expired 5 times"):
        play([paid("expired", captured_yen=0)] * 5, Sale("card", 500))


def test_what_follows_has_a_key_of_its_own(play: Play) -> None:
    held = paid("authorized", captured_yen=0)
    door = play([held, paid(captured_yen=200)], Sale("card", 500, "capture", 200))
    sale, capture = door.asked
    assert (sale.capture_at_once, capture.step, capture.amount_yen) == (False, "capture", 200)
    assert (capture.payment_id, capture.key != sale.key) == ("p", True)


def test_nothing_follows_a_declined_sale(play: Play) -> None:
    assert len(play([paid("declined", captured_yen=0)], Sale("card", 500, "void", 1)).asked) == 1


@pytest.mark.parametrize(
    "reason", ["409 wrong_business_date", "FAILED_PRECONDITION PROVIDER_REFUSED"]
)
def test_midnight_or_an_acquirer_away_may_refuse_a_void(
    play: Play, tmp_path: Path, reason: str
) -> None:
    play([paid(), Answer(Kind.REFUSED, reason=reason)], Sale("card", 500, "void", 1))
    assert read(tmp_path / "acks.jsonl")[1]["refused"] == reason


def test_neither_may_refuse_a_sale(play: Play) -> None:
    with pytest.raises(NoOutcome, match="provider_refused"):
        play([Answer(Kind.REFUSED, reason="409 provider_refused")], Sale("card", 500))


def test_any_other_refusal_is_a_finding(play: Play, tmp_path: Path) -> None:
    with pytest.raises(NoOutcome, match="409 wrong_state"):
        play([Answer(Kind.REFUSED, reason="409 wrong_state")], Sale("card", 500))
    assert read(tmp_path / "acks.jsonl") == []
    assert len(read(tmp_path / "intents.jsonl")) == 1


def test_patience_ends(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "PATIENCE_S", 0)
    with pytest.raises(NoOutcome, match="no outcome"):
        play([], Sale("card", 500))


def test_mistakes_of_the_server_are_counted(play: Play, tmp_path: Path) -> None:
    play([Answer(Kind.AWAY, reason="internal", mistake=True), paid()], Sale("card", 500))
    assert read(tmp_path / "acks.jsonl")[0]["mistakes"] == 1


def test_a_clear_no_and_a_silence_are_told_apart(play: Play, tmp_path: Path) -> None:
    play([Answer(Kind.AWAY, reason="busy", clear=True), AWAY, AWAY, paid()], Sale("card", 500))
    [line] = read(tmp_path / "acks.jsonl")
    assert (len(line["noes"]), len(line["silences"])) == (1, 2)
    assert line["noes"][0] <= line["silences"][0][0] <= line["silences"][1][0]
    assert all(0 <= lasted_s < 60 for _, lasted_s in line["silences"])
