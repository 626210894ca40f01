"""Counting POSTs by address in Valkey; only what can be forgotten within two minutes is kept."""

import hashlib
import hmac
import time

import redis

from kit import log
from services.edge.bodies import sender
from services.edge.errors import Problem

VALKEY_WAIT_S = 0.05


class Rates:
    """Counts POSTs in Valkey; lets everything pass while Valkey is away."""

    def __init__(self, url: str, secret: bytes) -> None:
        self._secret = secret
        self._log = log.get("rates")
        self._valkey = (
            redis.Redis.from_url(
                url, socket_timeout=VALKEY_WAIT_S, socket_connect_timeout=VALKEY_WAIT_S
            )
            if url
            else None
        )
        self._resting_until = 0.0

    def check(self, area: str, what: str, address: str, per_minute: int, by: int = 1) -> None:
        """Counts one attempt, or so many things at once, of one sender: of IPv6 that is a /64, for
        a host may choose among its addresses. Errors: Problem too_many_requests."""
        if self._valkey is None or time.monotonic() < self._resting_until:
            return
        minute = int(time.time()) // 60
        key = f"meguri:{area}:rate:{minute}:{self.name_of(what, sender(address)).hex()[:20]}"
        try:
            pipeline = self._valkey.pipeline(transaction=False)
            pipeline.incrby(key, by)
            pipeline.expire(key, 120)
            count = int(pipeline.execute()[0])
        except redis.RedisError as error:
            self._resting_until = time.monotonic() + 1.0
            self._log.warning("valkey is away, rates are not counted", error=type(error).__name__)
            return
        if count > per_minute:
            raise Problem(429, "too_many_requests", retry_after_s=60 - int(time.time()) % 60)

    def name_of(self, what: str, address: str) -> bytes:
        """Returns what stands for an address today: nothing personal is kept, and names of two
        days cannot be linked."""
        day = int(time.time()) // 86_400
        text = f"{day}|{what}|{address}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).digest()[:16]
