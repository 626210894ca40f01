"""What people change of their own login: the password, and where else they are signed in."""

from dataclasses import dataclass, replace
from datetime import datetime

from kit import log
from kit.pure.errors import NotFound
from kit.requests import RequestKey, answered, once
from services.directory.app.deps import Deps, hash_of
from services.directory.app.passwords import hash_password, is_easy, is_password
from services.directory.app.users import say_changed
from services.directory.domain.attempts import brakes
from services.directory.domain.user import (
    SESSION_LIFE,
    KeptSession,
    PasswordTooEasy,
    PasswordWrong,
    SessionOver,
    TooManyAttempts,
    check_new_password,
    check_part,
)
from services.directory.store import attempts
from services.directory.store import users as store


@dataclass(frozen=True)
class OwnSession:
    """Where somebody is signed in. asking: the session that wanted to know."""

    begin_time: datetime
    kept: KeptSession
    asking: bool


async def change_own_password(
    deps: Deps, key: RequestKey, area: str, *, user_id: str, session_id: str, current: str, new: str
) -> int:
    """Gives somebody another password; returns how many other sessions ended.

    A session that somebody found open cannot try passwords: it is counted as a browser is.
    Errors: InvalidFields, NotFound, TooManyAttempts, PasswordWrong, PasswordTooEasy, SessionOver.
    """
    check_new_password(new)
    own, now = hash_of(session_id), deps.clock.now()
    async with deps.db.transaction(area) as tx:
        before_now = await answered(tx, key, int)
        if before_now is not None:  # the password of before is another one by now
            return before_now
        known = await store.read_login_of(tx, user_id)
        if known is None:
            raise NotFound("There is no such user.")
        counted = brakes(deps.attempts_key, area, known[0].login_name, b"", own)
        allowed = await attempts.take(tx, counted, now)
    user, password_hash = known
    if not allowed:
        log.security("password_not_changed", area=area, user_id=user_id, why="too_many_attempts")
        raise TooManyAttempts("Too many attempts. Wait ten minutes.")
    if not await is_password(password_hash, current):
        log.security("password_not_changed", area=area, user_id=user_id, why="wrong")
        raise PasswordWrong("The password of before is wrong.")
    if await is_easy(new, (user.login_name, user.display_name, area)) or new == current:
        raise PasswordTooEasy("This password is easy to guess, or the one of before.")
    new_hash = await hash_password(new)
    async with deps.db.transaction(area) as tx:

        async def change() -> int:
            before = await store.read_user_for_update(tx, user_id)
            mine = await store.read_session(tx, own)
            if before is None or mine is None or mine.user.user_id != user_id:
                raise SessionOver("You are not signed in any more. Sign in again.")
            if before.version != user.version:  # meanwhile it has another one
                raise PasswordWrong("The password of before is wrong.")
            await attempts.forgive(tx, counted, now)
            await say_changed(deps, tx, replace(before, password_until=None), new_hash)
            return await store.delete_other_sessions_of(tx, user_id, own)

        ended = await once(tx, key, int, change)
    log.security("password_changed", area=area, user_id=user_id, ended_sessions=ended)
    return ended


async def list_own_sessions(
    deps: Deps, area: str, *, user_id: str, session_id: str
) -> list[OwnSession]:
    """Returns where somebody is signed in, the newest first."""
    own, now = hash_of(session_id), deps.clock.now()
    async with deps.db.read(area) as tx:
        found = await store.list_sessions_of(tx, user_id)
    return [
        OwnSession(each.expire_time - SESSION_LIFE, each, each.sha256 == own)
        for each in found
        if each.expire_time > now
    ]


async def note_use(
    deps: Deps, key: RequestKey, area: str, *, session_id: str, part: str, counts: bool
) -> None:
    """Notes where a session is used, and that it is. Errors: InvalidFields."""
    check_part(part)
    async with deps.db.transaction(area) as tx:

        async def note() -> None:
            await store.note_use(
                tx, hash_of(session_id), part, deps.clock.now() if counts else None
            )

        await once(tx, key, type(None), note)


async def end_own_sessions(
    deps: Deps, key: RequestKey, area: str, *, user_id: str, session_id: str, password: str,
    handle: str,
) -> int:  # fmt: skip
    """Ends one session of somebody, or all but the one that asks; returns how many.

    Errors: NotFound, TooManyAttempts, PasswordWrong, SessionOver.
    """
    own, now = hash_of(session_id), deps.clock.now()
    async with deps.db.transaction(area) as tx:
        before_now = await answered(tx, key, int)
        if before_now is not None:
            return before_now
        known = await store.read_login_of(tx, user_id)
        if known is None:
            raise NotFound("There is no such user.")
        counted = brakes(deps.attempts_key, area, known[0].login_name, b"", own)
        allowed = await attempts.take(tx, counted, now)
    if not allowed:
        log.security("sessions_not_ended", area=area, user_id=user_id, why="too_many_attempts")
        raise TooManyAttempts("Too many attempts. Wait ten minutes.")
    if not await is_password(known[1], password):
        log.security("sessions_not_ended", area=area, user_id=user_id, why="wrong")
        raise PasswordWrong("The password is wrong.")
    async with deps.db.transaction(area) as tx:

        async def end() -> int:
            before = await store.read_user_for_update(tx, user_id)
            kept = await store.list_sessions_of(tx, user_id)
            if before is None or own not in {each.sha256 for each in kept}:
                raise SessionOver("You are not signed in any more. Sign in again.")
            await attempts.forgive(tx, counted, now)
            await say_changed(deps, tx, before)
            if not handle:
                return await store.delete_other_sessions_of(tx, user_id, own)
            meant = [each.sha256 for each in kept if each.handle == handle and each.sha256 != own]
            return sum([await store.delete_session_of(tx, user_id, each) for each in meant])

        ended = await once(tx, key, int, end)
    log.security("sessions_ended", area=area, user_id=user_id, ended_sessions=ended)
    return ended


async def end_other_sessions(
    deps: Deps, key: RequestKey, area: str, *, user_id: str, session_id: str
) -> int:
    """Ends all sessions of somebody but the one that asks; returns how many."""
    fresh = False
    async with deps.db.transaction(area) as tx:

        async def end() -> int:
            nonlocal fresh
            fresh = True
            before = await store.read_user_for_update(tx, user_id)
            if before is None:
                raise NotFound("There is no such user.")
            ended = await store.delete_other_sessions_of(tx, user_id, hash_of(session_id))
            await say_changed(deps, tx, before)
            return ended

        ended = await once(tx, key, int, end)
    if fresh:
        log.security("sessions_ended", area=area, user_id=user_id, ended_sessions=ended)
    return ended
