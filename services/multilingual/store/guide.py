"""The whole published guide of an area in nine reads."""

from dataclasses import replace
from datetime import datetime

from kit.db import Transaction
from services.multilingual.domain.guide import Guide
from services.multilingual.store import (
    areas,
    closures,
    day_notes,
    narrations,
    photos,
    recordings,
    stops,
    videos,
)


async def load(tx: Transaction, now: datetime) -> Guide:
    """Returns what is published, as one snapshot when the transaction is a read."""
    settings = await areas.read_settings(tx)
    shown = await narrations.list_shown(tx, settings.source_locale)
    spoken = await recordings.list_recordings(tx)
    pictures = await photos.list_shown(tx)
    films = await videos.list_shown(tx)
    everything = tuple(
        replace(
            stop,
            shown=shown.get(stop.stop_code, {}),
            recordings=spoken.get(stop.stop_code, {}),
            photos=pictures.get(stop.stop_code, ()),
            videos=films.get(stop.stop_code, ()),
        )
        for stop in await stops.list_all(tx)
    )
    return Guide(
        settings=settings,
        sections=await stops.list_sections(tx),
        stops=tuple(stop for stop in everything if stop.retired is None),
        closures=await closures.list_current(tx, now),
        day_notes=await day_notes.list_current(tx, now),
        retired=tuple(stop for stop in everything if stop.retired is not None),
    )
