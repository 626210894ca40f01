"""Language packs: every page of the guide in one locale, as files named by their content.

A phone asks for the signed manifest, loads the files it lacks and opens them without a network.
Equal content gives equal bytes in every process, so a manifest of one worker fits the files of
another. docs/decisions/0020 says why it is made here and how it grows by recordings.
"""

import base64
import gzip
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT = 1
BYTES_AT_MOST = 8_000_000  # a minute and a half at 1 Mbit/s; a phone keeps it without asking
FILES_AT_MOST = 2_000
# A phone that began with the version before goes on with it: its files stay a while.
VERSIONS_KEPT = 3
PURPOSE = "meguri-pack"


class PackTooLarge(Exception):
    """The pages of an area are more than a phone should be asked to keep."""


@dataclass(frozen=True)
class PackFile:
    """One file. path: the address a phone answers with it; served: locale of a stop's texts;
    ranges: a player asks for pieces of it."""

    path: str
    body: bytes
    content_type: str
    served: str = ""
    ranges: bool = False

    @cached_property
    def sha256(self) -> str:
        """The name of the content, in hexadecimal."""
        return hashlib.sha256(self.body).hexdigest()

    @cached_property
    def packed(self) -> bytes:
        """The file as gzip bytes; made at the first request."""
        return gzip.compress(self.body, 6, mtime=0)

    def entry(self) -> dict[str, Any]:
        """Returns its line in the manifest."""
        line: dict[str, Any] = {
            "path": self.path, "sha256": self.sha256, "bytes": len(self.body),
            "type": self.content_type,
        }  # fmt: skip
        line |= {"served": self.served} if self.served else {}
        return line | ({"ranges": True} if self.ranges else {})


@dataclass(frozen=True)
class Pack:
    """One version of a language pack. manifest: as it is sent, signed. made_of: a digest of all
    that it was made of, by which its maker knows that it would come out the same."""

    version: str
    manifest: bytes
    files: Mapping[str, PackFile]
    made_of: bytes = b""


class Signer:
    """Signs manifests of one area with a key derived from the installation's secret."""

    def __init__(self, secret: bytes, area: str) -> None:
        seed = HKDF(SHA256(), 32, salt=None, info=f"{PURPOSE}-key|{area}|1".encode()).derive(secret)
        self._key, self._area = Ed25519PrivateKey.from_private_bytes(seed), area
        self.public_key = self._key.public_key().public_bytes_raw()
        self.key_id = hashlib.sha256(self.public_key).hexdigest()[:16]

    def sign(self, document: Mapping[str, Any]) -> dict[str, str]:
        """Returns what goes into the manifest as "signature": over all the rest of it."""
        signature = self._key.sign(signed_text(self._area, document))
        value = base64.b64encode(signature).decode()
        return {"algorithm": "Ed25519", "key_id": self.key_id, "value": value}


def signed_text(area: str, document: Mapping[str, Any]) -> bytes:
    """Returns the bytes that are signed: purpose, area, canonical JSON without the signature."""
    rest = {name: value for name, value in document.items() if name != "signature"}
    return f"{PURPOSE}\0{area}\0".encode() + canonical(rest)


def canonical(document: Mapping[str, Any]) -> bytes:
    """Returns JSON as RFC 8785 wants it, for texts, whole numbers, lists and ASCII keys."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def make(
    signer: Signer, area: str, locale: str, files: Sequence[PackFile], *,
    texts: int, recordings: int, texts_time: datetime | None, photos: int = 0, photo_bytes: int = 0,
    made_of: bytes = b"",
) -> Pack:  # fmt: skip
    """Makes a pack. Errors: PackTooLarge; ValueError for two files at one path."""
    lines = sorted((file.entry() for file in files), key=lambda line: str(line["path"]))
    if len({line["path"] for line in lines}) != len(lines):
        raise ValueError("two files of a pack have the same path")
    by_name = {file.sha256: file for file in files}
    total = sum(len(file.body) for file in by_name.values())
    if total > BYTES_AT_MOST or len(lines) > FILES_AT_MOST:
        raise PackTooLarge(f"{total} bytes in {len(lines)} files")
    document: dict[str, Any] = {
        "format": FORMAT, "area": area, "locale": locale, "bytes": total, "files": lines,
        "texts": texts, "recordings": recordings, "photos": photos, "photo_bytes": photo_bytes,
        "texts_time": texts_time.isoformat() if texts_time else None,
    }  # fmt: skip
    document["version"] = hashlib.sha256(canonical(document)).hexdigest()[:16]
    document["signature"] = signer.sign(document)
    return Pack(str(document["version"]), canonical(document), by_name, made_of)


class Packs:
    """The packs of one process, made when first asked for."""

    def __init__(self) -> None:
        self._newest: dict[tuple[str, str], tuple[int, Pack]] = {}
        self._kept: dict[tuple[str, str], OrderedDict[str, Pack]] = {}
        self._making: dict[tuple[str, str], threading.Lock] = {}
        self._forgotten: dict[str, int] = {}
        self._lock = threading.Lock()

    def get(
        self, area: str, locale: str, turn: int, make_it: Callable[[Pack | None], Pack]
    ) -> Pack:
        """Returns the pack of a turn of the area's ready pages (hot.Ready.turn); one thread makes
        it, the others wait for that one.

        make_it: called with the pack of an earlier turn, which it returns where nothing of it
        changed: closures begin turns too, and are in no pack.
        """
        key = (area, locale)
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            known = self._newest.get(key)
            if known is not None and known[0] >= turn:
                return known[1]
            forgotten = self._forgotten.get(area, 0)
            pack = make_it(known[1] if known else None)
            with self._lock:
                if forgotten != self._forgotten.get(area, 0):
                    return pack  # something of it may have been erased since: it is made anew next
                self._newest[key] = (turn, pack)
                kept = self._kept.setdefault(key, OrderedDict())
                kept[pack.version] = pack
                kept.move_to_end(pack.version)
                while len(kept) > VERSIONS_KEPT:
                    kept.popitem(last=False)
            return pack

    def forget(self, area: str) -> None:
        """Forgets all versions of an area's packs, for something in them was erased: a phone in
        the middle of one is told that it is gone and goes on with the next."""
        with self._lock:
            self._forgotten[area] = self._forgotten.get(area, 0) + 1
            self._newest = {key: each for key, each in self._newest.items() if key[0] != area}
            self._kept = {key: each for key, each in self._kept.items() if key[0] != area}

    def file(self, area: str, locale: str, sha256: str) -> PackFile | None:
        """Returns a file of one of the last versions, or None."""
        for pack in reversed(list(self._kept.get((area, locale), {}).values())):
            if sha256 in pack.files:
                return pack.files[sha256]
        return None
