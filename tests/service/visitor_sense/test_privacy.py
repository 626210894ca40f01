"""No form of an address or of a network name is anywhere behind the sensor.

Proves it by looking: markers are planted as addresses and SSIDs; every row of every table, every
message of every stream, every key and value of Valkey and every line of log is searched for them:
raw, reversed, as hex, with colons or dashes, as base64 and as hashes that need no key.
"""

import base64
import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import nats
import numpy as np
import psycopg
import pytest
import redis
from psycopg import sql

from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense.sensor.captures import read_frames
from services.visitor_sense.sensor.spool import Spool
from tests.service.visitor_sense.conftest import Sense, until
from tests.service.visitor_sense.test_brno import DAY
from tests.unit.visitor_sense import made

MARKERS = [b"\x02" + os.urandom(5) for _ in range(15)] + [
    b"\x00" + os.urandom(5) for _ in range(15)
]
SSID = b"MeguriMarkerNetwork"


def forms(address: bytes) -> Iterator[bytes]:
    """Yields every form in which an address could have been written down."""
    pairs = [f"{byte:02x}" for byte in address]
    for raw in (address, address[::-1]):
        yield raw
        yield base64.b64encode(raw).rstrip(b"=")
        yield base64.urlsafe_b64encode(raw).rstrip(b"=")
    for text in ("".join(pairs), ":".join(pairs), "-".join(pairs), "".join(pairs[::-1])):
        yield text.encode()
        yield text.upper().encode()
        for name in ("md5", "sha1", "sha256", "blake2b"):
            digest = hashlib.new(name, text.encode(), usedforsecurity=False)
            yield digest.digest()[:8]
            yield digest.hexdigest()[:16].encode()
    for digest_size in (8, 16, 32, 64):
        yield hashlib.blake2b(address, digest_size=digest_size).digest()[:8]
    for name in ("md5", "sha1", "sha256"):
        yield hashlib.new(name, address, usedforsecurity=False).digest()[:8]
    yield str(int.from_bytes(address, "big")).encode()


def needles(addresses: list[bytes], names: list[bytes]) -> list[bytes]:
    """Returns all that must not be found."""
    found = [form for address in addresses for form in forms(address)]
    for name in names:
        found += [name, name[::-1], name.hex().encode(), base64.b64encode(name)[:-3]]
    return found


def tables(url: str) -> bytes:
    """Returns every row of every table, as bytes and as text."""
    found = bytearray()
    with psycopg.connect(url) as connection:
        connection.execute("select set_config('meguri.area', '*', false)")
        names = [row[0] for row in connection.execute(
            "select tablename from pg_tables where schemaname = 'public'"
        ).fetchall()]  # fmt: skip
        assert {"zone_hours", "sensors", "counted_batches", "inbox", "outbox", "requests"} <= set(
            names
        )
        for name in names:
            for binary in (sql.SQL("(format binary)"), sql.SQL("")):
                query = sql.SQL("copy (select * from {}) to stdout {}")
                with connection.cursor().copy(query.format(sql.Identifier(name), binary)) as copy:
                    for chunk in copy:
                        found += chunk
    return bytes(found)


async def streams(url: str) -> bytes:
    """Returns every message of every stream, with subject and headers."""
    found = bytearray()
    connection = await nats.connect(url)
    stream = connection.jetstream()
    for info in await stream.streams_info():
        for sequence in range(max(1, info.state.first_seq), info.state.last_seq + 1):
            try:
                message = await stream.get_msg(str(info.config.name), sequence)
            except nats.js.errors.NotFoundError:
                continue
            found += repr((message.subject, message.headers)).encode() + (message.data or b"")
    await connection.close()
    return bytes(found)


def live(url: str) -> bytes:
    """Returns every key of Valkey with its value as it is dumped."""
    client: Any = redis.Redis.from_url(url)  # its types know of text answers too
    found = b"".join(key + (client.dump(key) or b"") for key in client.keys("*"))
    client.close()
    return found


async def everything(sense: Sense, valkey_url: str, log: str) -> bytes:
    """Returns all that is kept anywhere."""
    spool = b"".join(path.read_bytes() for path in Spool(sense.folder / "spool").waiting())
    return b"\n".join(
        [tables(sense.database_url), await streams(sense.nats_url), live(valkey_url), spool,
         log.encode()]
    )  # fmt: skip


class Search:
    """Looks for very many needles (of six bytes and more) in one pass."""

    def __init__(self, wanted: Iterable[bytes]) -> None:
        self._by_start: dict[bytes, list[bytes]] = defaultdict(list)
        self._starts = np.zeros(1 << 24, np.bool_)  # by the first three bytes
        for needle in wanted:
            self._by_start[needle[:6]].append(needle)
            self._starts[int.from_bytes(needle[:3], "little")] = True

    def hits(self, haystack: bytes) -> list[bytes]:
        """Returns the needles found."""
        data = np.frombuffer(haystack + bytes(2), np.uint8).astype(np.uint32)
        starts = data[:-2] | data[1:-1] << 8 | data[2:] << 16
        return [
            needle
            for position in np.flatnonzero(self._starts[starts]).tolist()
            for needle in self._by_start.get(haystack[position : position + 6], ())
            if haystack.startswith(needle, position)
        ]


def hits(haystack: bytes, wanted: Iterable[bytes]) -> list[bytes]:
    """Returns the needles found."""
    return Search(wanted).hits(haystack)


def capture(path: Path) -> Path:
    elements = made.ssid(SSID) + made.RATES + made.HT
    frames = [
        (1_700_000_000.0 + index, made.probe(address, elements))
        for index, address in enumerate(MARKERS * 3)
    ]
    broken = [(1_700_000_100.0, made.probe(address, elements)[:30]) for address in MARKERS]
    return made.pcap(path, frames + broken)


async def test_the_search_would_find_them(tmp_path: Path) -> None:
    haystack = capture(tmp_path / "a").read_bytes()
    assert len(hits(haystack, needles(MARKERS, [SSID]))) >= len(MARKERS) + 1
    for form in forms(MARKERS[0]):
        assert form in hits(b"x" + form + b"y", list(forms(MARKERS[0])))


async def test_planted_addresses_and_names_are_nowhere(
    sense: Sense, valkey_server: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = await sense.replay(capture(tmp_path / "a"))
    assert (done.probe_frames, done.frames_broken) == (90, 30)
    await sense.counted(done)
    out, err = capfd.readouterr()
    kept = await everything(sense, valkey_server, out + err)
    assert len(kept) > 2_000
    assert hits(kept, needles(MARKERS, [SSID])) == []


@pytest.mark.skipif(not DAY.exists(), reason="the shared captures are not on this machine")
async def test_no_address_of_a_real_day_is_anywhere(
    sense: Sense, valkey_server: str, capfd: pytest.CaptureFixture[str]
) -> None:
    done = await sense.replay(DAY)
    await sense.counted(done)

    async def level_known() -> bool:
        answer = await sense.admin.ReadOccupancy(wire.ReadOccupancyRequest(), timeout=30)
        return answer.zones[0].level > wire.OCCUPANCY_LEVEL_UNKNOWN

    await until(level_known)
    addresses = set()
    for _, _, frame in read_frames(DAY):
        start = frame[2] | frame[3] << 8
        addresses.add(frame[start + 10 : start + 16])
    assert len(addresses) > 4_000
    out, err = capfd.readouterr()
    kept = await everything(sense, valkey_server, out + err)
    # Six bytes at random are not found by chance in some megabytes; longer forms even less.
    assert hits(kept, needles(sorted(addresses), [])) == []
