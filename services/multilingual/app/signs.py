"""Signs: how they stand, printing them, hanging them up."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from kit.db import Transaction
from kit.ids import is_id, new_id
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps, find_stop
from services.multilingual.domain import sign
from services.multilingual.domain import stop_code as codes
from services.multilingual.domain.guide import Guide, Stop
from services.multilingual.domain.label import NoPublicAddress
from services.multilingual.domain.sign import Print, Sheet, SignOnTrial, SignUnknown, Standing
from services.multilingual.store import guide as guide_store
from services.multilingual.store import signs as store

PIECE_BYTES = 3_000_000


@dataclass(frozen=True)
class Row:
    """How the sheet of a stop stands. unread: locales whose name nobody has read."""

    stop: Stop
    front: sign.Front
    standing: Standing
    unread: tuple[str, ...]


@dataclass(frozen=True)
class Printed:
    """Outcome of a printing. trial: its sheets say that they are not for hanging."""

    print_id: str
    stop_codes: tuple[str, ...]
    revisions: tuple[int, ...]
    trial: bool = False


async def list_signs(deps: Deps, area: str) -> tuple[Guide, list[Row], dict[str, Sheet]]:
    """Returns how the sheet of each stop with a name stands, in order, and the sheets of retired
    stops that hang."""
    async with deps.db.read(area) as tx:
        guide = await deps.guides.read(tx)
        newest = await store.list_newest(tx, hung=False)
        hung = await store.list_newest(tx, hung=True)
    rows = []
    for stop in guide.stops:
        front = sign.front(guide, stop)
        if front.names:
            code = stop.stop_code
            stands = sign.standing(front, newest.get(code), hung.get(code))
            rows.append(Row(stop, front, stands, tuple(sign.unread_names(guide, stop))))
    return guide, rows, {code: hung[code] for code in guide.leads() if code in hung}


async def print_signs(
    deps: Deps,
    key: RequestKey,
    area: str,
    typed_codes: Sequence[str],
    paper: str,
    *,
    force: bool,
    trial_url: str = "",
) -> Printed:
    """Notes what sheets say as of now, for all stops where none is named.

    trial_url: with force, the address of a trial sheet while the area has none.
    Errors: NoPublicAddress; AddressNotPublic and AddressNotSecure unless forced; NothingToPrint,
    StopCodeMistyped, StopCodeUnknown.
    """
    async with deps.db.transaction(area) as tx:

        async def keep() -> Printed:
            now = deps.clock.now()
            guide = await guide_store.load(tx, now)
            if force and not guide.settings.public_url:
                guide = sign.on_trial(guide, trial_url)
            settings = guide.settings
            if not settings.public_url:
                raise NoPublicAddress
            if not force:
                sign.check_address(settings.public_url)
            wanted = [find_stop(guide, each).stop_code for each in typed_codes]
            print_id = new_id()
            sheets = tuple(
                Sheet(print_id, stop.stop_code, stop.revision, sign.front(guide, stop), now)
                for stop in sign.in_order(guide, wanted)
            )
            day = now.astimezone(ZoneInfo(settings.time_zone)).date()
            made = Print(print_id, paper, day, settings.source_locale, sheets)
            await store.add_print(tx, made, key.principal, now)
            return Printed(
                print_id,
                tuple(each.stop_code for each in sheets),
                tuple(each.revision for each in sheets),
                any(each.front.trial for each in sheets),
            )

        return await once(tx, key, Printed, keep)


async def read_sheets(deps: Deps, area: str, print_id: str, offset: int) -> tuple[bytes, int]:
    """Returns a piece of a printing's PDF and the length of the whole. Errors: SignUnknown."""
    if not is_id(print_id):
        raise SignUnknown("There is no such printing. Print the signs again.")
    async with deps.db.read(area) as tx:
        made = await store.read_print(tx, print_id)
    if made is None:
        raise SignUnknown("There is no such printing. Print the signs again.")
    pdf = await deps.sheets.read(area, made)
    if not 0 <= offset < len(pdf):
        raise InvalidFields([("offset", f"give 0 to {len(pdf) - 1}")])
    return pdf[offset : offset + PIECE_BYTES], len(pdf)


async def mark_signs(
    deps: Deps, key: RequestKey, area: str, typed_codes: Sequence[str], *, hung: bool
) -> int:
    """Notes that the newest sheets of stops hang, or takes that back. Returns how many.

    Errors: SignUnknown, SignOnTrial, StopCodeMistyped, StopCodeUnknown, InvalidFields.
    """
    if not typed_codes:
        raise InvalidFields([("stop_codes", "name at least one stop")])
    async with deps.db.transaction(area) as tx:

        async def keep() -> int:
            now = deps.clock.now()
            guide = await guide_store.load(tx, now)
            sheets = await _newest(tx, [_any_stop(guide, each) for each in typed_codes])
            if hung:
                _check_no_trial(sheets)
            changed = [each for each in sheets if (each.hung_time is not None) != hung]
            await store.mark(tx, changed, now if hung else None)
            return len(sheets)

        return await once(tx, key, int, keep)


def _check_no_trial(sheets: Sequence[Sheet]) -> None:
    trials = [each.stop_code for each in sheets if each.front.trial]
    if trials:
        raise SignOnTrial(
            f"The newest sheet of {', '.join(trials)} is a trial and not for hanging. Print it"
            " anew once the area has its address."
        )


def _any_stop(guide: Guide, typed: str) -> str:
    """Returns the code of a stop, also of a retired one, whose sheet comes down one day."""
    code = codes.read(typed)
    return code if code in guide.leads() else find_stop(guide, typed).stop_code


async def _newest(tx: Transaction, codes: Sequence[str]) -> list[Sheet]:
    newest = await store.list_newest(tx, hung=False)
    lacking = [each for each in codes if each not in newest]
    if lacking:
        raise SignUnknown(f"No sheet was printed for {', '.join(lacking)}. Print it first.")
    return [newest[each] for each in dict.fromkeys(codes)]
