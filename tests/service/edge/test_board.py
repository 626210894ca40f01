"""The board of tills' news in a real Valkey: the latest only, none missed, gone by itself."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from services.edge import board as boards
from services.edge.board import BEGINNING, Board, BoardAway


@pytest.fixture
def board(valkey_server: str) -> Board:
    return Board(valkey_server)


@pytest.fixture
def key() -> str:
    return f"mine:display:shop-a:{uuid.uuid4().hex}"


def test_only_the_latest_news_is_kept_and_it_lapses(
    board: Board, key: str, valkey_server: str
) -> None:
    assert board.latest(key) == (BEGINNING, {})
    for amount in range(5):
        board.put(key, {"on": "sum", "amount": amount}, 45)
    _, news = board.latest(key)
    assert news == {"on": "sum", "amount": 4}
    valkey = redis.Redis.from_url(valkey_server)
    names = [name.decode() for name in valkey.scan_iter(f"*{key}*")]
    assert sorted(names) == [f"meguri:{key}:alive", f"meguri:{key}:news"]
    assert valkey.xlen(f"meguri:{key}:news") == 1
    for name in names:
        assert 0 < int(valkey.ttl(name)) <= boards.KEPT_S


def test_a_reader_is_woken_by_the_next_news(board: Board, key: str) -> None:
    board.put(key, {"on": "welcome"}, 45)
    known, _ = board.latest(key)
    with ThreadPoolExecutor() as others:
        waiting = [others.submit(board.next, key, known, 5.0) for _ in range(4)]
        time.sleep(0.1)
        started = time.monotonic()
        board.put(key, {"on": "sum"}, 45)
        found = [each.result() for each in waiting]
        assert time.monotonic() - started < 2
    assert {str(each and each[1]) for each in found} == {"{'on': 'sum'}"}
    number = found[0][0] if found[0] else ""
    assert board.next(key, number, 0.05) is None


def test_news_said_between_two_questions_is_not_missed(board: Board, key: str) -> None:
    board.put(key, {"n": 0}, 45)
    known, _ = board.latest(key)
    last = 50

    def say() -> None:
        for number in range(1, last + 1):
            board.put(key, {"n": number}, 45)

    speaking = threading.Thread(target=say)
    speaking.start()
    seen = [0]
    while seen[-1] < last:
        found = board.next(key, known, 2.0)
        assert found is not None
        known, news = found
        seen.append(int(news["n"]))
    speaking.join()
    assert seen == sorted(set(seen))


def test_news_of_one_till_is_not_another_s(board: Board, key: str) -> None:
    board.put(key, {"on": "sum"}, 45)
    assert board.latest(f"{key}x") == (BEGINNING, {})
    assert board.next(f"{key}x", BEGINNING, 0.05) is None


def test_a_till_that_says_nothing_is_not_alive(board: Board, key: str) -> None:
    assert not board.is_alive(key)
    board.put(key, {"on": "welcome"}, 1)
    assert board.is_alive(key)
    board.touch(key, 45)
    time.sleep(1.1)
    assert board.is_alive(key)
    board.touch(key, 1)
    time.sleep(1.1)
    assert not board.is_alive(key)
    assert board.latest(key)[1] == {"on": "welcome"}


def test_while_valkey_is_away_a_till_is_not_held_up_and_a_display_is_told() -> None:
    away = Board("redis://127.0.0.1:1")
    started = time.monotonic()
    for _ in range(100):
        away.put("k", {"on": "sum"}, 45)
        away.touch("k", 45)
    assert time.monotonic() - started < 1
    for ask in (away.latest, away.is_alive):
        with pytest.raises(BoardAway):
            ask("k")
    without = Board("")
    without.put("k", {}, 45)
    with pytest.raises(BoardAway):
        without.next("k", BEGINNING, 0.1)
