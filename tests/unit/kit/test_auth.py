"""Tokens: who may speak for whom, and for how long."""

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import jwt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kit.auth import TOKEN_LIFE_S, Caller, Minter, NotAuthenticated, Role, Verifier
from tests.harness import SERVICES, token_keys

CALLER = Caller("mine", "u-1", frozenset({Role.CLERK}), frozenset({"shop-1"}))


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Minter, Verifier]:
    private, public = token_keys(tmp_path)
    return Minter(private), Verifier(public.read_bytes(), "payments")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Minter, bytes]:
    """What makes tokens, and the key that checks them."""
    private, public = token_keys(tmp_path_factory.mktemp("keys"))
    return Minter(private), public.read_bytes()


def test_a_token_tells_who_calls(pair: tuple[Minter, Verifier]) -> None:
    minter, verifier = pair
    token = minter.mint(CALLER, "payments")
    assert verifier.verify(token) == CALLER
    assert verifier.verify(token) == CALLER, "the second time from memory"


def test_a_token_is_reused_and_then_made_anew(
    pair: tuple[Minter, Verifier], monkeypatch: pytest.MonkeyPatch
) -> None:
    minter, _ = pair
    now = 1_800_000_000.0
    monkeypatch.setattr(time, "time", lambda: now)
    first = minter.mint(CALLER, "payments")
    monkeypatch.setattr(time, "time", lambda: now + 29)
    assert minter.mint(CALLER, "payments") == first
    monkeypatch.setattr(time, "time", lambda: now + 31)
    assert minter.mint(CALLER, "payments") != first


def test_a_token_ends_even_when_it_was_seen_before(
    pair: tuple[Minter, Verifier], monkeypatch: pytest.MonkeyPatch
) -> None:
    minter, verifier = pair
    token = minter.mint(CALLER, "payments")
    verifier.verify(token)
    late = time.time() + TOKEN_LIFE_S + 10  # clocks of one installation differ by seconds
    monkeypatch.setattr(time, "time", lambda: late)
    monkeypatch.setattr("kit.auth.jwt.api_jwt.datetime", _Frozen(late))
    with pytest.raises(NotAuthenticated):
        verifier.verify(token)


@pytest.mark.parametrize(("over_s", "good"), [(-1, [CALLER]), (4, [CALLER]), (60, [])])
def test_a_token_outlives_its_end_by_a_few_seconds_and_never_by_a_minute(
    pair: tuple[Minter, Verifier],
    monkeypatch: pytest.MonkeyPatch,
    over_s: int,
    good: list[Caller],
) -> None:
    """Clocks of one platform differ by a second or two; a stolen token is worth its minute."""
    minter, verifier = pair
    now = 1_800_000_000.0  # where a token's life begins
    monkeypatch.setattr(time, "time", lambda: now)
    token = minter.mint(CALLER, "payments")
    late = now + TOKEN_LIFE_S + over_s
    monkeypatch.setattr(time, "time", lambda: late)
    monkeypatch.setattr("kit.auth.jwt.api_jwt.datetime", _Frozen(late))
    taken = []
    with suppress(NotAuthenticated):
        taken.append(verifier.verify(token))
    assert taken == good


class _Frozen:
    """datetime.now() of the token library, held at a moment."""

    def __init__(self, at: float) -> None:
        self._at = at

    def now(self, tz: object = None) -> "_Frozen":
        return self

    def timestamp(self) -> float:
        return self._at


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "Bearer x", "\x00", "é" * 1000])
def test_nonsense_is_nobody(pair: tuple[Minter, Verifier], token: str) -> None:
    with pytest.raises(NotAuthenticated):
        pair[1].verify(token)


def test_a_token_of_another_installation_is_nobody(
    pair: tuple[Minter, Verifier], tmp_path: Path
) -> None:
    private, _ = token_keys(tmp_path)
    with pytest.raises(NotAuthenticated):
        pair[1].verify(Minter(private).mint(CALLER, "payments"))


def test_a_token_opens_the_service_it_is_for_and_no_other(tmp_path: Path) -> None:
    private, public = token_keys(tmp_path)
    minter = Minter(private)
    doors = {name: Verifier(public.read_bytes(), name) for name in SERVICES}
    for meant in SERVICES:
        token = minter.tokens_of(CALLER)(meant)
        opened = []
        for name, door in doors.items():
            for _ in range(2):  # the second time from memory
                with suppress(NotAuthenticated):
                    opened.append((name, door.verify(token)))
        assert opened == [(meant, CALLER)] * 2


NAMES = st.text("abcdefghijklmnopqrstuvwxyz_/", max_size=12)


@given(meant=st.one_of(NAMES, st.sampled_from(SERVICES)), door=st.sampled_from(SERVICES))
@example(meant="payments", door="payments")
@example(meant="", door="payments")
@example(meant="payments/", door="payments")
@example(meant="Payments", door="payments")
@example(meant="meguri/payments", door="payments")
def test_no_other_name_passes_for_that_of_a_service(
    keys: tuple[Minter, bytes], meant: str, door: str
) -> None:
    minter, public = keys
    opened = []
    with suppress(NotAuthenticated):
        opened.append(Verifier(public, door).verify(minter.mint(CALLER, meant)))
    assert opened == ([CALLER] if meant == door else [])


@pytest.mark.parametrize(("audience", "opens"), [
    ("meguri/payments", True),
    (None, False), ("", False), ("meguri", False), ("payments", False), ("*", False),
    (["meguri/payments"], False), (["meguri/payments", "meguri/directory"], False),
    (["meguri/directory"], False), ([], False), ({"meguri/payments": 1}, False), (1, False),
])  # fmt: skip
def test_only_one_audience_and_ours_is_believed(
    tmp_path: Path, audience: object, *, opens: bool
) -> None:
    """However it was signed: a list would open several services."""
    private, public = token_keys(tmp_path)
    claims: dict[str, Any] = {
        "sub": "x", "area": "mine", "roles": ["admin"], "exp": int(time.time()) + 30,
    }  # fmt: skip
    if audience is not None:
        claims["aud"] = audience
    known = []
    with suppress(NotAuthenticated):
        token = jwt.encode(claims, private, algorithm="EdDSA")
        known.append(Verifier(public.read_bytes(), "payments").verify(token).principal)
    assert known == (["x"] if opens else [])


def test_a_changed_token_is_nobody(pair: tuple[Minter, Verifier]) -> None:
    header, payload, signature = pair[0].mint(CALLER, "payments").split(".")
    flipped = ("A" if payload[10] != "A" else "B").join((payload[:10], payload[11:]))
    with pytest.raises(NotAuthenticated):
        pair[1].verify(".".join((header, flipped, signature)))


def test_an_unsigned_token_is_nobody(pair: tuple[Minter, Verifier]) -> None:
    claims = {"sub": "x", "area": "mine", "roles": ["admin"], "exp": 2**31}
    claims["aud"] = "meguri/payments"
    with pytest.raises(NotAuthenticated):
        pair[1].verify(jwt.encode(claims, "", algorithm="none"))
