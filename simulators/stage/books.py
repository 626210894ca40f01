"""What a provider remembers: JSON documents by kind and id, durable over kill -9."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TABLE = """
create table if not exists documents (
    kind text not null,
    id text not null,
    body text not null,
    primary key (kind, id)
);
"""

Document = dict[str, Any]


class Books:
    """The provider's truth in one SQLite file. What happens inside `writing` is one durable
    transaction, and one at a time."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        path.touch(mode=0o600)
        path.chmod(0o600)  # of one made before; SQLite's files beside it take its mode
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = full")
        self._db.executescript(TABLE)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Commits at the end of the block, rolls back when it raises."""
        with self._lock:
            self._db.execute("begin immediate")
            try:
                yield
            except BaseException:
                self._db.execute("rollback")
                raise
            self._db.execute("commit")

    def put(self, kind: str, key: str, document: Document) -> Document:
        """Stores a document over the one of the same id."""
        with self._lock:
            self._db.execute(
                "insert into documents values (?, ?, ?)"
                " on conflict (kind, id) do update set body = excluded.body",
                (kind, key, json.dumps(document)),
            )
        return document

    def get(self, kind: str, key: str) -> Document | None:
        """Returns a document or None."""
        with self._lock:
            row = self._db.execute(
                "select body from documents where kind = ? and id = ?", (kind, key)
            ).fetchone()
        return json.loads(row[0]) if row else None

    def all(self, kind: str) -> list[Document]:
        """Returns the documents of a kind, oldest first."""
        with self._lock:
            rows = self._db.execute(
                "select body from documents where kind = ? order by rowid", (kind,)
            ).fetchall()
        return [json.loads(row[0]) for row in rows]

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._db.close()
