"""Second factors, recovery codes, logins that are half done, and which roles need a factor."""

from collections.abc import Sequence
from datetime import datetime

from kit.db import Transaction
from services.directory.domain.second_factor import Factor, HalfLogin
from services.directory.domain.user import Role


async def read_factor(tx: Transaction, user_id: str) -> Factor | None:
    """Returns what somebody has, also what was only begun; None for nothing."""
    row = await tx.fetch_one(
        "select factor_sealed, factor_begin_time, factor_confirm_time, factor_last_step"
        " from users where area = %s and user_id = %s and factor_sealed is not null",
        (tx.area, user_id),
    )
    if row is None:
        return None
    return Factor(
        bytes(row["factor_sealed"]), row["factor_begin_time"], row["factor_confirm_time"],
        row["factor_last_step"],
    )  # fmt: skip


async def begin_factor(tx: Transaction, user_id: str, sealed: bytes, now: datetime) -> None:
    """Keeps a secret that is not confirmed yet."""
    await tx.execute(
        "update users set factor_sealed = %s, factor_begin_time = %s, factor_confirm_time = null,"
        " factor_last_step = 0 where area = %s and user_id = %s",
        (sealed, now, tx.area, user_id),
    )


async def confirm_factor(tx: Transaction, user_id: str, now: datetime) -> None:
    """Has a code be asked for from now on."""
    await tx.execute(
        "update users set factor_confirm_time = %s where area = %s and user_id = %s",
        (now, tx.area, user_id),
    )


async def clear_factor(tx: Transaction, user_id: str) -> None:
    """Takes secret and recovery codes."""
    await tx.execute(
        "update users set factor_sealed = null, factor_begin_time = null,"
        " factor_confirm_time = null, factor_last_step = 0 where area = %s and user_id = %s",
        (tx.area, user_id),
    )
    await write_recovery_codes(tx, user_id, ())


async def use_step(tx: Transaction, user_id: str, step: int) -> bool:
    """Notes the step of a code as used; returns False where it, or a newer one, was."""
    used = await tx.execute(
        "update users set factor_last_step = %s"
        " where area = %s and user_id = %s and factor_last_step < %s",
        (step, tx.area, user_id, step),
    )
    return used == 1


async def write_recovery_codes(tx: Transaction, user_id: str, hashes: Sequence[str]) -> None:
    """Replaces the recovery codes of somebody."""
    await tx.execute(
        "delete from recovery_codes where area = %s and user_id = %s", (tx.area, user_id)
    )
    for number, code_hash in enumerate(hashes):
        await tx.execute(
            "insert into recovery_codes (area, user_id, number, code_hash) values (%s, %s, %s, %s)",
            (tx.area, user_id, number, code_hash),
        )


async def list_recovery_codes(tx: Transaction, user_id: str) -> list[tuple[int, str, bool]]:
    """Returns number, hash and whether it was used, of all codes of somebody."""
    rows = await tx.fetch_all(
        "select number, code_hash, use_time is not null as used from recovery_codes"
        " where area = %s and user_id = %s order by number",
        (tx.area, user_id),
    )
    return [(row["number"], row["code_hash"], row["used"]) for row in rows]


async def use_recovery_code(
    tx: Transaction, user_id: str, number: int, code_hash: str, now: datetime
) -> bool:
    """Uses a code up; returns False where it was used, or is one of others since."""
    used = await tx.execute(
        "update recovery_codes set use_time = %s where area = %s and user_id = %s"
        " and number = %s and code_hash = %s and use_time is null",
        (now, tx.area, user_id, number, code_hash),
    )
    return used == 1


async def insert_half_login(
    tx: Transaction, half_sha256: bytes, half: HalfLogin, now: datetime
) -> None:
    """Keeps half of a login and clears away those that are over."""
    await tx.execute(
        "delete from half_logins where area = %s and expire_time <= %s", (tx.area, now)
    )
    await tx.execute(
        "insert into half_logins"
        " (area, half_sha256, user_id, user_version, browser, expire_time)"
        " values (%s, %s, %s, %s, %s, %s)",
        (tx.area, half_sha256, half.user_id, half.user_version, half.browser, half.expire_time),
    )


async def read_half_login(tx: Transaction, half_sha256: bytes) -> HalfLogin | None:
    """Returns half of a login, also one that is over."""
    row = await tx.fetch_one(
        "select * from half_logins where area = %s and half_sha256 = %s", (tx.area, half_sha256)
    )
    if row is None:
        return None
    return HalfLogin(
        str(row["user_id"]), row["user_version"], bytes(row["browser"]), row["expire_time"]
    )


async def delete_half_login(tx: Transaction, half_sha256: bytes) -> bool:
    """Ends half of a login; returns False where somebody else did."""
    gone = await tx.execute(
        "delete from half_logins where area = %s and half_sha256 = %s", (tx.area, half_sha256)
    )
    return gone == 1


async def read_rule(tx: Transaction) -> tuple[Role, ...]:
    """Returns which roles have to have a second factor."""
    row = await tx.fetch_one("select second_factor_roles from areas where area = %s", (tx.area,))
    return tuple(Role(role) for role in row["second_factor_roles"]) if row else ()


async def write_rule(tx: Transaction, roles: Sequence[Role], version: int) -> None:
    """Writes which roles have to have a second factor. version: of the area from now on."""
    await tx.execute(
        "update areas set second_factor_roles = %s, version = %s where area = %s",
        ([int(role) for role in roles], version, tx.area),
    )
