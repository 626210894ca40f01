"""Imports of registers' journals: the list, and taking one back.

An undo voids the sales of an import under their own dates, so that a day is as if the file had
never come. What a close holds, a provider told or a customer got money back for stays: there the
ordinary refund is the way.
"""

from kit.ids import new_id
from kit.requests import RequestKey, once
from services.payments.app.commit import Pages
from services.payments.app.deps import Deps, Tools, as_id
from services.payments.app.who import Who, check_shop_is_own
from services.payments.domain.errors import UnknownRegisterImport
from services.payments.domain.payment import order_of, start_void
from services.payments.domain.provider import DONE
from services.payments.domain.register_journal import RegisterImport, Undone, why_kept
from services.payments.domain.settle import settle
from services.payments.store import closes, payments, register_imports, register_sales

PAGE = 100


class _Undo(Exception):
    """Ends a dry run: what it wrote is rolled back."""

    def __init__(self, done: Undone) -> None:
        self.done = done


async def list_imports(tools: Tools, who: Who, shop_place_id: str) -> list[RegisterImport]:
    """Returns the latest imports of a shop, "" for all the caller may see. Errors: ShopNotYours."""
    if shop_place_id:
        check_shop_is_own(who, shop_place_id)
    wanted = [shop_place_id] if shop_place_id else sorted(who.shops)
    async with tools.db.read(who.area) as tx:
        return await register_imports.page(tx, wanted, PAGE)


async def undo_import(
    deps: Deps, key: RequestKey, who: Who, import_id: str, *, dry_run: bool = False
) -> Undone:
    """Takes back the sales of an import that may still go, and says of the others why not.

    Errors: InvalidFields, UnknownRegisterImport, ShopNotYours, RequestIdReused.
    """
    import_id = as_id("import_id", import_id)
    try:
        async with deps.db.transaction(who.area) as tx:

            async def undo() -> Undone:
                made = await register_imports.lock(tx, import_id)
                if made is None:
                    raise UnknownRegisterImport("There is no such import.")
                check_shop_is_own(who, made.shop_place_id)
                await register_sales.lock_register(tx, made.shop_place_id, made.register)
                # From here on no close takes a sale of the shop away.
                await closes.lock_shop(tx, made.shop_place_id)
                lines = await register_sales.of_import(tx, import_id)
                stored = await payments.lock_all(tx, [each["payment_id"] for each in lines])
                pages, now = Pages(is_quiet=True), deps.clock.now()
                gone: list[str] = []
                kept: list[tuple[str, str]] = []
                for line in lines:
                    payment = stored[line["payment_id"]]
                    reason = why_kept(payment, is_closed=line["is_closed"])
                    if reason is not None or payment.captured_date is None:
                        kept.append((line["journal_number"], reason or "changed"))
                        continue
                    started = start_void(
                        payment, key=new_id(), now=now, today=payment.captured_date
                    )
                    pages.keep(settle(started, order_of(started).key, DONE, now), now)
                    gone.append(line["journal_number"])
                await pages.write(deps, tx)
                await register_sales.forget(tx, import_id, gone)
                if gone:
                    await register_imports.note_undo(tx, import_id, who.principal, now, len(gone))
                done = Undone(len(gone), tuple(kept), dry_run)
                if dry_run:
                    raise _Undo(done)
                return done

            return await once(tx, key, Undone, undo)
    except _Undo as undone:
        return undone.done
