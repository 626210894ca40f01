"""What a ticket's code says: everything that was signed comes back, nothing else is believed."""

import base64
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain.ticket_code import (
    PREFIX,
    CodeInvalid,
    TicketBody,
    TicketKind,
    base45,
    from_base45,
    key_id,
    read,
    read_typed,
    sign,
    site_digest,
    typed_code,
)

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
KEYS = {key_id(PUBLIC): PUBLIC}
DAYS = st.dates(date(2000, 1, 1), date(2170, 1, 1))
BODIES = st.builds(
    TicketBody,
    key_id=st.just(key_id(PUBLIC)),
    ticket_id=st.uuids().map(str),
    first_day=DAYS,
    last_day=DAYS,
    persons=st.integers(1, 999),
    kind=st.sampled_from(TicketKind),
    site_digest=st.binary(min_size=4, max_size=4),
    lines=st.lists(st.tuples(st.integers(1, 255), st.integers(1, 999)), min_size=1, max_size=6).map(
        tuple
    ),
    practice=st.booleans(),
)
BODY = TicketBody(
    key_id=key_id(PUBLIC), ticket_id="01a1fccb-e75c-71cb-8454-dd531a63b538",
    first_day=date(2026, 11, 21), last_day=date(2026, 11, 21), persons=3, kind=TicketKind.SOLD,
    site_digest=site_digest("akiyoshido"), lines=((1, 2), (3, 1)),
)  # fmt: skip


def reason(text: str, area: str = "mine", keys: dict[bytes, bytes] = KEYS) -> str:
    """Why a code is not believed."""
    with pytest.raises(CodeInvalid) as refused:
        read(text, area, keys)
    return refused.value.reason


@given(BODIES)
def test_what_was_signed_comes_back(body: TicketBody) -> None:
    assert read(sign(body, "mine", KEY), "mine", KEYS) == body


@given(BODIES)
def test_practice_is_signed_too_and_takes_one_bit(body: TicketBody) -> None:
    raw = [
        from_base45(sign(replace(body, practice=practice), "mine", KEY).removeprefix(PREFIX))
        for practice in (False, True)
    ]
    differing = [at for at in range(len(raw[0]) - 64) if raw[0][at] != raw[1][at]]
    assert (differing, raw[0][27] ^ raw[1][27]) == ([27], 0x80)


@given(BODIES, st.data())
def test_one_changed_bit_anywhere_is_refused(body: TicketBody, data: st.DataObject) -> None:
    raw = bytearray(from_base45(sign(body, "mine", KEY).removeprefix(PREFIX)))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    assert reason(PREFIX + base45(bytes(raw))) in {"bad_signature", "unknown_key", "unreadable"}


@given(BODIES)
def test_a_ticket_of_another_area_is_refused_even_under_the_same_key(body: TicketBody) -> None:
    assert reason(sign(body, "hagi", KEY)) == "bad_signature"


@given(BODIES)
def test_a_forger_s_key_under_our_key_s_name_is_refused(body: TicketBody) -> None:
    assert reason(sign(body, "mine", OTHER_KEY)) == "bad_signature"


def test_a_key_that_is_revoked_or_of_others_is_not_known() -> None:
    assert reason(sign(BODY, "mine", KEY), keys={}) == "unknown_key"
    foreign = OTHER_KEY.public_key().public_bytes_raw()
    assert reason(sign(BODY, "mine", KEY), keys={key_id(foreign): foreign}) == "unknown_key"


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_a_reason(text: str) -> None:
    assert reason(text) == "not_a_ticket"
    assert reason(PREFIX + text) in {"unreadable", "not_a_ticket"}


@pytest.mark.parametrize("cut", [1, 3, 30, 60, 120])
def test_a_code_that_was_cut_off_is_unreadable(cut: int) -> None:
    assert reason(sign(BODY, "mine", KEY)[:-cut]) in {"unreadable", "bad_signature"}


def test_a_family_s_code_stays_small() -> None:
    # Version 7 at level M holds 178 letters of this alphabet.
    assert len(sign(BODY, "mine", KEY)) <= 178
    assert read(f" {sign(BODY, 'mine', KEY).lower()}".strip(), "mine", KEYS) == BODY


@given(st.binary(max_size=120))
def test_base45_comes_back(raw: bytes) -> None:
    assert from_base45(base45(raw)) == raw


def test_base45_is_that_of_the_rfc() -> None:
    assert base45(b"Hello!!") == "%69 VD92EX0"
    assert base45(b"base-45") == "UJCLQE7W581"
    assert from_base45("QED8WEX0") == b"ietf!"
    for wrong in ("GGW", "A", "::", "aB1"):
        with pytest.raises(CodeInvalid):
            from_base45(wrong)


@given(st.uuids())
def test_a_code_is_typed_as_people_type(ticket_id: UUID) -> None:
    code = typed_code(str(ticket_id))
    assert len(code) == 11
    assert read_typed(f"{code[:4].lower()}-{code[4:8]} {code[8:]}") == code
    assert read_typed(code.replace("0", "O").replace("1", "l")) == code


@given(st.uuids(), st.integers(0, 10), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_mistyped_letter_is_noticed(ticket_id: UUID, at: int, letter: str) -> None:
    code = typed_code(str(ticket_id))
    typed = code[:at] + letter + code[at + 1 :]
    if typed != code:
        with pytest.raises(CodeInvalid):
            read_typed(typed)


@given(st.uuids(), st.integers(0, 9))
def test_two_exchanged_letters_are_noticed(ticket_id: UUID, at: int) -> None:
    code = typed_code(str(ticket_id))
    typed = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    if typed != code:
        with pytest.raises(CodeInvalid):
            read_typed(typed)


def test_a_url_or_another_code_is_no_ticket() -> None:
    assert reason("https://example.org/g/K7Q2X") == "not_a_ticket"
    assert reason(base64.b64encode(b"x" * 90).decode()) == "not_a_ticket"
