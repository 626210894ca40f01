"""The desk that answers, and its templates."""

from datetime import datetime

import msgspec

from kit.db import Transaction
from services.multilingual.domain.first_help_templates import FIRST_TEMPLATES
from services.multilingual.domain.help_desk import Desk
from services.multilingual.domain.help_template import Template


async def read(tx: Transaction) -> Desk:
    """Returns the area's desk; what one starts with where nobody has set anything."""
    row = await tx.fetch_one("select * from help_desks where area = %s", (tx.area,))
    if row is None:
        return Desk()
    return Desk(
        tuple(row["weekdays"]), row["from_minute"], row["until_minute"], row["answer_days"],
        row["keep_days"], row["version"],
    )  # fmt: skip


async def write(tx: Transaction, desk: Desk, author: str, now: datetime) -> bool:
    """Keeps a desk in place of the version before it; tells whether that one was still there."""
    return bool(
        await tx.execute(
            "insert into help_desks (area, weekdays, from_minute, until_minute, answer_days,"
            " keep_days, version, author, change_time) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
            " on conflict (area) do update set weekdays = excluded.weekdays,"
            " from_minute = excluded.from_minute, until_minute = excluded.until_minute,"
            " answer_days = excluded.answer_days, keep_days = excluded.keep_days,"
            " version = excluded.version, author = excluded.author,"
            " change_time = excluded.change_time where help_desks.version = excluded.version - 1",
            (tx.area, list(desk.weekdays), desk.from_minute, desk.until_minute, desk.answer_days,
             desk.keep_days, desk.version, author, now),
        )
    )  # fmt: skip


async def list_templates(tx: Transaction) -> list[Template]:
    """Returns the templates in the order they are offered, with the area's own words."""
    rows = await tx.fetch_all(
        "select template_id, texts::text as texts, drafts, version from help_templates"
        " where area = %s",
        (tx.area,),
    )
    own = {row["template_id"]: row for row in rows}
    return [
        Template(
            first.template_id, first.topic,
            msgspec.json.decode(own[first.template_id]["texts"], type=dict[str, str]),
            frozenset(own[first.template_id]["drafts"]), own[first.template_id]["version"],
        )
        if first.template_id in own
        else first
        for first in FIRST_TEMPLATES
    ]  # fmt: skip


async def write_template(tx: Transaction, template: Template, author: str, now: datetime) -> bool:
    """Keeps a template in place of the version before it; tells whether that one was there."""
    return bool(
        await tx.execute(
            "insert into help_templates (area, template_id, texts, drafts, version, author,"
            " change_time) values (%s, %s, %s::jsonb, %s, %s, %s, %s) on conflict (area,"
            " template_id) do update set texts = excluded.texts, drafts = excluded.drafts,"
            " version = excluded.version, author = excluded.author,"
            " change_time = excluded.change_time"
            " where help_templates.version = excluded.version - 1",
            (tx.area, template.template_id, msgspec.json.encode(dict(template.texts)).decode(),
             sorted(template.drafts), template.version, author, now),
        )
    )  # fmt: skip
