"""What people do with their second factor: begin, confirm, new codes on paper, turn off; and what
an admin does for somebody who lost the phone."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from kit import log
from kit.db import Transaction
from kit.ids import new_recovery_code
from kit.pure.errors import NotFound, VersionConflict
from kit.requests import RequestKey, once
from services.directory.app import codes
from services.directory.app.deps import Deps, as_id, hash_of
from services.directory.app.passwords import hash_password, is_password
from services.directory.app.users import say_changed
from services.directory.domain.attempts import Brake, brakes, code_brakes
from services.directory.domain.second_factor import (
    RECOVERY_CODES,
    Factor,
    OwnSecondFactor,
    SecondFactorOff,
    SecondFactorOn,
    as_typed,
    new_secret,
    seal,
    unseal,
)
from services.directory.domain.user import PasswordWrong, SessionOver, TooManyAttempts, User
from services.directory.store import attempts
from services.directory.store import second_factor as store
from services.directory.store import users as users_store

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Own:
    """The caller of a change. session_id: the one that asks."""

    user_id: str
    session_id: str

    @property
    def session_sha256(self) -> bytes:
        """What is kept of the session."""
        return hash_of(self.session_id)


@dataclass(frozen=True)
class State:
    """begin_time: since when a code is asked for, None where none is."""

    begin_time: datetime | None
    codes_left: int
    required: bool


@dataclass(frozen=True)
class _Known:
    """What is known before a change is made. counted, taken: the attempt and its moment."""

    user: User
    factor: Factor | None
    codes: codes.Kept
    counted: tuple[Brake, ...]
    taken: datetime


async def get(deps: Deps, area: str, user_id: str) -> State:
    """Returns whether somebody has a second factor. Errors: NotFound."""
    async with deps.db.read(area) as tx:
        known = await users_store.read_login_of(tx, user_id)
        factor = await store.read_factor(tx, user_id)
        kept = await store.list_recovery_codes(tx, user_id)
        rule = await store.read_rule(tx)
    if known is None:
        raise NotFound("There is no such user.")
    return State(
        begin_time=factor.confirm_time if factor else None,
        codes_left=sum(not used for _, _, used in kept),
        required=not set(rule).isdisjoint(known[0].roles),
    )


async def begin(deps: Deps, key: RequestKey, area: str, own: Own, *, password: str) -> str:
    """Makes a secret for an app and returns it; a repeat returns the same.

    Errors: NotFound, TooManyAttempts, PasswordWrong, SecondFactorOn, SessionOver.
    """
    known = await _known(deps, area, own, password=password)
    async with deps.db.transaction(area) as tx:

        async def make() -> None:
            await _mine(tx, own, known.user.version)
            factor = await store.read_factor(tx, own.user_id)
            if factor is not None and factor.confirm_time is not None:
                raise SecondFactorOn("There is a second factor. Turn it off first.")
            sealed = seal(deps.factor_key, area, own.user_id, new_secret())
            await store.begin_factor(tx, own.user_id, sealed, deps.clock.now())
            await attempts.forgive(tx, known.counted, known.taken)

        await once(tx, key, type(None), make)
        begun = await store.read_factor(tx, own.user_id)
    if begun is None or begun.confirm_time is not None:
        raise SecondFactorOn("There is a second factor. Turn it off first.")
    return unseal(deps.factor_key, area, own.user_id, begun.sealed) or ""


async def confirm(deps: Deps, key: RequestKey, area: str, own: Own, *, code: str) -> list[str]:
    """Turns on what was begun and ends other sessions; returns codes for paper, none on a repeat.

    Errors: NotFound, TooManyAttempts, CodeWrong, SecondFactorOff, SessionOver.
    """
    known = await _known(deps, area, own)
    right = await codes.check(deps, area, own.user_id, known.factor, (), code) \
        if known.factor else None  # fmt: skip
    made, hashes = await _new_codes()
    ended = 0

    async def turn_on(tx: Transaction, before: User) -> None:
        nonlocal ended
        factor, now = await store.read_factor(tx, own.user_id), deps.clock.now()
        if right is None or factor is None or not factor.is_begun(now):
            raise SecondFactorOff("This took too long. Begin anew.")
        await codes.use(deps, tx, own.user_id, right)
        await store.confirm_factor(tx, own.user_id, now)
        await store.write_recovery_codes(tx, own.user_id, hashes)
        ended = await users_store.delete_other_sessions_of(tx, own.user_id, own.session_sha256)
        await say_changed(deps, tx, replace(before, second_factor=True))

    if not await _once(deps, key, area, own, known, turn_on):
        return []
    log.security("second_factor_on", area=area, user_id=own.user_id, ended_sessions=ended)
    return made


async def renew_codes(
    deps: Deps, key: RequestKey, area: str, own: Own, *, password: str, code: str
) -> list[str]:
    """Makes new codes for paper, those of before end; returns them, none on a repeat.

    Errors: NotFound, TooManyAttempts, PasswordWrong, CodeWrong, SecondFactorOff, SessionOver.
    """
    known = await _known(deps, area, own, password=password)
    right = await _right(deps, area, own, known, code)
    made, hashes = await _new_codes()

    async def renew(tx: Transaction, _before: User) -> None:
        await _use(deps, tx, own, right)
        await store.write_recovery_codes(tx, own.user_id, hashes)

    if not await _once(deps, key, area, own, known, renew):
        return []
    log.security("recovery_codes_renewed", area=area, user_id=own.user_id)
    return made


async def end(
    deps: Deps, key: RequestKey, area: str, own: Own, *, password: str, code: str
) -> None:
    """Turns a second factor off.

    Errors: NotFound, TooManyAttempts, PasswordWrong, CodeWrong, SecondFactorOff, SessionOver.
    """
    known = await _known(deps, area, own, password=password)
    right = await _right(deps, area, own, known, code)

    async def turn_off(tx: Transaction, before: User) -> None:
        await _use(deps, tx, own, right)
        await store.clear_factor(tx, own.user_id)
        await say_changed(deps, tx, replace(before, second_factor=False))

    if await _once(deps, key, area, own, known, turn_off):
        log.security("second_factor_off", area=area, user_id=own.user_id)


async def reset(deps: Deps, key: RequestKey, area: str, *, user_id: str, version: int) -> User:
    """Takes the second factor of somebody who lost the phone, and ends that person's sessions.

    Errors: InvalidFields, NotFound, VersionConflict, OwnSecondFactor.
    """
    user_id = as_id("user_id", user_id)
    if user_id == key.principal:
        raise OwnSecondFactor("Turn your own off by password and code.")
    fresh = False
    async with deps.db.transaction(area) as tx:

        async def take() -> User:
            nonlocal fresh
            fresh = True
            before = await users_store.read_user_for_update(tx, user_id)
            if before is None:
                raise NotFound("There is no such user.")
            if before.version != version:
                raise VersionConflict("Somebody changed this user meanwhile. Look again.")
            await store.clear_factor(tx, user_id)
            await users_store.delete_sessions_of(tx, user_id)
            return await say_changed(deps, tx, replace(before, second_factor=False))

        user = await once(tx, key, User, take)
    if fresh:
        log.security("second_factor_reset", area=area, user_id=user_id, by=key.principal)
    return user


async def _known(deps: Deps, area: str, own: Own, *, password: str | None = None) -> _Known:
    """Counts an attempt and checks the password, where one is asked for.

    Errors: NotFound, TooManyAttempts, PasswordWrong.
    """
    now = deps.clock.now()
    async with deps.db.transaction(area) as tx:
        login = await users_store.read_login_of(tx, own.user_id)
        if login is None:
            raise NotFound("There is no such user.")
        counted = code_brakes(deps.attempts_key, area, own.user_id, b"", own.session_sha256)
        if password is not None:  # shared with the form of another password: no second set of tries
            counted += brakes(deps.attempts_key, area, login[0].login_name, b"", own.session_sha256)
        allowed = await attempts.take(tx, counted, now)
        factor = await store.read_factor(tx, own.user_id)
        kept = await store.list_recovery_codes(tx, own.user_id)
    if not allowed:
        log.security("code_refused", area=area, user_id=own.user_id, why="too_many_attempts")
        raise TooManyAttempts("Too many attempts. Wait ten minutes.")
    if password is not None and not await is_password(login[1], password):
        log.security("code_refused", area=area, user_id=own.user_id, why="wrong_password")
        raise PasswordWrong("The password is wrong.")
    return _Known(login[0], factor, kept, counted, now)


async def _right(deps: Deps, area: str, own: Own, known: _Known, code: str) -> codes.Right | None:
    if known.factor is None or known.factor.confirm_time is None:
        return None  # only whoever repeats a request gets an answer now
    return await codes.check(deps, area, own.user_id, known.factor, known.codes, code)


async def _use(deps: Deps, tx: Transaction, own: Own, right: codes.Right | None) -> None:
    if right is None:
        raise SecondFactorOff("There is no second factor.")
    await codes.use(deps, tx, own.user_id, right)


async def _once(
    deps: Deps,
    key: RequestKey,
    area: str,
    own: Own,
    known: _Known,
    change: Callable[[Transaction, User], Awaitable[None]],
) -> bool:
    """Makes a change of the caller's login in one transaction; returns False for a repeat.

    Errors: SessionOver; what the change raises.
    """
    fresh = False
    async with deps.db.transaction(area) as tx:

        async def act() -> None:
            nonlocal fresh
            fresh = True
            before = await _mine(tx, own, known.user.version)
            await change(tx, before)
            await attempts.forgive(tx, known.counted, known.taken)

        await once(tx, key, type(None), act)
    return fresh


async def _mine(tx: Transaction, own: Own, version: int) -> User:
    """Locks and returns the caller. Errors: SessionOver; VersionConflict for a changed login."""
    before = await users_store.read_user_for_update(tx, own.user_id)
    mine = await users_store.read_session(tx, own.session_sha256)
    if before is None or mine is None or mine.user.user_id != own.user_id:
        raise SessionOver("You are not signed in any more. Sign in again.")
    if before.version != version:
        raise VersionConflict("This login was changed meanwhile. Open the page again.")
    return before


async def _new_codes() -> tuple[list[str], Sequence[str]]:
    made = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    return made, await asyncio.gather(*(hash_password(as_typed(code)) for code in made))
