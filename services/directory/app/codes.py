"""A code that somebody gives: whether it is right, and that it is used once."""

from collections.abc import Sequence
from dataclasses import dataclass

from kit import log
from kit.db import Transaction
from services.directory.app.deps import Deps
from services.directory.app.passwords import which_hash
from services.directory.domain.second_factor import (
    CodeWrong,
    Factor,
    as_typed,
    is_of_app,
    step_of,
    unseal,
)
from services.directory.store import second_factor as store

WRONG = "The code is wrong, or was used already. Wait for the next one."
Kept = Sequence[tuple[int, str, bool]]


@dataclass(frozen=True)
class Right:
    """A code that is right, and perhaps was used. step: of the app's; else number and hash of the
    one on paper."""

    step: int | None
    number: int = 0
    code_hash: str = ""


async def check(
    deps: Deps, area: str, user_id: str, factor: Factor, codes: Kept, text: str
) -> Right:
    """Returns what a code is good for. codes: those on paper, none where the app's is wanted.

    That none is used twice is for use(), in the transaction of what it opens. Errors: CodeWrong.
    """
    typed = as_typed(text)
    if is_of_app(typed):
        secret = unseal(deps.factor_key, area, user_id, factor.sealed)
        if secret is None:
            # Sealed under a key that is gone: paper or an admin helps, and somebody should know.
            log.security("code_refused", area=area, user_id=user_id, why="unreadable_secret")
            raise CodeWrong(WRONG)
        step = step_of(secret, typed, deps.clock.now())
        if step is not None:
            return Right(step)
    elif typed:
        place = await which_hash([code_hash for _, code_hash, _ in codes], typed)
        if place is not None:
            number, code_hash, _ = codes[place]
            return Right(None, number, code_hash)
    log.security("code_refused", area=area, user_id=user_id, why="wrong")
    raise CodeWrong(WRONG)


async def use(deps: Deps, tx: Transaction, user_id: str, right: Right) -> None:
    """Uses a code up, once. Errors: CodeWrong when it was used."""
    if right.step is not None:
        fresh = await store.use_step(tx, user_id, right.step)
    else:
        fresh = await store.use_recovery_code(
            tx, user_id, right.number, right.code_hash, deps.clock.now()
        )
    if not fresh:
        log.security("code_refused", area=tx.area, user_id=user_id, why="used_before")
        raise CodeWrong(WRONG)
