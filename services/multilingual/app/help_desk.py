"""The desk that answers: its hours, and the templates it answers with."""

from dataclasses import replace

from kit.pure.errors import VersionConflict
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps
from services.multilingual.domain import help_desk as desks
from services.multilingual.domain import help_template as templates
from services.multilingual.domain.help_desk import Desk
from services.multilingual.domain.help_template import HelpTemplateUnknown, Template
from services.multilingual.store import areas
from services.multilingual.store import help_desk as store


async def read(deps: Deps, area: str) -> Desk:
    """Returns the area's desk."""
    async with deps.db.read(area) as tx:
        return await store.read(tx)


async def write(deps: Deps, key: RequestKey, area: str, desk: Desk) -> Desk:
    """Sets the desk. desk: with the version its author saw. Errors: InvalidFields,
    VersionConflict."""
    desks.check(desk)
    async with deps.db.transaction(area) as tx:

        async def keep() -> Desk:
            made = replace(desk, version=desk.version + 1)
            known = (await store.read(tx)).version
            if known != desk.version or not await store.write(
                tx, made, key.principal, deps.clock.now()
            ):
                raise VersionConflict("Somebody else changed this meanwhile. Open it again.")
            await areas.next_change_number(tx)  # language packs hold the hours
            return made

        return await once(tx, key, Desk, keep)


async def list_templates(deps: Deps, area: str) -> list[Template]:
    """Returns the templates."""
    async with deps.db.read(area) as tx:
        return await store.list_templates(tx)


async def write_template(
    deps: Deps, key: RequestKey, area: str, template_id: str, version: int, locale: str, text: str
) -> int:
    """Writes a template's words in one language; returns its version.

    Errors: HelpTemplateUnknown, VersionConflict, InvalidFields.
    """
    async with deps.db.transaction(area) as tx:

        async def keep() -> int:
            found = [
                each for each in await store.list_templates(tx) if each.template_id == template_id
            ]
            if not found:
                raise HelpTemplateUnknown("There is no such template. Open the page again.")
            made = templates.write(found[0], version, locale, text)
            if not await store.write_template(tx, made, key.principal, deps.clock.now()):
                raise VersionConflict("Somebody else changed this template. Open it again.")
            return made.version

        return await once(tx, key, int, keep)
