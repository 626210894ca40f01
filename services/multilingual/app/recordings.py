"""Recordings: what there is to say, and keeping what was said."""

import asyncio
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from kit.db import Transaction
from kit.ids import is_id, new_id
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps, find_stop
from services.multilingual.domain import captions, sound
from services.multilingual.domain.alignment import Pause, align
from services.multilingual.domain.captions import Cue
from services.multilingual.domain.events import RecordingChanged
from services.multilingual.domain.guide import Guide, Stop
from services.multilingual.domain.narration import Text
from services.multilingual.domain.recording import (
    VTT,
    Heard,
    Media,
    MediaGone,
    MediaUnknown,
    Origin,
    Recording,
    RecordingUnknown,
    RecordingWasErased,
    TextChanged,
    check,
    check_agreed,
    heard_alike,
)
from services.multilingual.domain.speech import Term, text_sha256
from services.multilingual.store import areas
from services.multilingual.store import guide as guide_store
from services.multilingual.store import photos as photo_store
from services.multilingual.store import recordings as store
from services.multilingual.store import stops as stop_store

PIECE_BYTES = 3_500_000  # of what one gRPC message carries; sounds and pictures come whole
MOST_BYTES = 2**31


@dataclass(frozen=True)
class ToSay:
    """A published text, its recordings in this very locale, and what is heard of it.

    earlier: people's that are heard no longer and may be brought back, the last one first.
    """

    stop: Stop
    text: Text
    text_sha256: str
    recordings: tuple[Recording, ...]
    heard: Heard | None
    earlier: Sequence[Recording] = ()


class Outcome(msgspec.Struct, frozen=True):
    """What is kept for repeats of putting one in: no words of whoever speaks."""

    change_number: int
    recording_id: str = ""


@dataclass(frozen=True)
class Put:
    """Outcome of putting a recording in."""

    recording: Recording
    change_number: int


@dataclass(frozen=True)
class Which:
    """A recording as a caller knows it. stop_code, locale: what it is of, empty for any."""

    recording_id: str
    stop_code: str = ""
    locale: str = ""

    def is_of(self, found: Recording) -> bool:
        """Tells whether a recording with this id is of that stop and locale."""
        return self.stop_code in ("", found.stop_code) and self.locale in ("", found.locale)


async def list_spoken(deps: Deps, area: str, locale: str) -> tuple[list[ToSay], list[Term]]:
    """Returns every published text of a locale in order, and the terms with the stops' names."""
    async with deps.db.read(area) as tx:
        guide = await deps.guides.read(tx)
        terms = await store.list_terms(tx, locale)
        earlier = await store.list_earlier(tx, locale)
    found = [
        ToSay(
            stop,
            shown.text,
            text_sha256(shown.text),
            stop.recordings.get(locale, ()),
            stop.heard(locale),
            earlier.get(stop.stop_code, ()),
        )
        for stop in guide.stops
        if (shown := stop.shown.get(locale)) is not None and shown.text.paragraphs
    ]
    return found, with_names(terms, guide, locale)


def with_names(terms: Sequence[Term], guide: Guide, locale: str) -> list[Term]:
    """Returns the terms and, where the term base has no word of its own, the names of stops."""
    known = {each.term for each in terms}
    names = [
        Term(shown.text.name, shown.text.reading)
        for stop in guide.stops
        if (shown := stop.shown.get(locale)) is not None
        and shown.text.reading and shown.text.name not in known
    ]  # fmt: skip
    return sorted({*terms, *names}, key=lambda each: (-len(each.term), each.term))


async def put_recording(
    deps: Deps,
    key: RequestKey,
    area: str,
    *,
    stop_code: str,
    locale: str,
    origin: Origin,
    audio: bytes,
    cues: Sequence[Cue],
    credit: str,
    spoken_sha256: str,
    transcript: str,
    speaker_agreed: bool,
    word_for_word: bool,
) -> Put:
    """Keeps a recording and lets visitors hear it. A person's WAV is made MP3 first.

    spoken_sha256: the text that was spoken; "" from a person stands for the one of now.
    word_for_word: a person's WAV says nothing but that text; captions are laid along it. Errors:
    SoundRefused, SoundsBusy, InvalidFields, StopCodeMistyped, StopCodeUnknown, RecordingWasErased;
    TextChanged when that text is no longer published; RecordingUnknown for a repeat whose recording
    is gone by now.
    """
    check(credit, transcript, agreed=origin is Origin.MACHINE or speaker_agreed)
    pauses: Sequence[Pause] | None = None
    if origin is Origin.PERSON and sound.is_wave(audio) and len(audio) <= sound.MAX_BYTES:
        audio, pauses = await deps.sounds.make(audio)
    file = sound.look(audio)
    captions.check(cues, file.duration_ms)
    laid, laid_for = cues, ""
    if word_for_word and not cues and pauses is not None:
        laid, laid_for = await _lay(deps, area, stop_code, locale, pauses, file.duration_ms)
    audio_name = hashlib.sha256(audio).hexdigest()
    async with deps.db.transaction(area) as tx:

        async def keep() -> Outcome:
            # First, as whoever erases does: what is put in at that moment is erased or refused.
            number, now = await areas.next_change_number(tx), deps.clock.now()
            if await photo_store.erased(tx, [audio_name]):
                raise RecordingWasErased("This very sound was erased for good. Record it anew.")
            stop = find_stop(await guide_store.load(tx, now), stop_code)
            shown = stop.shown.get(locale)
            if shown is None or not shown.text.paragraphs:
                raise InvalidFields([("locale", f"no text is published in {locale}; publish one")])
            current = text_sha256(shown.text)
            told = origin is Origin.MACHINE or spoken_sha256
            if (told and spoken_sha256 != current) or laid_for not in ("", current):
                raise TextChanged("The text was published anew meanwhile. Speak it again.")
            vtt = captions.to_vtt(laid).encode() if laid else b""
            vtt_name = hashlib.sha256(vtt).hexdigest() if vtt else ""
            recording = Recording(
                recording_id=new_id(), stop_code=stop.stop_code, locale=locale, origin=origin,
                audio_sha256=audio_name, audio_type=file.media_type, audio_bytes=len(audio),
                duration_ms=file.duration_ms, captions_sha256=vtt_name, captions_bytes=len(vtt),
                text_sha256=current, credit=credit.strip(), transcript=transcript.strip(),
                author=key.principal, create_time=now, speaker_agreed=speaker_agreed,
            )  # fmt: skip
            media = [Media(audio_name, file.media_type, audio)]
            media += [Media(vtt_name, VTT, vtt)] if vtt else []
            await store.put_media(tx, media, now)
            await store.put(tx, recording)
            await say_heard(deps, tx, stop, {locale}, number, now)
            return Outcome(number, recording.recording_id)

        done = await once(tx, key, Outcome, keep)
        kept = await store.read(tx, done.recording_id) if done.recording_id else None
        if kept is None:
            raise RecordingUnknown("It was taken away for long, or erased. Open the page anew.")
        return Put(kept, done.change_number)


