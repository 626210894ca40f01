"""The second step of signing in, and which roles have to have one."""

from collections.abc import Sequence
from dataclasses import replace

from kit import log
from kit.ids import new_secret
from kit.pure.errors import NotFound
from kit.requests import RequestKey, once
from services.directory.app import codes
from services.directory.app.areas import configured
from services.directory.app.deps import Deps, hash_of
from services.directory.domain.attempts import code_brakes
from services.directory.domain.second_factor import check_rule
from services.directory.domain.user import (
    SESSION_LIFE,
    Role,
    Session,
    SessionOver,
    TooManyAttempts,
)
from services.directory.store import areas as areas_store
from services.directory.store import attempts
from services.directory.store import second_factor as store
from services.directory.store import users as users_store

_OVER = "This took too long. Type your password again."


async def finish_sign_in(
    deps: Deps, key: RequestKey, area: str, *, half_login_id: str, code: str, sender: bytes
) -> tuple[str, Session, bool]:
    """Opens the session of somebody whose password was right; returns its id, which is stored
    nowhere, what it is, and whether a code on paper was used up.

    Errors: SessionOver, TooManyAttempts, CodeWrong.
    """
    half_sha256, now = hash_of(half_login_id), deps.clock.now()
    async with deps.db.transaction(area) as tx:
        half = await store.read_half_login(tx, half_sha256)
        if half is None or half.expire_time <= now:
            raise SessionOver(_OVER)
        counted = code_brakes(deps.attempts_key, area, half.user_id, sender, half.browser)
        allowed = await attempts.take(tx, counted, now)
        factor = await store.read_factor(tx, half.user_id)
        kept = await store.list_recovery_codes(tx, half.user_id)
    if not allowed:
        log.security("code_refused", area=area, user_id=half.user_id, why="too_many_attempts")
        raise TooManyAttempts("Too many attempts. Wait ten minutes.")
    if factor is None or factor.confirm_time is None:
        raise SessionOver(_OVER)  # it was turned off or reset meanwhile
    right = await codes.check(deps, area, half.user_id, factor, kept, code)
    session_id, ends = new_secret(), now + SESSION_LIFE
    opened: list[Session] = []
    async with deps.db.transaction(area) as tx:

        async def open_session() -> None:
            user = await users_store.read_user_for_update(tx, half.user_id)
            if user is None or user.disabled or user.version != half.user_version:
                raise SessionOver(_OVER)
            if not await store.delete_half_login(tx, half_sha256):
                raise SessionOver(_OVER)
            await codes.use(deps, tx, half.user_id, right)
            await attempts.forgive(tx, counted, now)
            await users_store.insert_session(tx, hash_of(session_id), user.user_id, ends)
            opened.append(Session(user, ends))

        await once(tx, key, type(None), open_session)
    if not opened:
        raise SessionOver("This request was answered before. Sign in again.")
    on_paper = right.step is None
    if on_paper:
        left = sum(not used for _, _, used in kept) - 1
        log.security("recovery_code_used", area=area, user_id=half.user_id, left=left)
    log.security("signed_in", area=area, user_id=half.user_id, known_browser=bool(half.browser))
    return session_id, opened[0], on_paper


async def get_rule(deps: Deps, area: str) -> tuple[Role, ...]:
    """Returns which roles have to have a second factor."""
    async with deps.db.read(area) as tx:
        return await store.read_rule(tx)


async def set_rule(
    deps: Deps, key: RequestKey, area: str, roles: Sequence[Role]
) -> tuple[Role, ...]:
    """Says which roles have to have one. Errors: InvalidFields, NotFound."""
    check_rule(roles)
    wanted = tuple(sorted(set(roles)))
    fresh = False
    async with deps.db.transaction(area) as tx:

        async def write() -> list[int]:
            nonlocal fresh
            found = await areas_store.read_area(tx)
            if found is None:
                raise NotFound(f"There is no area {area}.")
            if wanted == await store.read_rule(tx):
                return [int(role) for role in wanted]
            fresh = True
            after = replace(found, version=found.version + 1)
            await store.write_rule(tx, wanted, after.version)
            await deps.outbox.add(tx, configured(deps, after))
            return [int(role) for role in wanted]

        kept = await once(tx, key, list[int], write)
    if fresh:
        log.security("second_factor_required", area=area, by=key.principal,
                     roles=[role.name.lower() for role in wanted])  # fmt: skip
    return tuple(Role(number) for number in kept)
