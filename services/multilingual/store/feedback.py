"""Ratings and replies, each once."""

import json
from collections.abc import Sequence

from kit.db import Row, Transaction
from services.multilingual.domain.rating import Face, Kept, Rated, Reason
from services.multilingual.domain.survey import Answered

_FIELDS = (
    "rating_id::text as rating_id, stop_code, place_id, locale, face, reasons, change,"
    " rating_time, version"
)


async def claim_ratings(tx: Transaction, rating_ids: Sequence[str]) -> dict[str, Kept]:
    """Returns those ratings that are kept, locked until the transaction ends.

    Whoever brings a rating that is not kept yet waits for others who bring the same one.
    """
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended(%s || id, 0)) from unnest(%s::text[]) as id",
        (f"{tx.area} rating ", list(rating_ids)),
    )
    rows = await tx.fetch_all(
        f"select {_FIELDS} from ratings where area = %s and rating_id = any(%s::uuid[])",  # noqa: S608 - a constant
        (tx.area, list(rating_ids)),
    )
    return {row["rating_id"]: _kept(row) for row in rows}


async def keep_ratings(tx: Transaction, ratings: Sequence[Kept]) -> None:
    """Writes ratings, new and changed ones."""
    await tx.execute_many(
        "insert into ratings (area, rating_id, stop_code, place_id, locale, face, reasons,"
        " change, rating_time, version) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " on conflict (area, rating_id) do update set face = excluded.face,"
        " reasons = excluded.reasons, change = excluded.change,"
        " rating_time = excluded.rating_time, version = excluded.version",
        [
            (
                tx.area, each.rated.rating_id, each.rated.stop_code, each.rated.place_id,
                each.rated.locale, int(each.rated.face),
                [int(reason) for reason in each.rated.reasons], each.rated.change,
                each.rated.rating_time, each.version,
            )
            for each in ratings
        ],
    )  # fmt: skip


async def add_new_replies(tx: Transaction, replies: Sequence[Answered]) -> set[str]:
    """Inserts replies and returns the ids of those that were not known."""
    rows = await tx.fetch_all(
        "insert into replies (area, reply_id, locale, answers, reply_time)"
        " select %s, id, locale, answers::jsonb, at"
        " from unnest(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[])"
        " as given(id, locale, answers, at) on conflict do nothing"
        " returning reply_id::text as reply_id",
        (
            tx.area,
            [each.reply_id for each in replies],
            [each.locale for each in replies],
            [json.dumps(dict(each.answers)) for each in replies],
            [each.reply_time for each in replies],
        ),
    )
    return {row["reply_id"] for row in rows}


def _kept(row: Row) -> Kept:
    rated = Rated(
        row["rating_id"], row["stop_code"], row["place_id"], row["locale"], Face(row["face"]),
        tuple(Reason(each) for each in row["reasons"]), row["change"], row["rating_time"],
    )  # fmt: skip
    return Kept(rated, row["version"])
