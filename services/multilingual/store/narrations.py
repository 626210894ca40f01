"""Revisions of texts, and which of them visitors see."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.db import Row, Transaction
from services.multilingual.domain.narration import Head, Paragraph, Reading, Revision, Text, Topic
from services.multilingual.domain.translation import Shown

_REVISION = """
    select r.*, n.published_revision = r.revision as published,
        p.publish_time, coalesce(p.publisher, '') as publisher, p.read_by, p.reason,
        r.machine_draft and not coalesce(p.reviewed, false) as unread
    from narration_revisions r
    join narrations n using (area, stop_code, locale)
    left join lateral (
        select max(publish_time) as publish_time, bool_or(reviewed) as reviewed,
            (array_agg(publisher order by publication desc))[1] as publisher,
            (array_agg(reading order by publication desc))[1] as read_by,
            (array_agg(reason order by publication desc))[1] as reason
        from publications
        where area = r.area and stop_code = r.stop_code and locale = r.locale
            and revision = r.revision
    ) p on true
"""


@dataclass(frozen=True)
class LatestEdit:
    """Newest revision of one text: what the studio's table says of it.

    reading, reason: of what visitors see. handed_in: it waits for a reader.
    """

    stop_code: str
    locale: str
    head: Head
    source_revision: int
    author: str
    create_time: datetime
    reading: Reading | None = None
    reason: str = ""
    handed_in: bool = False


def _text(row: Row, prefix: str = "") -> Text:
    return Text(
        row[f"{prefix}name"],
        row[f"{prefix}reading"],
        tuple(
            Paragraph(each["id"], Topic(each["topic"]), each["text"])
            for each in row[f"{prefix}paragraphs"]
        ),
    )


def _paragraphs(text: Text) -> str:
    return json.dumps(
        [{"id": each.paragraph_id, "topic": int(each.topic), "text": each.text}
         for each in text.paragraphs],
        ensure_ascii=False,
    )  # fmt: skip


def _revision(row: Row) -> Revision:
    return Revision(
        revision=row["revision"],
        base_revision=row["base_revision"],
        source_revision=row["source_revision"],
        text=_text(row),
        machine_draft=row["unread"],
        author=row["author"],
        note=row["note"],
        create_time=row["create_time"],
        publish_time=row["publish_time"],
        publisher=row["publisher"],
        published=row["published"],
        reading=Reading(row["read_by"]) if row["read_by"] else None,
        reason=row["reason"] or "",
    )


async def lock_head(tx: Transaction, stop_code: str, locale: str) -> Head:
    """Returns where a text stands and holds off other editors until the transaction ends."""
    await tx.execute(
        "insert into narrations (area, stop_code, locale) values (%s, %s, %s)"
        " on conflict do nothing",
        (tx.area, stop_code, locale),
    )
    row = await tx.fetch_one(
        "select latest_revision, published_revision from narrations"
        " where area = %s and stop_code = %s and locale = %s for update",
        (tx.area, stop_code, locale),
    )
    assert row is not None  # noqa: S101 - made above
    return Head(row["latest_revision"], row["published_revision"])


async def read_revision(
    tx: Transaction, stop_code: str, locale: str, revision: int
) -> Revision | None:
    """Returns one revision."""
    row = await tx.fetch_one(
        _REVISION + "where r.area = %s and r.stop_code = %s and r.locale = %s and r.revision = %s",
        (tx.area, stop_code, locale, revision),
    )
    return _revision(row) if row else None


async def read_latest(tx: Transaction, stop_code: str, locale: str) -> Revision | None:
    """Returns the newest revision of a text."""
    found = await list_revisions(tx, stop_code, locale, limit=1)
    return found[0] if found else None


async def read_published(tx: Transaction, stop_code: str, locale: str) -> Revision | None:
    """Returns what visitors see of a text."""
    row = await tx.fetch_one(
        _REVISION + "where r.area = %s and r.stop_code = %s and r.locale = %s"
        " and r.revision = n.published_revision",
        (tx.area, stop_code, locale),
    )
    return _revision(row) if row else None


async def list_revisions(
    tx: Transaction, stop_code: str, locale: str, limit: int
) -> list[Revision]:
    """Returns revisions, newest first."""
    rows = await tx.fetch_all(
        _REVISION + "where r.area = %s and r.stop_code = %s and r.locale = %s"
        " order by r.revision desc limit %s",
        (tx.area, stop_code, locale, limit),
    )
    return [_revision(row) for row in rows]


async def add_revisions(tx: Transaction, revisions: Sequence[tuple[str, str, Revision]]) -> None:
    """Inserts revisions of (stop code, locale) and makes them the newest."""
    await tx.execute_many(
        "insert into narration_revisions (area, stop_code, locale, revision, base_revision,"
        " source_revision, name, reading, paragraphs, machine_draft, author, note, create_time)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [(tx.area, code, locale, each.revision, each.base_revision, each.source_revision,
          each.text.name, each.text.reading, _paragraphs(each.text), each.machine_draft,
          each.author, each.note, each.create_time) for code, locale, each in revisions],
    )  # fmt: skip
    await tx.execute_many(
        "insert into narrations (area, stop_code, locale, latest_revision) values (%s, %s, %s, %s)"
        " on conflict (area, stop_code, locale)"
        " do update set latest_revision = excluded.latest_revision",
        [(tx.area, code, locale, each.revision) for code, locale, each in revisions],
    )


async def add_publications(
    tx: Transaction,
    publications: Sequence[tuple[str, str, int]],
    *,
    reviewed: bool,
    publisher: str,
    now: datetime,
    reading: Reading = Reading.NOT_ASKED,
    reason: str = "",
) -> None:
    """Shows revisions of (stop code, locale, revision) to visitors."""
    await tx.execute_many(
        "insert into publications (area, stop_code, locale, publication, revision, reviewed,"
        " publisher, publish_time, reading, reason)"
        " select %s, %s, %s, coalesce(max(publication), 0) + 1, %s, %s, %s, %s, %s, %s"
        " from publications"
        " where area = %s and stop_code = %s and locale = %s",
        [(tx.area, code, locale, revision, reviewed, publisher, now, int(reading), reason,
          tx.area, code, locale)
         for code, locale, revision in publications],
    )  # fmt: skip
    await tx.execute_many(
        "update narrations set published_revision = %s"
        " where area = %s and stop_code = %s and locale = %s",
        [(revision, tx.area, code, locale) for code, locale, revision in publications],
    )


async def list_shown(tx: Transaction, source_locale: str) -> Mapping[str, Mapping[str, Shown]]:
    """Returns stop code → locale → what visitors see, each with the source it was made from."""
    rows = await tx.fetch_all(
        "select r.stop_code, r.locale, r.revision, r.source_revision, r.name, r.reading,"
        " r.paragraphs, s.name as source_name, s.reading as source_reading,"
        " s.paragraphs as source_paragraphs, r.machine_draft and not exists (select from"
        "   publications p where p.area = r.area and p.stop_code = r.stop_code"
        "   and p.locale = r.locale and p.revision = r.revision and p.reviewed) as unread"
        " from narrations n join narration_revisions r on (r.area, r.stop_code, r.locale,"
        "   r.revision) = (n.area, n.stop_code, n.locale, n.published_revision)"
        " left join narration_revisions s on (s.area, s.stop_code, s.locale, s.revision) ="
        "   (r.area, r.stop_code, %s, r.source_revision) where n.area = %s",
        (source_locale, tx.area),
    )
    shown: defaultdict[str, dict[str, Shown]] = defaultdict(dict)
    for row in rows:
        made_from = _text(row, "source_") if row["source_name"] is not None else None
        shown[row["stop_code"]][row["locale"]] = Shown(
            _text(row), row["revision"], row["source_revision"], row["unread"], made_from
        )
    return shown


async def list_latest_edits(tx: Transaction) -> list[LatestEdit]:
    """Returns the newest revision of every text of the area."""
    rows = await tx.fetch_all(
        "select n.stop_code, n.locale, n.latest_revision, n.published_revision,"
        " r.source_revision, r.author, r.create_time, p.read_by, p.reason, exists (select from"
        "   submissions s where (s.area, s.stop_code, s.locale, s.revision) = (n.area, n.stop_code,"
        "   n.locale, n.latest_revision) and s.phase = 1) as handed_in from narrations n"
        " join narration_revisions r on (r.area, r.stop_code, r.locale, r.revision) ="
        " (n.area, n.stop_code, n.locale, n.latest_revision)"
        " left join lateral (select reading as read_by, reason from publications"
        "   where area = n.area and stop_code = n.stop_code and locale = n.locale"
        "   and revision = n.published_revision order by publication desc limit 1) p on true"
        " where n.area = %s",
        (tx.area,),
    )
    return [
        LatestEdit(
            row["stop_code"], row["locale"],
            Head(row["latest_revision"], row["published_revision"]),
            row["source_revision"], row["author"], row["create_time"],
            Reading(row["read_by"]) if row["read_by"] else None, row["reason"] or "",
            row["handed_in"],
        )
        for row in rows
    ]  # fmt: skip


async def list_imported(
    tx: Transaction, importer: str
) -> Mapping[tuple[str, str], tuple[Head, int, Text | None]]:
    """Returns (stop code, locale) → head, newest revision of a bulk load (0 for none), its text
    where nobody else has saved one since (None otherwise)."""
    rows = await tx.fetch_all(
        "select n.stop_code, n.locale, n.latest_revision, n.published_revision,"
        " r.author, r.name, r.reading, r.paragraphs, coalesce((select max(i.revision) from"
        "   narration_revisions i where i.area = n.area and i.stop_code = n.stop_code"
        "   and i.locale = n.locale and i.author = %s), 0) as imported"
        " from narrations n join narration_revisions r on (r.area, r.stop_code, r.locale,"
        " r.revision) = (n.area, n.stop_code, n.locale, n.latest_revision) where n.area = %s",
        (importer, tx.area),
    )
    return {
        (row["stop_code"], row["locale"]): (
            Head(row["latest_revision"], row["published_revision"]),
            row["imported"],
            _text(row) if row["author"] == importer else None,
        )
        for row in rows
    }
