"""What each till shows its displays at the moment: the latest news by till, in Valkey.

It can be lost at any time: the till says it again with its next tap, and nothing is decided by it.
News is a stream of one entry, so that a reader who names the entry it knows waits for the next one
and misses none.
"""

import time
from collections.abc import Mapping
from typing import Any, cast

import msgspec
import redis

from kit import log

WRITE_WAIT_S = 0.2
LONGEST_WAIT_S = 5.0
READ_MARGIN_S = 2.0
KEPT_S = 15 * 60
REST_S = 1.0
BEGINNING = "0"

News = Mapping[str, Any]


class BoardAway(Exception):
    """Valkey did not answer."""


class Board:
    """The board of all tills. Keys are made of area, shop and till by the caller."""

    def __init__(self, url: str) -> None:
        self._log = log.get("board")
        self._resting_until = 0.0
        self._writing = self._connect(url, WRITE_WAIT_S)
        self._reading = self._connect(url, LONGEST_WAIT_S + READ_MARGIN_S)

    def _connect(self, url: str, wait_s: float) -> "redis.Redis | None":
        if not url:
            return None
        return redis.Redis.from_url(
            url, socket_timeout=wait_s, socket_connect_timeout=WRITE_WAIT_S, decode_responses=True
        )

    def put(self, key: str, news: News, alive_s: int) -> None:
        """Replaces the news of a till, which counts as alive for alive_s seconds from now on.

        A till never waits for this: while Valkey is away the news is dropped.
        """
        text = msgspec.json.encode(dict(news)).decode()
        self._write(
            lambda pipe: (
                pipe.xadd(_news(key), {"news": text}, maxlen=1, approximate=False)
                .expire(_news(key), KEPT_S)
                .set(_alive(key), "1", ex=alive_s)
            )
        )

    def touch(self, key: str, alive_s: int) -> None:
        """Says that a till is still there."""
        self._write(lambda pipe: pipe.set(_alive(key), "1", ex=alive_s))

    def latest(self, key: str) -> tuple[str, News]:
        """Returns the number of the latest news and the news; BEGINNING and {} where none is kept.

        Errors: BoardAway.
        """
        found = cast(Any, self._read(lambda valkey: valkey.xrevrange(_news(key), count=1)))
        return _entry(found[0]) if found else (BEGINNING, {})

    def next(self, key: str, known: str, wait_s: float) -> tuple[str, News] | None:
        """Waits for news after the known number; None after wait_s, at most LONGEST_WAIT_S.

        Errors: BoardAway.
        """
        found = cast(
            Any,
            self._read(
                lambda valkey: valkey.xread({_news(key): known}, count=1, block=int(wait_s * 1000))
            ),
        )
        return _entry(found[0][1][-1]) if found else None

    def is_alive(self, key: str) -> bool:
        """Tells whether the till said something lately. Errors: BoardAway."""
        return bool(self._read(lambda valkey: valkey.exists(_alive(key))))

    def _write(self, work: Any) -> None:
        if self._writing is None or time.monotonic() < self._resting_until:
            return
        try:
            work(self._writing.pipeline(transaction=True)).execute()
        except redis.RedisError as error:
            self._resting_until = time.monotonic() + REST_S
            self._log.warning("valkey is away, displays stand still", error=type(error).__name__)

    def _read(self, work: Any) -> object:
        if self._reading is None:
            raise BoardAway
        try:
            return cast(object, work(self._reading))
        except redis.RedisError as error:
            raise BoardAway from error


def _news(key: str) -> str:
    return f"meguri:{key}:news"


def _alive(key: str) -> str:
    return f"meguri:{key}:alive"


def _entry(found: Any) -> tuple[str, News]:
    number, fields = found
    return str(number), msgspec.json.decode(fields["news"], type=dict[str, Any])
