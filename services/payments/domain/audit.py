"""The audit chain: every entry and every close, each sealed onto the one before.

hash = SHA-256(hash before || canonical row). Whoever changes, removes or moves a row has to make
every later hash anew, and then the signed heads of the days no longer fit. A row waits for its seal
for about a second (app/seal.py); until then it is as safe as any other row, and no safer.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec

GENESIS = bytes(32)
MAX_FINDINGS = 100  # enough to see the extent; the chain is broken with the first


class AuditFault(StrEnum):
    """What a check of the chain can find."""

    TAMPERED = "tampered"
    REMOVED = "removed"
    REORDERED = "reordered"
    UNSEALED = "unsealed"
    HEAD_DIFFERS = "head_differs"
    BAD_SIGNATURE = "bad_signature"


class Link(msgspec.Struct, frozen=True):
    """One link: the row it seals and both hashes. number: 1, 2, 3 … in each area."""

    number: int
    kind: str
    row_id: str
    row_sha256: bytes
    hash: bytes


@dataclass(frozen=True, kw_only=True)
class Head:
    """The last link of a day, signed."""

    area: str
    business_date: date
    number: int
    hash: bytes
    key_id: str
    signature: bytes


@dataclass(frozen=True)
class AuditFinding:
    """A fault and where. number: the link, 0 where there is none. row_id: entry or close."""

    fault: AuditFault
    number: int
    row_id: str


@dataclass
class Walk:
    """Follows the chain link by link, however it is read."""

    number: int = 0
    hash: bytes = GENESIS
    findings: list[AuditFinding] = field(default_factory=list)
    hashes: dict[int, bytes] = field(default_factory=dict)

    def step(self, link: Link, canonical: bytes | None) -> None:
        """Checks the next link. canonical: its row as it is now, None where it is gone."""
        if link.number != self.number + 1:
            self._note(AuditFault.REMOVED, self.number + 1, "")
        if canonical is None:
            self._note(AuditFault.REMOVED, link.number, link.row_id)
        elif hashlib.sha256(canonical).digest() != link.row_sha256:
            self._note(AuditFault.TAMPERED, link.number, link.row_id)
        elif link.number == self.number + 1 and seal(self.hash, canonical) != link.hash:
            self._note(AuditFault.REORDERED, link.number, link.row_id)
        self.number, self.hash = link.number, link.hash
        self.hashes[link.number] = link.hash

    def head(self, head: Head, *, signature_fits: bool) -> None:
        """Checks a signed head against the chain walked so far."""
        if self.hashes.get(head.number, GENESIS if head.number == 0 else None) != head.hash:
            self._note(AuditFault.HEAD_DIFFERS, head.number, head.business_date.isoformat())
        if not signature_fits:
            self._note(AuditFault.BAD_SIGNATURE, head.number, head.business_date.isoformat())

    def unsealed(self, row_id: str) -> None:
        """Notes a row that neither has a link nor waits for one."""
        self._note(AuditFault.UNSEALED, 0, row_id)

    def _note(self, fault: AuditFault, number: int, row_id: str) -> None:
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(AuditFinding(fault, number, row_id))


def seal(before: bytes, canonical: bytes) -> bytes:
    """Returns the hash of a link."""
    return hashlib.sha256(before + canonical).digest()


def canonical_row(row: Mapping[str, Any]) -> bytes:
    """Returns the one spelling of a row: JSON, keys sorted, no spaces, times in UTC."""
    return _SPELLING.encode(
        {
            name: value.isoformat(timespec="microseconds") if type(value) is datetime else value
            for name, value in row.items()
        }
    )


_SPELLING = msgspec.json.Encoder(order="sorted")


def head_text(area: str, business_date: date, number: int, chain_hash: bytes) -> bytes:
    """Returns what is signed for a day."""
    return f"meguri audit {area} {business_date} {number} {chain_hash.hex()}".encode()
