"""`./meguri scan-cards`: looks for card data in logs and data folders, databases and Valkey.

The folder of NATS is read as it lies on the disk. PostgreSQL is read by --database: its folder has
packed values that hide and catalogs of its own whose lists of numbers look like cards.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import redis
from psycopg import sql

from infra.card_scan import PIECE_BYTES, Hit, scan_stream

GATHERED_BYTES = 64 * 1024
SHOWN = 100  # places; the count is of all


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `scan-cards`."""
    parser = subcommands.add_parser(
        "scan-cards", help="look for card numbers, tracks and customers' codes"
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="FILE|FOLDER|-",
                        help="what to read; - for stdin")  # fmt: skip
    parser.add_argument("--database", action="append", default=[], metavar="URL",
                        help="every row of every table, as a user who may read them")  # fmt: skip
    parser.add_argument("--valkey", action="append", default=[], metavar="URL",
                        help="every value")  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Returns 0 when nothing was found, 1 when something was, 2 when there is nothing to read."""
    counted: Counter[str] = Counter()
    places: list[dict[str, object]] = []
    source_count = 0
    for name, pieces in _sources(arguments):
        source_count += 1
        for hit in scan_stream(pieces):
            counted[hit.kind] += 1
            if len(places) < SHOWN:
                places.append(_place(name, hit))
    if arguments.json:
        print(json.dumps({"sources": source_count, "hits": dict(counted), "places": places}))
    elif source_count:
        for place in places:
            print(f"  {place['kind']:<14} {place['where']} at {place['at']} {place['inside']}")
        print(f"searched {source_count} sources in {_asked(arguments)}: {counted.total()} hits")
    if not source_count:
        where = f" in {_asked(arguments)}" if _asked(arguments) else ""
        print(f"Nothing was searched, so nothing is known: there is nothing to read{where}. Name"
              " files, folders, --database or --valkey.", file=sys.stderr)  # fmt: skip
        return 2
    return 1 if counted else 0


def _asked(arguments: argparse.Namespace) -> str:
    """Returns what was named, without the passwords of addresses."""
    databases = [psycopg.conninfo.conninfo_to_dict(url).get("dbname") or "?"
                 for url in arguments.database]  # fmt: skip
    return ", ".join([
        *map(str, arguments.paths), *(f"database {name}" for name in databases),
        *("Valkey" for _ in arguments.valkey),
    ])  # fmt: skip


def _place(name: str, hit: Hit) -> dict[str, object]:
    return {"kind": hit.kind, "where": name, "at": hit.at, "inside": hit.inside}


def _sources(arguments: argparse.Namespace) -> Iterator[tuple[str, Iterator[bytes]]]:
    for path in arguments.paths:
        if str(path) == "-":
            yield "stdin", iter(lambda: sys.stdin.buffer.read(PIECE_BYTES), b"")
        else:
            found = sorted(path.rglob("*")) if path.is_dir() else [path]
            yield from ((str(each), _pieces(each)) for each in found if _is_file(each))
    for url in arguments.database:
        yield from _tables(url)
    for url in arguments.valkey:
        yield "valkey", _values(url)


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _pieces(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece
    except FileNotFoundError:
        return  # a running server has taken it away meanwhile


def _tables(url: str) -> Iterator[tuple[str, Iterator[bytes]]]:
    with psycopg.connect(url) as connection:
        connection.execute("select set_config('meguri.area', '*', false)")
        tables = connection.execute(
            "select n.nspname, c.relname from pg_class c"
            " join pg_namespace n on n.oid = c.relnamespace"
            " where c.relkind in ('r', 'm')"
            " and n.nspname not in ('pg_catalog', 'information_schema') order by 1, 2"
        ).fetchall()
        for schema, table in tables:
            yield f"{connection.info.dbname}.{schema}.{table}", _rows(connection, schema, table)


def _rows(
    connection: "psycopg.Connection[tuple[str, ...]]", schema: str, table: str
) -> Iterator[bytes]:
    wanted = sql.SQL("copy (select * from {}) to stdout").format(sql.Identifier(schema, table))
    with connection.cursor().copy(wanted) as copy:
        yield from _gathered(bytes(piece) for piece in copy)


def _gathered(rows: Iterator[bytes]) -> Iterator[bytes]:
    """Rows one by one would be read several times each: every piece is read with the end of the
    one before."""
    waiting, size = list[bytes](), 0
    for row in rows:
        waiting.append(row)
        size += len(row)
        if size >= GATHERED_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def _values(url: str) -> Iterator[bytes]:
    with redis.Redis.from_url(url) as valkey:
        for name in valkey.scan_iter(count=500):
            yield b"\n" + name + b"\n" + _value(valkey, name)


def _value(valkey: "redis.Redis", name: bytes) -> bytes:
    """Every member as it was written: a DUMP packs longer values, and packed digits hide."""
    store: Any = valkey  # its answers are typed for every way of asking at once
    kind = store.type(name)
    if kind == b"string":
        members = [store.get(name) or b""]
    elif kind == b"hash":
        members = [part for pair in store.hgetall(name).items() for part in pair]
    elif kind == b"list":
        members = store.lrange(name, 0, -1)
    elif kind == b"set":
        members = list(store.smembers(name))
    elif kind == b"zset":
        members = store.zrange(name, 0, -1)
    else:
        members = [store.dump(name) or b""]
    return b"\n".join(members)
