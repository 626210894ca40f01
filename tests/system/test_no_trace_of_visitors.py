"""Nothing that is kept tells a visitor's address or phone, or links two of their days.

Proves it by looking: a visitor with an address and a User-Agent of their own reads, scans, rates,
plans, asks in vain and tries to sign in; then every row of every table, every value of
Valkey and every file of the data folder (logs, streams, media) is searched for both, written in
every way that needs no key.
"""

import base64
import hashlib
import http.client
import ipaddress
import json
import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from psycopg import sql

from chaos.databases import database_owner
from cli.connection import running_machine
from demo import play
from infra.local.home import Home
from infra.local.table import COMMAND_LINE, SERVICES
from tests.platform import Platform

ADDRESS = (
    f"127.{os.urandom(1)[0] % 200 + 20}.{os.urandom(1)[0] % 200 + 20}.{os.getpid() % 200 + 20}"
)
AGENT = f"MarkerPhone/{os.urandom(8).hex()} (Meguri test)"
PLANTED = f"planted-{os.urandom(8).hex()}"  # what a search of these places must find
SOON_S = 30


def forms(text: str) -> Iterator[bytes]:
    """Yields what a text may be written down as without any key."""
    raw = text.encode()
    yield from (raw, raw.upper(), raw[::-1], raw.hex().encode(), base64.b64encode(raw).rstrip(b"="))
    for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
        digest = hashlib.new(name, raw, usedforsecurity=False).digest()
        yield from (digest[:12], digest.hex()[:16].encode(), base64.b64encode(digest)[:16])


def needles() -> list[bytes]:
    """Returns all that must not be found anywhere."""
    number = int(ipaddress.ip_address(ADDRESS))
    texts = (ADDRESS, AGENT, f"{ADDRESS}|{AGENT}", f"{ADDRESS}{AGENT}", f"{ADDRESS} {AGENT}")
    found = [form for text in texts for form in forms(text)]
    return [*found, f"::ffff:{ADDRESS}".encode(), f"{number:08x}".encode(), str(number).encode()]


class Visitor:
    """A phone at an address of its own."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self._host, self._port = where.hostname or "", where.port or 80
        self.cookies: list[str] = []  # that were set

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        """Asks once; returns status and text."""
        connection = http.client.HTTPConnection(
            self._host, self._port, timeout=SOON_S, source_address=(ADDRESS, 0)
        )
        headers = {
            "User-Agent": AGENT,
            "Accept-Language": "en",
            "Origin": f"http://{self._host}:{self._port}",
        }
        data = None
        if body is not None:
            data = body if isinstance(body, str) else json.dumps(body)
            kind = "application/x-www-form-urlencoded" if data is body else "application/json"
            headers |= {"Content-Type": kind, "Idempotency-Key": str(uuid.uuid4())}
        try:
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            self.cookies += answer.headers.get_all("Set-Cookie") or []
            return answer.status, answer.read().decode("utf-8", "replace")
        finally:
            connection.close()


def visit(visitor: Visitor) -> None:
    """Does what visitors do, and what goes wrong."""
    now = datetime.now(UTC).isoformat()
    stop = json.loads(visitor.ask("GET", "/api/v1/stops")[1])["stops"][0]["stop_code"]
    for path in (
        "/",
        "/g/",
        f"/g/{stop}",
        f"/g/{stop}",
        "/map",
        "/plan",
        "/help",
        "/pack",
        "/privacy",
    ):
        assert visitor.ask("GET", path)[0] == 200, path
    scan = {"scan_id": str(uuid.uuid4()), "stop_code": stop, "scan_time": now, "offline": True,
            "requested_locale": "en", "served_locale": "en"}  # fmt: skip
    assert visitor.ask("POST", "/api/v1/scans", {"scans": [scan]})[0] == 200
    rating = {"rating_id": str(uuid.uuid4()), "stop_code": stop, "locale": "en", "face": "good",
              "rating_time": now}  # fmt: skip
    assert visitor.ask("POST", "/api/v1/ratings", {"ratings": [rating]})[0] == 200
    planned = visitor.ask("POST", "/api/v1/itineraries", play.trip(datetime.now(UTC), 2, 1))
    assert planned[0] == 201, planned
    visitor.ask("GET", "/g/ZZZZZ")
    visitor.ask("GET", "/nothing/here")
    visitor.ask("POST", "/api/v1/scans", "{")
    visitor.ask("POST", "/api/v1/itineraries", {"date": "yesterday"})


def tables(platform: Platform, service: str) -> bytes:
    """Returns every row of every table of a service, as text."""
    found = bytearray()
    with database_owner(platform, service) as owner:
        for name in _names(owner):
            query = sql.SQL("copy (select * from {}) to stdout").format(sql.Identifier(name))
            with owner.cursor().copy(query) as copy:
                for chunk in copy:
                    found += chunk
    return bytes(found)


def _names(owner: "psycopg.Connection[tuple[object, ...]]") -> list[str]:
    rows = owner.execute(
        "select tablename from pg_tables where schemaname = 'public' order by 1"
    ).fetchall()
    return [str(row[0]) for row in rows]


def kept(platform: Platform) -> Iterator[tuple[str, bytes]]:
    """Yields every place with what is kept there."""
    for service in SERVICES:
        yield f"tables of {service}", tables(platform, service)
    machine = running_machine(Home(platform.data))
    assert machine is not None
    client: Any = redis.Redis.from_url(machine.variables(COMMAND_LINE)["MEGURI_VALKEY_URL"])
    yield "Valkey", b"".join(key + (client.dump(key) or b"") for key in client.keys("*"))
    client.close()
    for path in sorted(platform.data.rglob("*")):
        if path.is_file() and "postgres" not in path.relative_to(platform.data).parts[:1]:
            yield str(path.relative_to(platform.data)), _content(path)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # gone meanwhile
        return b""


@pytest.fixture
def visited(platform: Platform) -> Visitor:
    visitor = Visitor(platform.url)
    visit(visitor)
    Visitor(platform.url).ask("POST", "/login", "login_name=nobody&password=nothing")
    return visitor


def test_neither_address_nor_phone_is_kept_anywhere(platform: Platform, visited: Visitor) -> None:
    with database_owner(platform, "multilingual") as owner:
        owner.execute("create table planted_by_a_test as select %s::text as what", (PLANTED,))
    try:
        wanted, places, seen = needles(), 0, []
        for place, content in kept(platform):
            places += bool(content)
            seen += [place] if PLANTED.encode() in content else []
            hits = [needle for needle in wanted if needle in content]
            assert not hits, f"{place} holds {hits[:3]!r}"
    finally:
        with database_owner(platform, "multilingual") as owner:
            owner.execute("drop table planted_by_a_test")
    assert places > len(SERVICES) + 5
    assert "tables of multilingual" in seen, "a search that finds nothing would pass"


def test_whoever_reads_scans_and_rates_is_given_nothing_to_be_known_by(visited: Visitor) -> None:
    assert visited.cookies == []
