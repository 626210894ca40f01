"""What the guide keeps of its area."""

from collections.abc import Sequence

from kit.db import Transaction
from services.multilingual.domain.guide import Settings

TABLES = (
    "planned_publications", "draft_openings", "review_links", "submissions", "review_policies",
    "tour_steps", "area_changes", "asked_marks", "stray_codes",
    "help_steps", "help_requests", "help_desks", "help_templates",
    "day_notes", "signs", "sign_prints",
    "media", "erased_media", "recordings", "photos", "videos", "video_pieces",
    "terms", "ratings", "replies", "surveys", "scans", "closures",
    "publications", "narration_revisions", "narrations", "stops", "sections", "areas",
)  # fmt: skip


async def read_settings(tx: Transaction) -> Settings:
    """Returns the area's settings; defaults while the directory has not told of the area."""
    row = await tx.fetch_one(
        "select locales, public_url, demo, change_number, time_zone, change_mark from areas"
        " where area = %s",
        (tx.area,),
    )
    if row is None:
        return Settings(tx.area)
    return Settings(
        tx.area,
        tuple(row["locales"]),
        row["public_url"],
        row["demo"],
        row["change_number"],
        row["change_mark"],
        row["time_zone"],
    )


async def list_areas(tx: Transaction) -> list[str]:
    """Returns the areas the transaction sees that the guide knows."""
    return [row["area"] for row in await tx.fetch_all("select area from areas order by area")]


async def read_change(tx: Transaction) -> tuple[int, str]:
    """Returns the area's change number and its mark, 0 and "" for an area without stops."""
    row = await tx.fetch_one(
        "select change_number, change_mark from areas where area = %s", (tx.area,)
    )
    return (int(row["change_number"]), row["change_mark"]) if row else (0, "")


async def was_change(tx: Transaction, number: int, mark: str) -> bool:
    """Tells whether a change number had this mark in the history of this database."""
    row = await tx.fetch_one(
        "select from area_changes where area = %s and change_number = %s and change_mark = %s",
        (tx.area, number, mark),
    )
    return row is not None


async def write_settings(tx: Transaction, settings: Settings, version: int) -> None:
    """Keeps the settings unless newer ones are known already."""
    await tx.execute(
        "insert into areas (area, locales, public_url, demo, version, time_zone, change_number)"
        " values (%s, %s, %s, %s, %s, %s, 1)"
        " on conflict (area) do update set locales = excluded.locales,"
        " public_url = excluded.public_url, demo = excluded.demo, version = excluded.version,"
        " time_zone = excluded.time_zone,"
        " change_number = areas.change_number + 1 where areas.version < excluded.version",
        (
            tx.area,
            list(settings.locales),
            settings.public_url,
            settings.demo,
            version,
            settings.time_zone,
        ),
    )


async def ensure_area(tx: Transaction, locales: Sequence[str]) -> None:
    """Makes the area with these locales if the directory has not told of it yet."""
    await tx.execute(
        "insert into areas (area, locales) values (%s, %s) on conflict do nothing",
        (tx.area, list(locales)),
    )


async def next_change_number(tx: Transaction) -> int:
    """Counts up; whoever changes what visitors see calls it, and so takes turns with others."""
    row = await tx.fetch_one(
        "insert into areas (area, locales, change_number) values (%s, '{ja}', 1)"
        " on conflict (area) do update set change_number = areas.change_number + 1"
        " returning change_number",
        (tx.area,),
    )
    assert row is not None  # noqa: S101 - an upsert returns its row
    return int(row["change_number"])


async def drop_area(tx: Transaction) -> None:
    """Deletes every row of the area from the guide's own tables; kit clears its own."""
    for table in TABLES:
        await tx.execute(f"delete from {table} where area = %s", (tx.area,))  # noqa: S608 - constants
