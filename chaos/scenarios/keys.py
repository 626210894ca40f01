"""One key, many requests: another body, fifty at once, twice within one commit."""

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from chaos.client import Client, new_key
from chaos.crowd import SHOP, Crowd, register
from chaos.doors import Answer, Door, GrpcDoor, HttpDoor, Kind, Question
from chaos.peers import clerk_peers
from chaos.sales import AMOUNT_MOST, TENDERS, make_sales
from chaos.stage import Broken, Size, Stage

AT_ONCE = 50
QUICK_ROUNDS, FULL_ROUNDS = 6, 100
PAIRS = 32
REUSED = ("request_id_reused", "REQUEST_ID_REUSED")


def same_key(stage: Stage, size: Size) -> None:
    """Asks the same key in every bad way, beside ordinary sales. Errors: Broken."""
    chance = random.Random(size.seed)
    sales = make_sales(size.payments // 2, size.seed)
    rounds = FULL_ROUNDS if size.full else QUICK_ROUNDS
    with (
        Crowd(stage, size, sales) as crowd,
        clerk_peers(stage.platform, "fault-test-till") as peers,
        ThreadPoolExecutor(AT_ONCE) as threads,
    ):
        crowd.start()
        doors: list[Door] = [
            HttpDoor(register(stage)), GrpcDoor(peers.channel("payments"), SHOP)
        ]  # fmt: skip
        for number in range(rounds):
            door = doors[number % 2]
            _fifty_at_once(stage, door, _question(chance), threads)
            _another_body(stage, door, _question(chance))
            _pairs(stage, doors[1], [_question(chance) for _ in range(PAIRS)], threads)
        crowd.finish()
    stage.figures |= {"rounds": rounds, "at_once": AT_ONCE, "pairs": PAIRS * rounds}


def _fifty_at_once(
    stage: Stage, door: Door, question: Question, threads: ThreadPoolExecutor
) -> None:
    """Fifty equal requests: one payment, and every one of the fifty is told the same."""
    answers = list(threads.map(lambda _: _until_heard(door, question), range(AT_ONCE)))
    with _keeping(stage, door) as client:
        client.settle(question)
    told = {tuple(sorted(each.document.items())) for each in answers}
    if len(told) != 1 or any(each.kind is not Kind.SETTLED for each in answers):
        raise Broken(f"{AT_ONCE} equal requests at once were told {len(told)} stories: {told}")


def _another_body(stage: Stage, door: Door, question: Question) -> None:
    """The key with another amount is refused; the ledger's export shows that no row was made."""
    with _keeping(stage, door) as client:
        client.settle(question)
    other = Question("take", question.key, question.tender, question.amount_yen + 1)
    _expect_reused(_until_heard(door, other))


def _pairs(
    stage: Stage, door: Door, questions: Sequence[Question], threads: ThreadPoolExecutor
) -> None:
    """Each key twice in a row, and once with another amount, all on their way together: many of
    them meet in one commit. One of the two bodies wins; the other is refused."""
    asked = [
        (question, amount_yen)
        for question in questions
        for amount_yen in (question.amount_yen, question.amount_yen, question.amount_yen + 1)
    ]

    def ask(pair: tuple[Question, int]) -> tuple[str, int, Answer]:
        question, amount_yen = pair
        sent = Question("take", question.key, question.tender, amount_yen)
        return question.key, amount_yen, _until_heard(door, sent)

    answers = list(threads.map(ask, asked))
    with _keeping(stage, door) as client:
        for question in questions:
            mine = [(yen, answer) for key, yen, answer in answers if key == question.key]
            won = {yen for yen, answer in mine if answer.kind is Kind.SETTLED}
            ids = {a.document["payment_id"] for _, a in mine if a.kind is Kind.SETTLED}
            if len(won) != 1 or len(ids) != 1:
                raise Broken(f"key {question.key} was taken for {won} yen in {len(ids)} payments")
            for yen, answer in mine:
                if yen not in won:
                    _expect_reused(answer)
            client.settle(Question("take", question.key, question.tender, won.pop()))


@contextmanager
def _keeping(stage: Stage, door: Door) -> Iterator[Client]:
    """A client that writes questions and their outcomes into the logs of the check."""
    with stage.log("intents") as intents, stage.log("acks") as acks:
        yield Client(door, intents, acks, stage.scenario)


def _question(chance: random.Random) -> Question:
    return Question("take", new_key(), chance.choice(TENDERS), chance.randint(1, AMOUNT_MOST - 1))


def _until_heard(door: Door, question: Question) -> Answer:
    """Repeats while nobody answers: a crowded edge may say that it is busy."""
    for _ in range(100):
        answer = door.ask(question)
        if answer.kind in {Kind.SETTLED, Kind.REFUSED}:
            return answer
        if answer.mistake:
            raise Broken(f"the server made a mistake: {answer.reason}")
        time.sleep(0.1)
    raise Broken(f"nobody answers: {answer.reason}")


def _expect_reused(answer: Answer) -> None:
    if answer.kind is not Kind.REFUSED or not answer.reason.endswith(REUSED):
        raise Broken(f"another body under the same key was answered with {answer}")
