"""Users and their sessions."""

from datetime import datetime

from kit.db import Row, Transaction
from services.directory.domain.user import KeptSession, Role, Session, User


def _user(row: Row) -> User:
    return User(
        user_id=str(row["user_id"]),
        login_name=row["login_name"],
        display_name=row["display_name"],
        roles=tuple(Role(role) for role in row["roles"]),
        shop_place_ids=tuple(row["shop_place_ids"]),
        disabled=row["disabled"],
        version=row["version"],
        second_factor=row["factor_confirm_time"] is not None,
        password_until=row["password_until"],
    )


async def insert_user(tx: Transaction, user: User, password_hash: str) -> bool:
    """Inserts a user; returns False when the login name is taken."""
    written = await tx.execute(
        "insert into users (area, user_id, login_name, display_name, password_hash, roles,"
        " shop_place_ids, disabled, version, password_until)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " on conflict do nothing",
        (tx.area, user.user_id, user.login_name, user.display_name, password_hash,
         [int(role) for role in user.roles], list(user.shop_place_ids), user.disabled,
         user.version, user.password_until),
    )  # fmt: skip
    return written == 1


async def update_user(tx: Transaction, user: User, password_hash: str | None) -> None:
    """Writes a changed user; keeps the password hash where None."""
    await tx.execute(
        "update users set display_name = %s, roles = %s, shop_place_ids = %s, disabled = %s,"
        " version = %s, password_until = %s,"
        " password_hash = coalesce(%s, password_hash) where area = %s and user_id = %s",
        (user.display_name, [int(role) for role in user.roles], list(user.shop_place_ids),
         user.disabled, user.version, user.password_until, password_hash, tx.area, user.user_id),
    )  # fmt: skip


async def read_user_for_update(tx: Transaction, user_id: str) -> User | None:
    """Returns a user and locks it until the end of the transaction."""
    row = await tx.fetch_one(
        "select * from users where area = %s and user_id = %s for update", (tx.area, user_id)
    )
    return _user(row) if row else None


async def read_login(tx: Transaction, login_name: str) -> tuple[User, str] | None:
    """Returns a user and its password hash."""
    row = await tx.fetch_one(
        "select * from users where area = %s and login_name = %s", (tx.area, login_name)
    )
    return (_user(row), row["password_hash"]) if row else None


async def read_login_of(tx: Transaction, user_id: str) -> tuple[User, str] | None:
    """Returns a user by id, and its password hash."""
    row = await tx.fetch_one(
        "select * from users where area = %s and user_id = %s", (tx.area, user_id)
    )
    return (_user(row), row["password_hash"]) if row else None


async def list_users(tx: Transaction) -> list[User]:
    """Returns all users, by login name."""
    rows = await tx.fetch_all("select * from users where area = %s order by login_name", (tx.area,))
    return [_user(row) for row in rows]


async def insert_session(
    tx: Transaction, session_sha256: bytes, user_id: str, expire_time: datetime
) -> None:
    """Opens a session and clears away those that are over."""
    await tx.execute("delete from sessions where area = %s and expire_time < now()", (tx.area,))
    await tx.execute(
        "insert into sessions (area, session_sha256, user_id, expire_time) values (%s, %s, %s, %s)",
        (tx.area, session_sha256, user_id, expire_time),
    )


async def read_session(tx: Transaction, session_sha256: bytes) -> Session | None:
    """Returns the session with its user."""
    row = await tx.fetch_one(
        "select users.*, sessions.expire_time, use_time, users.factor_confirm_time is null"
        " and users.roles && areas.second_factor_roles as owes from sessions"
        " join users using (area, user_id) join areas using (area)"
        " where area = %s and session_sha256 = %s",
        (tx.area, session_sha256),
    )
    if row is None:
        return None
    return Session(_user(row), row["expire_time"], row["owes"], row["use_time"])


async def note_use(
    tx: Transaction, session_sha256: bytes, part: str, use_time: datetime | None
) -> None:
    """Notes where a session is used, and when, None where that does not count."""
    await tx.execute(
        "update sessions set part = %s, use_time = coalesce(%s, use_time)"
        " where area = %s and session_sha256 = %s",
        (part, use_time, tx.area, session_sha256),
    )


async def delete_session(tx: Transaction, session_sha256: bytes) -> None:
    """Ends one session; an unknown one is no error."""
    await tx.execute(
        "delete from sessions where area = %s and session_sha256 = %s", (tx.area, session_sha256)
    )


async def list_sessions_of(tx: Transaction, user_id: str) -> list[KeptSession]:
    """Returns the sessions of a user, the newest first."""
    rows = await tx.fetch_all(
        "select session_sha256, expire_time, use_time, part from sessions"
        " where area = %s and user_id = %s order by expire_time desc, session_sha256",
        (tx.area, user_id),
    )
    return [
        KeptSession(bytes(row["session_sha256"]), row["expire_time"], row["use_time"], row["part"])
        for row in rows
    ]


async def delete_other_sessions_of(tx: Transaction, user_id: str, kept_sha256: bytes) -> int:
    """Ends all sessions of a user but one; returns how many."""
    return await tx.execute(
        "delete from sessions where area = %s and user_id = %s and session_sha256 <> %s",
        (tx.area, user_id, kept_sha256),
    )


async def delete_session_of(tx: Transaction, user_id: str, session_sha256: bytes) -> int:
    """Ends one session of a user; returns how many that was."""
    return await tx.execute(
        "delete from sessions where area = %s and user_id = %s and session_sha256 = %s",
        (tx.area, user_id, session_sha256),
    )


async def delete_sessions_of(tx: Transaction, user_id: str) -> None:
    """Ends all sessions of a user."""
    await tx.execute("delete from sessions where area = %s and user_id = %s", (tx.area, user_id))
