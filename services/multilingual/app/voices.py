"""Voices of people: whose are kept, and erased for good when they no longer want to be heard."""

from collections.abc import Sequence
from dataclasses import dataclass

from kit.ids import is_id
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps
from services.multilingual.app.recordings import say_heard
from services.multilingual.app.stop_media import say_erased
from services.multilingual.domain.recording import (
    ErasedKind,
    ErasureReason,
    Recording,
    RecordingUnknown,
)
from services.multilingual.store import areas, tour
from services.multilingual.store import guide as guide_store
from services.multilingual.store import photos as photo_store
from services.multilingual.store import voices as store
from services.multilingual.store.voices import Erasure

__all__ = ["Erased", "Erasure", "Voices", "erase", "list_voices"]

MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Voices:
    """Every recording a person spoke, and what was erased lately. names: of stops, by code, the
    newest in the source language."""

    recordings: tuple[Recording, ...]
    names: dict[str, str]
    erasures: tuple[Erasure, ...]
    source_locale: str


@dataclass(frozen=True)
class Erased:
    """What went for good; kept for repeats."""

    change_number: int
    stop_codes: tuple[str, ...]
    recordings: int


async def list_voices(deps: Deps, area: str) -> Voices:
    """Returns whose voices are kept, also what is heard no longer, or of a retired stop."""
    async with deps.db.read(area) as tx:
        source = (await areas.read_settings(tx)).source_locale
        return Voices(
            tuple(await store.list_voices(tx)), dict(await tour.list_names(tx, source)),
            tuple(await store.list_erasures(tx, ErasedKind.VOICE)), source,
        )  # fmt: skip


async def erase(
    deps: Deps, key: RequestKey, area: str, recording_ids: Sequence[str], reason: ErasureReason
) -> Erased:
    """Erases people's recordings at once with captions and words, heard or not, and all others of
    the same bytes. Nothing brings them back. Captions that something else has too stay with it.

    Errors: RecordingUnknown when one of them is not there, and then all stay; InvalidFields.
    """
    wanted = sorted(set(recording_ids))
    if not 0 < len(wanted) <= MOST_AT_ONCE:
        raise InvalidFields([("recording_ids", f"give 1 to {MOST_AT_ONCE} of them")])
    if not all(is_id(each) for each in wanted):
        raise RecordingUnknown("There is no such recording. Open the list anew.")
    async with deps.db.transaction(area) as tx:

        async def run() -> Erased:
            number, now = await areas.next_change_number(tx), deps.clock.now()
            found = await store.read_voices(tx, wanted)
            if len(found) != len(wanted):
                raise RecordingUnknown("One of them is not there any longer. Open the list anew.")
            sounds = sorted({each.audio_sha256 for each in found})
            gone = await store.forget(tx, sounds)
            captions = sorted({each.captions_sha256 for each in gone} - {""})
            names = [*sounds, *await store.named_by_none(tx, captions)]
            await photo_store.forget_bytes(
                tx, names, key.principal, number, now, kind=ErasedKind.VOICE, reason=int(reason)
            )
            codes = sorted({each.stop_code for each in gone})
            guide = await guide_store.load(tx, now)
            for stop in guide.stops:
                if stop.stop_code in codes and stop.shown:
                    locales = {each.locale for each in gone if each.stop_code == stop.stop_code}
                    await say_heard(deps, tx, stop, locales, number, now)
            await say_erased(deps, tx, found[0].recording_id, names, number)
            return Erased(number, tuple(codes), len(gone))

        return await once(tx, key, Erased, run)
