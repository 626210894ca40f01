"""The audit chain: one fault anywhere is found, whatever it is."""

import hashlib
import json
from datetime import UTC, date, datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain.audit import (
    GENESIS,
    AuditFault,
    Head,
    Link,
    Walk,
    canonical_row,
    head_text,
    seal,
)
from services.payments.gateways.signer import Signer

SIGNER = Signer(Ed25519PrivateKey.generate())


def chain(count: int) -> tuple[list[Link], list[bytes]]:
    texts = [canonical_row({"row_id": str(n), "amount_yen": n}) for n in range(1, count + 1)]
    links, before = [], GENESIS
    for number, text in enumerate(texts, start=1):
        before = seal(before, text)
        links.append(Link(number, "entry", str(number), hashlib.sha256(text).digest(), before))
    return links, texts


def walked(links: list[Link], texts: list[bytes | None]) -> Walk:
    walk = Walk()
    for link, text in zip(links, texts, strict=True):
        walk.step(link, text)
    return walk


def faults(walk: Walk) -> list[tuple[AuditFault, int]]:
    return [(each.fault, each.number) for each in walk.findings]


@given(count=st.integers(1, 40), data=st.data())
def test_every_single_fault_is_found_where_it_is(count: int, data: st.DataObject) -> None:
    links, texts = chain(count)
    assert walked(links, list(texts)).findings == []
    at = data.draw(st.integers(0, count - 1))
    changed: list[bytes | None] = [*texts]
    changed[at] = texts[at] + b" "
    assert faults(walked(links, changed))[0] == (AuditFault.TAMPERED, at + 1)
    changed[at] = None
    assert faults(walked(links, changed))[0] == (AuditFault.REMOVED, at + 1)
    if at < count - 1:
        missing = links[:at] + links[at + 1 :]
        left: list[bytes | None] = [*texts[:at], *texts[at + 1 :]]
        assert faults(walked(missing, left))[0] == (AuditFault.REMOVED, at + 1)
        swapped = list(links)
        a, b = links[at], links[at + 1]
        swapped[at] = msgspec.structs.replace(b, number=a.number)
        swapped[at + 1] = msgspec.structs.replace(a, number=b.number)
        turned: list[bytes | None] = [*texts[:at], texts[at + 1], texts[at], *texts[at + 2 :]]
        assert faults(walked(swapped, turned))[0] == (AuditFault.REORDERED, at + 1)


def head_of(walk: Walk, signer: Signer = SIGNER) -> Head:
    day = date(2026, 11, 21)
    signature = signer.sign(head_text("mine", day, walk.number, walk.hash))
    return Head(area="mine", business_date=day, number=walk.number, hash=walk.hash,
                key_id=signer.key_id, signature=signature)  # fmt: skip


def fits(head: Head) -> bool:
    text = head_text(head.area, head.business_date, head.number, head.hash)
    return SIGNER.fits(text, head.signature)


def test_a_chain_made_anew_does_not_fit_its_signed_head() -> None:
    links, texts = chain(5)
    head = head_of(walked(links, list(texts)))
    forged, before = [], GENESIS
    changed = [text.replace(b'"amount_yen":3', b'"amount_yen":9') for text in texts]
    for link, text in zip(links, changed, strict=True):
        before = seal(before, text)
        forged.append(
            msgspec.structs.replace(link, row_sha256=hashlib.sha256(text).digest(), hash=before)
        )
    walk = walked(forged, list(changed))
    assert walk.findings == []  # the chain alone agrees with itself
    walk.head(head, signature_fits=fits(head))
    assert faults(walk) == [(AuditFault.HEAD_DIFFERS, 5)]


def test_a_head_of_another_key_or_of_links_cut_off_is_found() -> None:
    links, texts = chain(3)
    head = head_of(walked(links, list(texts)), Signer(Ed25519PrivateKey.generate()))
    cut = walked(links[:2], [*texts[:2]])
    cut.head(head, signature_fits=fits(head))
    assert faults(cut) == [(AuditFault.HEAD_DIFFERS, 3), (AuditFault.BAD_SIGNATURE, 3)]
    empty = Walk()
    none = head_of(empty)
    empty.head(none, signature_fits=fits(none))
    assert empty.findings == []


def test_a_row_has_one_spelling() -> None:
    at = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
    one = canonical_row({"b": 1, "a": at, "day": date(2026, 11, 21), "名": "店"})
    assert one == canonical_row({"名": "店", "day": date(2026, 11, 21), "a": at, "b": 1})
    assert b"2026-11-21T03:00:00.000000+00:00" in one
    assert "店".encode() in one


def older_spelling(row: dict[str, object]) -> bytes:
    """The spelling of the chains that are out there, written with another library."""

    def plain(value: object) -> str:
        if isinstance(value, datetime):
            return value.isoformat(timespec="microseconds")
        return value.isoformat() if isinstance(value, date) else str(value)

    spelling = json.JSONEncoder(
        sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=plain
    )
    return spelling.encode(row).encode()


PLAIN = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.text())
VALUES = st.one_of(
    PLAIN,
    st.datetimes(timezones=st.just(UTC)),
    st.dates(),
    st.uuids(),
    st.recursive(PLAIN, lambda part: st.lists(part) | st.dictionaries(st.text(), part)),
)


@given(st.dictionaries(st.text(), VALUES))
def test_no_row_is_spelled_otherwise_than_in_the_chains_that_exist(row: dict[str, object]) -> None:
    assert canonical_row(row) == older_spelling(row)


def test_findings_are_bounded() -> None:
    links, texts = chain(150)
    assert len(walked(links, [None] * len(texts)).findings) == 100
