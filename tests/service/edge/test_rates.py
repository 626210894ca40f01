"""Anonymous POSTs are counted in Valkey without keeping any address; its absence is no harm."""

import time

import pytest
import redis

from services.edge.errors import Problem
from services.edge.rates import Rates

SECRET = b"a secret of the tests"


def test_the_limit_holds_per_address_and_purpose(valkey_server: str) -> None:
    rates = Rates(valkey_server, SECRET)
    for _ in range(3):
        rates.check("mine", "/login", "192.0.2.1", 3)
    with pytest.raises(Problem) as refused:
        rates.check("mine", "/login", "192.0.2.1", 3)
    assert refused.value.reason == "too_many_requests"
    assert 0 < refused.value.retry_after_s <= 60
    rates.check("mine", "/login", "192.0.2.2", 3)
    rates.check("mine", "/plan", "192.0.2.1", 3)
    rates.check("demo", "/login", "192.0.2.1", 3)


def test_whoever_roams_in_an_ipv6_network_is_one_sender(valkey_server: str) -> None:
    """Any of its 2^64 addresses is free to take."""
    rates = Rates(valkey_server, SECRET)
    for number in range(3):
        rates.check("mine", "/roaming", f"2001:db8:1:2::{number:x}", 3)
    with pytest.raises(Problem):
        rates.check("mine", "/roaming", "2001:db8:1:2:ffff:1:2:3", 3)
    rates.check("mine", "/roaming", "2001:db8:1:3::1", 3)
    for address in ("192.0.2.9", "::ffff:192.0.2.9"):
        rates.check("mine", "/mapped", address, 2)
    with pytest.raises(Problem):
        rates.check("mine", "/mapped", "192.0.2.9", 2)


def test_many_things_at_once_count_as_many(valkey_server: str) -> None:
    rates = Rates(valkey_server, SECRET)
    rates.check("mine", "ratings", "192.0.2.3", 100, 99)
    rates.check("mine", "ratings", "192.0.2.3", 100)
    with pytest.raises(Problem):
        rates.check("mine", "ratings", "192.0.2.3", 100)


def test_no_address_is_kept_and_everything_is_forgotten(valkey_server: str) -> None:
    Rates(valkey_server, SECRET).check("mine", "/login", "198.51.100.77", 5)
    valkey = redis.Redis.from_url(valkey_server)
    keys = list(valkey.scan_iter("meguri:mine:rate:*"))
    assert keys
    for key in keys:
        assert b"198.51" not in key
        assert 0 < int(valkey.ttl(key)) <= 120


def test_without_valkey_everything_passes_quickly() -> None:
    rates = Rates("redis://127.0.0.1:1", SECRET)
    started = time.monotonic()
    for _ in range(100):
        rates.check("mine", "/login", "192.0.2.1", 1)
    assert time.monotonic() - started < 5  # a hundred times 0.2 s would be more
