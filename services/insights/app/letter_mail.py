"""Mailing letters: who gets them, and sending what waits.

At least once: a mail is noted as being sent, sent, and noted as sent. A process that dies between
the last two sends it once more ten minutes later, with the same Message-ID, by which mail programs
know it again. The other order would lose letters without anybody seeing it.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from kit.db import ALL_AREAS, Transaction
from kit.pure.errors import InvalidFields, Refusal, VersionConflict
from kit.requests import RequestKey, once
from services.insights.app.deps import Deps
from services.insights.domain.letter import Letter
from services.insights.domain.letter_mail import (
    MailSettings,
    MailState,
    checked,
    is_address,
    pause_after,
)
from services.insights.domain.letter_words import MailText, check_mail, letter_mail
from services.insights.gateways.mailer import MailNotSent
from services.insights.store import letter_mail as store
from services.insights.store import letters
from services.insights.store.letter_mail import Mail

SENDING = timedelta(minutes=10)  # after which whoever took a mail is taken for dead
TOO_OLD = timedelta(days=4)
LISTED = 20
KEPT = timedelta(days=90)  # that it stays known who was mailed what
MOST_TESTS = 10  # of an area that wait: nobody's inbox is to be filled from here

Send = Callable[[str, MailText, str], Awaitable[None]]


class MailNotConfigured(Refusal):
    """This installation has no mail server."""


class TooManyMails(Refusal):
    """Too many test mails wait."""


@dataclass(frozen=True)
class MailDesk:
    """Whom letters go to, and what became of the newest mails."""

    settings: MailSettings
    version: int
    mails: Sequence[Mail]


async def read(deps: Deps, area: str) -> MailDesk:
    """Returns the settings and the newest mails."""
    async with deps.db.read(area) as tx:
        settings, version = await store.read(tx)
        return MailDesk(settings, version, await store.newest(tx, LISTED))


async def save(
    deps: Deps, key: RequestKey, area: str, expected_version: int, given: MailSettings, *,
    configured: bool,
) -> int:  # fmt: skip
    """Keeps settings and returns their version. Equal ones change nothing, whatever version.

    Errors: InvalidFields, VersionConflict, MailNotConfigured.
    """
    settings = checked(given)
    if settings.on and not configured:
        raise MailNotConfigured("This installation has no mail server yet.")
    async with deps.db.transaction(area) as tx:

        async def keep() -> int:
            await letters.lock(tx)
            kept, version = await store.read(tx)
            if kept == settings:
                return version
            if version != expected_version:
                raise VersionConflict("Somebody else has changed this meanwhile. Look at it again.")
            await store.write(tx, settings, version + 1, deps.clock.now())
            await store.take_back(tx, settings.recipients if settings.on else ())
            return version + 1

        return await once(tx, key, int, keep)


async def test(deps: Deps, key: RequestKey, area: str, recipient: str, *, configured: bool) -> None:
    """Lets a test mail wait. Errors: InvalidFields, MailNotConfigured, TooManyMails."""
    if not configured:
        raise MailNotConfigured("This installation has no mail server yet.")
    async with deps.db.transaction(area) as tx:

        async def put() -> int:
            await letters.lock(tx)
            settings, _version = await store.read(tx)
            # Only to those that stand in the list: a login is no way to mail to strangers.
            if not is_address(recipient) or recipient not in settings.recipients:
                raise InvalidFields([("recipient", "save the address as a recipient first")])
            waiting = {MailState.WAITING, MailState.SENDING}
            some = await store.newest(tx, LISTED)
            if sum(one.state in waiting and not one.letter_number for one in some) >= MOST_TESTS:
                raise TooManyMails("Test mails are still on their way.")
            await store.put(tx, 0, [recipient], deps.clock.now())
            return 0

        await once(tx, key, int, put)


async def put(deps: Deps, tx: Transaction, letter: Letter) -> None:
    """Lets a letter wait for its recipients, in the transaction that writes it."""
    settings, _version = await store.read(tx)
    await store.forget(tx, deps.clock.now() - KEPT)
    if settings.on and letter.kind in settings.kinds:
        await store.put(tx, letter.number, settings.recipients, deps.clock.now())


async def send_due(deps: Deps, send: Send) -> int:
    """Sends the mails of all areas that are due; returns how many went."""
    async with deps.db.read(ALL_AREAS) as tx:
        known = await store.areas_with_due(tx, deps.clock.now())
    sent = 0
    for area in known:
        while (went := await _send_one(deps, send, area)) is not None:
            sent += went
    return sent


async def _send_one(deps: Deps, send: Send, area: str) -> bool | None:
    now = deps.clock.now()
    async with deps.db.transaction(area) as tx:
        mail = await store.claim(tx, now, now + SENDING)
        if mail is None:
            return None
        text = await _text(tx, mail)
    state, error, after = MailState.SENT, "", timedelta(0)
    if text is None or now - mail.at > TOO_OLD:
        state, error = MailState.FAILED, "too_old"
    else:
        try:
            await send(mail.recipient, text, mail.mail_id)
        except MailNotSent as problem:
            pause = None if problem.final else pause_after(mail.attempts)
            state = MailState.FAILED if pause is None else MailState.WAITING
            error, after = problem.reason, pause or timedelta(0)
    async with deps.db.transaction(area) as tx:
        await store.note(tx, mail.mail_id, state, deps.clock.now() + after, error)
    return state is MailState.SENT


async def _text(tx: Transaction, mail: Mail) -> MailText | None:
    settings, _version = await store.read(tx)
    if not mail.letter_number:
        return check_mail(settings.language, settings.page_url)
    found = await letters.read(tx, mail.letter_number)
    return letter_mail(found[0], settings.language, settings.page_url) if found else None