async def _lay(
    deps: Deps, area: str, stop_code: str, locale: str, pauses: Sequence[Pause], duration_ms: int
) -> tuple[Sequence[Cue], str]:
    """Returns captions of the text of now, laid along pauses, and which text that is; none of no
    text. Many pauses take a second, in which visitors read and others write."""
    async with deps.db.read(area) as tx:
        shown = find_stop(await deps.guides.read(tx), stop_code).shown.get(locale)
    if shown is None:
        return (), ""
    laid = await asyncio.to_thread(align, shown.text, pauses, duration_ms)
    return laid, text_sha256(shown.text)


async def remove_recording(deps: Deps, key: RequestKey, area: str, which: Which) -> int:
    """Takes a recording away and returns the change number. Errors: RecordingUnknown."""
    _check_id(which.recording_id)
    async with deps.db.transaction(area) as tx:

        async def remove() -> int:
            number, now = await areas.next_change_number(tx), deps.clock.now()
            gone = await store.take_away(tx, which.recording_id, now)
            if gone is None or not which.is_of(gone):  # the refusal undoes what was done
                raise RecordingUnknown("There is no such recording any longer. Open the list anew.")
            stop = find_stop(await guide_store.load(tx, now), gone.stop_code)
            await say_heard(deps, tx, stop, {gone.locale}, number, now)
            return number

        return await once(tx, key, int, remove)


async def restore_recording(deps: Deps, key: RequestKey, area: str, which: Which) -> int:
    """Lets a recording be heard again that was taken away or replaced within the last 30 days.

    What is heard instead steps aside, and may be brought back in turn. Returns the change number.
    Errors: RecordingUnknown, SpeakerDidNotAgree.
    """
    _check_id(which.recording_id)
    async with deps.db.transaction(area) as tx:

        async def restore() -> int:
            number, now = await areas.next_change_number(tx), deps.clock.now()
            again = await store.bring_back(tx, which.recording_id, now)
            if again is None or not which.is_of(again):  # the refusal undoes what was done
                raise RecordingUnknown("It is heard already, or was forgotten. Open the page anew.")
            check_agreed(again)
            stop = find_stop(await guide_store.load(tx, now), again.stop_code)
            await say_heard(deps, tx, stop, {again.locale}, number, now)
            return number

        return await once(tx, key, int, restore)


async def read_media(deps: Deps, area: str, sha256: str, offset: int) -> tuple[Media, int]:
    """Returns bytes by their hash, a piece of at most PIECE_BYTES from an offset on, and how many
    there are. Errors: MediaUnknown, MediaGone, InvalidFields."""
    if not 0 <= offset < MOST_BYTES:
        raise InvalidFields([("offset", f"give 0 to {MOST_BYTES - 1}")])
    async with deps.db.read(area) as tx:
        found = await store.read_media(tx, sha256, offset, PIECE_BYTES)
        erased = found is None and await photo_store.erased(tx, [sha256])
    if erased:
        raise MediaGone("This was erased for good.")
    if found is None:
        raise MediaUnknown("No sound has this name here. Open the page of the stop again.")
    return found


async def say_heard(
    deps: Deps, tx: Transaction, stop: Stop, locales: Collection[str], number: int, now: datetime
) -> None:
    """Tells what is heard of a stop now, in each locale it may be heard in. locales: of what came
    or went. number: the area's change number of it."""
    await stop_store.mark_changed(tx, [stop.stop_code], number)
    recordings = (await store.list_recordings(tx)).get(stop.stop_code, {})
    now_is = replace(stop, recordings=recordings)
    alike = {each for locale in locales for each in heard_alike(locale) if each in stop.shown}
    for each in (*sorted(locales), *sorted(alike - set(locales))):
        await deps.outbox.add(
            tx,
            RecordingChanged(
                area=tx.area,
                aggregate_id=f"{stop.stop_code}/{each}",
                version=number,
                occur_time=now,
                stop_code=stop.stop_code,
                place_id=stop.place_id,
                locale=each,
                heard=now_is.heard(each),
                change_number=number,
            ),
        )


def _check_id(recording_id: str) -> None:
    if not is_id(recording_id):
        raise RecordingUnknown("There is no such recording. Open the list anew.")
