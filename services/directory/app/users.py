"""Users and sessions."""

from collections.abc import Sequence
from dataclasses import replace

from kit import log
from kit.db import Transaction
from kit.ids import new_id, new_password, new_secret
from kit.pure.errors import InvalidFields, NotFound, VersionConflict
from kit.requests import RequestKey, once
from services.directory.app.deps import Deps, as_id, hash_of
from services.directory.app.passwords import hash_password, is_easy, is_password
from services.directory.domain.attempts import brakes, browser_mark
from services.directory.domain.second_factor import HALF_LIFE, HalfLogin
from services.directory.domain.user import (
    SESSION_LIFE,
    FirstPasswordEnded,
    LoginNameTaken,
    PasswordTooEasy,
    Role,
    Session,
    SessionOver,
    SignedIn,
    SignInRefused,
    TooManyAttempts,
    User,
    UserChanged,
    check_shops,
    check_user,
    first_password_ends,
    name_and_password_faults,
)
from services.directory.store import attempts, places, second_factor
from services.directory.store import users as store


async def create_user(
    deps: Deps,
    key: RequestKey,
    area: str,
    *,
    login_name: str,
    display_name: str,
    password: str,
    roles: Sequence[Role],
    shop_place_ids: Sequence[str],
) -> tuple[User, str]:
    """Creates a login; returns it with the password that was made, "" on a repeat or where given.

    Errors: InvalidFields, LoginNameTaken, PasswordTooEasy.
    """
    check_user(login_name, display_name, password, roles)
    await _check_not_easy(password, (login_name, display_name, area))
    made = "" if password else new_password()
    password_hash = await hash_password(password or made)
    fresh = False
    async with deps.db.transaction(area) as tx:

        async def create() -> User:
            nonlocal fresh
            fresh = True
            check_shops(shop_place_ids, (await places.read_parents(tx)).keys())
            user = User(
                user_id=new_id(),
                login_name=login_name,
                display_name=display_name or login_name,
                roles=tuple(sorted(set(roles))),
                shop_place_ids=tuple(sorted(set(shop_place_ids))),
                disabled=False,
                version=1,
                password_until=first_password_ends(roles, deps.clock.now()),
            )
            if not await store.insert_user(tx, user, password_hash):
                raise LoginNameTaken(f"There is a user {login_name} already.")
            await deps.outbox.add(tx, changed(deps, area, user))
            return user

        user = await once(tx, key, User, create)
    if fresh:
        log.security("user_created", area=area, user_id=user.user_id, by=key.principal,
                     roles=[role.name.lower() for role in user.roles])  # fmt: skip
    return user, made if fresh else ""


async def _check_not_easy(password: str, words: Sequence[str]) -> None:
    if password and await is_easy(password, words):
        raise PasswordTooEasy("This password is easy to guess.")


def changed(deps: Deps, area: str, user: User) -> UserChanged:
    """Returns what is said of a user that was made or changed."""
    return UserChanged(
        area=area, aggregate_id=user.user_id, version=user.version, occur_time=deps.clock.now(),
        user=user,
    )  # fmt: skip


async def change_user(
    deps: Deps,
    key: RequestKey,
    area: str,
    *,
    user_id: str,
    version: int,
    display_name: str,
    roles: Sequence[Role],
    password: str,
    make_password: bool,
    disabled: bool,
    shop_place_ids: Sequence[str] | None,
) -> tuple[User, str]:
    """Changes a user and ends its sessions; returns it with the password that was made.

    shop_place_ids: None to keep those of before.
    The password is "" on a repeat or where none was to be made.
    Errors: InvalidFields, NotFound, VersionConflict, PasswordTooEasy.
    """
    user_id = as_id("user_id", user_id)
    bad = name_and_password_faults(display_name, password)
    if Role.VISITOR in roles:
        bad.append(("roles", "give roles of staff"))
    if bad:
        raise InvalidFields(bad)
    if password:
        async with deps.db.read(area) as tx:
            known = await store.read_login_of(tx, user_id)
        if known is None:
            raise NotFound("There is no such user.")
        names = (known[0].login_name, display_name or known[0].display_name)
        await _check_not_easy(password, (*names, area))
    made = new_password() if make_password else ""
    password_hash = await hash_password(made or password) if made or password else None
    fresh = False
    async with deps.db.transaction(area) as tx:

        async def change() -> User:
            nonlocal fresh
            fresh = True
            before = await store.read_user_for_update(tx, user_id)
            if before is None:
                raise NotFound("There is no such user.")
            if before.version != version:
                raise VersionConflict("Somebody changed this user meanwhile. Look again.")
            if shop_place_ids is not None:
                check_shops(shop_place_ids, (await places.read_parents(tx)).keys())
                before = replace(before, shop_place_ids=tuple(sorted(set(shop_place_ids))))
            now_roles = tuple(sorted(set(roles))) or before.roles
            after = replace(
                before,
                display_name=display_name or before.display_name,
                roles=now_roles,
                disabled=disabled,
                version=before.version + 1,
                password_until=first_password_ends(now_roles, deps.clock.now())
                if password_hash
                else before.password_until,
            )
            await store.update_user(tx, after, password_hash)
            await store.delete_sessions_of(tx, user_id)
            await deps.outbox.add(tx, changed(deps, area, after))
            return after

        user = await once(tx, key, User, change)
    if fresh:
        log.security("user_changed", area=area, user_id=user.user_id, by=key.principal,
                     roles=[role.name.lower() for role in user.roles], disabled=user.disabled,
                     new_password=password_hash is not None)  # fmt: skip
    return user, made if fresh else ""


async def say_changed(
    deps: Deps, tx: Transaction, user: User, password_hash: str | None = None
) -> User:
    """Counts a login up, writes it and tells of it: whoever keeps sessions for a moment asks anew.

    password_hash: None to keep that of before.
    """
    after = replace(user, version=user.version + 1)
    await store.update_user(tx, after, password_hash)
    await deps.outbox.add(tx, changed(deps, tx.area, after))
    return after


async def list_users(deps: Deps, area: str) -> list[User]:
    """Returns all users of the area."""
    async with deps.db.read(area) as tx:
        return await store.list_users(tx)


async def sign_in(
    deps: Deps,
    key: RequestKey,
    area: str,
    *,
    login_name: str,
    password: str,
    sender: bytes,
    known_browser: bytes,
) -> SignedIn:
    """Opens a session; where the user has a second factor only half of one, for five minutes.

    sender: names the network; known_browser: names one this login name was signed in from before.
    Errors: TooManyAttempts, SignInRefused; SessionOver for a repeat, whose id nobody knows now.
    """
    login_name = login_name.strip().lower()[:40]
    now = deps.clock.now()
    counted = brakes(deps.attempts_key, area, login_name, sender, known_browser)
    async with deps.db.transaction(area) as tx:
        allowed = await attempts.take(tx, counted, now)
        known = await store.read_login(tx, login_name)
    whom = known[0].user_id if known else "unknown"  # never what was typed: it may be a password
    if not allowed:
        log.security("sign_in_refused", area=area, user_id=whom, why="too_many_attempts")
        raise TooManyAttempts(
            "Too many attempts. Wait, or use a browser you signed in with before."
        )
    right = await is_password(known[1] if known else None, password)
    if known is None or not right or known[0].disabled:
        why = "disabled" if known and right else "wrong"
        log.security("sign_in_refused", area=area, user_id=whom, why=why)
        raise SignInRefused("Login name or password is wrong.")
    if known[0].password_until is not None and known[0].password_until <= now:
        log.security("sign_in_refused", area=area, user_id=whom, why="first_password_ended")
        raise FirstPasswordEnded("This first password has ended. Ask for a new one.")
    made: list[SignedIn] = []
    async with deps.db.transaction(area) as tx:

        async def open_it() -> None:
            user = await store.read_user_for_update(tx, known[0].user_id)
            if user is None or user.version != known[0].version:
                raise SignInRefused("This login was changed just now. Sign in again.")
            await attempts.forgive(tx, counted, now)
            made.append(await _open(deps, tx, user, known_browser))

        await once(tx, key, type(None), open_it)
    if not made:
        raise SessionOver("This request was answered before. Sign in again.")
    if made[0].session_id:
        log.security("signed_in", area=area, user_id=whom, known_browser=bool(known_browser))
    else:
        log.security("code_asked", area=area, user_id=whom, known_browser=bool(known_browser))
    return made[0]


async def _open(deps: Deps, tx: Transaction, user: User, known_browser: bytes) -> SignedIn:
    """Keeps a session, or half of a login where a code is to be given."""
    secret, now = new_secret(), deps.clock.now()
    if user.second_factor:
        half = HalfLogin(
            user.user_id, user.version, browser_mark(deps.attempts_key, tx.area, known_browser),
            now + HALF_LIFE,
        )  # fmt: skip
        await second_factor.insert_half_login(tx, hash_of(secret), half, now)
        return SignedIn("", secret, Session(user, half.expire_time))
    rule = await second_factor.read_rule(tx)
    session = Session(user, now + SESSION_LIFE, not set(rule).isdisjoint(user.roles))
    await store.insert_session(tx, hash_of(secret), user.user_id, session.expire_time)
    return SignedIn(secret, "", session)


async def read_session(deps: Deps, area: str, session_id: str) -> Session:
    """Returns who is signed in. Errors: SessionOver."""
    async with deps.db.read(area) as tx:
        session = await store.read_session(tx, hash_of(session_id))
    if session is None or session.user.disabled or session.expire_time <= deps.clock.now():
        raise SessionOver("You are not signed in any more. Sign in again.")
    return session


async def sign_out(deps: Deps, key: RequestKey, area: str, session_id: str) -> None:
    """Ends a session; an unknown one is no error."""
    user_id = "unknown"
    async with deps.db.transaction(area) as tx:

        async def close() -> None:
            nonlocal user_id
            open_one = await store.read_session(tx, hash_of(session_id))
            user_id = open_one.user.user_id if open_one else user_id
            await store.delete_session(tx, hash_of(session_id))

        await once(tx, key, type(None), close)
    log.security("signed_out", area=area, user_id=user_id)
