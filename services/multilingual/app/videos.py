"""Videos of stops: put in, described, looked at, taken away and brought back, erased for good.

Whoever changes one takes the area's change number first: others wait and see what was done.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from kit.db import ALL_AREAS, Transaction
from kit.ids import is_id, new_id
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.multilingual.app import photos
from services.multilingual.app.deps import Deps, find_stop_row
from services.multilingual.domain import captions, photo, vtt
from services.multilingual.domain.events import MediaErased, VideosChanged
from services.multilingual.domain.photo import PhotoFile, PhotoTooLarge, PhotoWasErased
from services.multilingual.domain.recording import Media
from services.multilingual.domain.review import Policy, SecondReaderNeeded, tidy_reason
from services.multilingual.domain.video import (
    MAX_PIECES,
    MAX_UPLOADS,
    MAX_VIDEOS,
    MP4,
    PIECE_BYTES,
    UploadsFull,
    Video,
    VideoChanged,
    VideoFile,
    VideoIncomplete,
    VideoRefused,
    VideosFull,
    VideoTooLarge,
    VideoUnknown,
    VideoWasErased,
    check,
)
from services.multilingual.store import areas, reviews
from services.multilingual.store import photos as erased_store
from services.multilingual.store import recordings as media_store
from services.multilingual.store import stops as stop_store
from services.multilingual.store import videos as store

VTT_TYPE = "text/vtt; charset=utf-8"
POSTER_SIZES = 2  # the narrowest: it is a still of something that moves


@dataclass(frozen=True)
class Videos:
    """The videos of a stop, those taken away last. locales: of the area, the source first.
    looked_at: somebody else looks before visitors see one, or a reason says why not."""

    videos: tuple[Video, ...]
    locales: tuple[str, ...]
    name: str
    looked_at: bool


@dataclass(frozen=True)
class Words:
    """What people say of a video; see domain/video.py: Video."""

    credit: str
    alts: Mapping[str, str]
    transcripts: Mapping[str, str]
    reason: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a video. It is kept for repeats, so no words of people stand in it."""

    change_number: int
    video_id: str = ""


@dataclass(frozen=True)
class Kept:
    """A video as it is now, and the area's change number after what was done."""

    video: Video
    change_number: int


Change = Callable[[Transaction, Video, datetime], Awaitable[Video]]


async def list_videos(deps: Deps, area: str, typed: str) -> Videos:
    """Returns the videos of a stop. Errors: StopCodeMistyped, StopCodeUnknown."""
    async with deps.db.read(area) as tx:
        row = await find_stop_row(tx, typed)
        guide = await deps.guides.read(tx)
        found = await store.list_of(tx, row.stop_code)
        policy = await reviews.read_policy(tx, guide.settings.source_locale)
    stop = guide.stop(row.stop_code)
    name = guide.source_text(stop).name if stop else ""
    return Videos(tuple(found), guide.settings.locales, name, policy is not Policy.OPEN)


async def put_piece(
    deps: Deps, key: RequestKey, area: str, upload_id: str, place: int, content: bytes
) -> None:
    """Keeps a piece of a video that is on its way. Errors: VideoTooLarge, UploadsFull,
    InvalidFields."""
    if not is_id(upload_id):
        raise InvalidFields([("upload_id", "give a UUID of your own")])
    if not 0 <= place < MAX_PIECES or len(content) > PIECE_BYTES:
        raise VideoTooLarge("A video has at most 12 MB. Cut it shorter or save it in 720p.")
    async with deps.db.transaction(area) as tx:

        async def keep() -> bool:
            await store.put_piece(tx, upload_id, place, key.principal, content, deps.clock.now())
            if await store.count_uploads(tx, key.principal) > MAX_UPLOADS:
                raise UploadsFull("Other videos of yours are on their way. Wait for them first.")
            return True

        await once(tx, key, bool, keep)


async def tidy_up(deps: Deps) -> bool:
    """Drops the pieces nobody came back to, in all areas. Returns False: nothing is left to do."""
    async with deps.db.transaction(ALL_AREAS) as tx:
        await store.drop_pieces_of_all(tx, deps.clock.now())
    return False


async def add_video(
    deps: Deps, key: RequestKey, area: str, *, stop_code: str, upload_id: str, piece_count: int,
    poster: bytes, vtt_file: bytes, words: Words,
) -> Kept:  # fmt: skip
    """Puts a video in, of which all pieces have come. It is taken apart and written anew in a
    process of its own, its poster drawn anew in another.

    Errors: VideoRefused, VideosBusy, VideosFull, VideoIncomplete, VideoWasErased,
    PhotoWasErased, PhotoRefused, PhotosBusy, CaptionsRefused, InvalidFields,
    StopCodeMistyped, StopCodeUnknown.
    """
    why = tidy_reason(words.reason)
    async with deps.db.read(area) as tx:  # what is wrong with the words is said first
        await find_stop_row(tx, stop_code)
        locales = (await areas.read_settings(tx)).locales
        alts, transcripts = check(words.credit, words.alts, words.transcripts, locales)
        pieces = await store.read_pieces(tx, upload_id, key.principal) if is_id(upload_id) else []
    if not pieces or len(pieces) != piece_count:
        # A repeat finds no pieces any longer, and its first answer.
        async with deps.db.transaction(area) as tx:
            return await _now(tx, await once(tx, key, Outcome, _incomplete))
    if len(poster) > photo.MAX_BYTES:
        raise PhotoTooLarge("A picture has at most 4 MB. Save it smaller.")
    try:
        made = await deps.videos.make(b"".join(pieces))
    except VideoRefused:  # they never become a video: room for the next one
        async with deps.db.transaction(area) as tx:
            await store.drop_pieces(tx, upload_id)
        raise
    cues = vtt.read(vtt_file) if vtt_file else ()
    captions.check(cues, made.duration_ms)
    said = captions.to_vtt(cues).encode() if cues else b""
    stills = (await deps.photos.make(poster))[:POSTER_SIZES]
    film = Media(_name(made.content), MP4, made.content)
    pictures = [Media(_name(each.content), photo.WEBP, each.content) for each in stills]
    files = tuple(
        PhotoFile(one.sha256, each.width, each.height, len(each.content))
        for one, each in zip(pictures, stills, strict=True)
    )
    text = [Media(_name(said), VTT_TYPE, said)] if said else []
    async with deps.db.transaction(area) as tx:

        async def add() -> Outcome:
            number, now = await areas.next_change_number(tx), deps.clock.now()
            stop = await find_stop_row(tx, stop_code)
            _check_room(await _there(tx, stop.stop_code))
            if await erased_store.erased(tx, [film.sha256]):
                raise VideoWasErased("This video was erased for good. Take another one.")
            if await erased_store.erased(tx, [each.sha256 for each in pictures]):
                raise PhotoWasErased("This photo was erased for good. Take another one.")
            video = Video(
                video_id=new_id(), stop_code=stop.stop_code, version=1,
                file=VideoFile(film.sha256, len(film.content), made.width, made.height,
                               made.duration_ms, made.sound),
                poster=files, captions_sha256=text[0].sha256 if text else "",
                credit=words.credit.strip(), alts=alts, transcripts=transcripts,
                author=key.principal, writer=key.principal, create_time=now,
            )  # fmt: skip
            policy = await reviews.read_policy(tx, locales[0])
            try:
                reading = photo.own_reading(policy, key.principal, why)
                video = replace(video, reading=reading, reason=why)
            except SecondReaderNeeded:
                video = replace(video, waiting=True)
            await store.put(tx, video)
            await media_store.put_media(tx, [film, *pictures, *text], now)
            await store.drop_pieces(tx, upload_id)
            return await _say(deps, tx, video, number, now)

        return await _now(tx, await once(tx, key, Outcome, add))


async def edit_video(
    deps: Deps, key: RequestKey, area: str, video_id: str, version: int, words: Words
) -> Kept:
    """Changes what is said of a video; of one that visitors see with a reason where the source
    language is not open. Errors: VideoUnknown, VideoChanged, SecondReaderNeeded, InvalidFields."""
    why = tidy_reason(words.reason)

    async def edit(tx: Transaction, video: Video, _now: datetime) -> Video:
        _check_there(video)
        locales = (await areas.read_settings(tx)).locales
        alts, transcripts = check(words.credit, words.alts, words.transcripts, locales)
        _check_version(video, version)
        edited = replace(
            video, credit=words.credit.strip(), alts=alts, transcripts=transcripts,
            writer=key.principal,
        )  # fmt: skip
        if video.waiting:
            return edited
        policy = await reviews.read_policy(tx, locales[0])
        reading = photo.own_reading(policy, key.principal, why)
        return replace(edited, reading=reading, looker="", reason=why)

    return await _change(deps, key, area, video_id, edit)


async def show_video(
    deps: Deps, key: RequestKey, area: str, *, video_id: str, version: int, reason: str,
    reviews_others: bool,
) -> Kept:  # fmt: skip
    """Shows a video that waited to visitors, as photo_care.show_photo does.

    Errors: VideoUnknown, VideoChanged, SecondReaderNeeded, InvalidFields.
    """
    why = tidy_reason(reason)

    async def show(tx: Transaction, video: Video, _now: datetime) -> Video:
        if video.remove_time is not None or not video.waiting:
            raise _unknown()
        _check_version(video, version)
        policy = await reviews.read_policy(tx, (await areas.read_settings(tx)).locales[0])
        people = (video.author, video.writer)
        reading = photo.reading_of(
            people, policy, key.principal, reviews=reviews_others, reason=why
        )
        looker = "" if key.principal in people else key.principal
        return replace(video, waiting=False, reading=reading, reason=why, looker=looker)

    return await _change(deps, key, area, video_id, show)


async def remove_video(deps: Deps, key: RequestKey, area: str, video_id: str) -> Kept:
    """Takes a video away; it can be brought back for a while. Errors: VideoUnknown."""

    async def remove(_tx: Transaction, video: Video, now: datetime) -> Video:
        _check_there(video)
        return replace(video, remove_time=now)

    return await _change(deps, key, area, video_id, remove)


async def bring_back(deps: Deps, key: RequestKey, area: str, video_id: str) -> Kept:
    """Brings a video back: the undo. Errors: VideoUnknown, VideosFull."""

    async def back(tx: Transaction, video: Video, _now: datetime) -> Video:
        if video.remove_time is None:
            raise _unknown()
        _check_room(await _there(tx, video.stop_code))
        return replace(video, remove_time=None)

    return await _change(deps, key, area, video_id, back)


async def erase_video(deps: Deps, key: RequestKey, area: str, video_id: str) -> int:
    """Erases a video at once, with poster and captions, at every stop that shows the same bytes.
    A poster or captions that another video has too stay with it. Nothing brings it back.
    Returns the area's change number. Errors: VideoUnknown."""
    if not is_id(video_id):
        raise _unknown()
    async with deps.db.transaction(area) as tx:

        async def erase() -> int:
            number, now = await areas.next_change_number(tx), deps.clock.now()
            video = await store.read(tx, video_id)
            if video is None:
                raise _unknown()
            stops = await store.forget(tx, video.file.sha256)
            names = await store.named_by_no_other(tx, video.names)
            pictures = await erased_store.erase(tx, names, key.principal, number, now)
            for code in pictures:  # a photo may be the poster too
                await photos.say_changed(deps, tx, code, number, now)
            for code in stops:
                await _say_changed(deps, tx, code, number, now)
            event = MediaErased(
                area=tx.area, aggregate_id=video_id, version=number, occur_time=now,
                sha256s=tuple(names), change_number=number,
            )  # fmt: skip
            await deps.outbox.add(tx, event)
            return number

        return await once(tx, key, int, erase)


async def _change(deps: Deps, key: RequestKey, area: str, video_id: str, change: Change) -> Kept:
    if not is_id(video_id):
        raise _unknown()
    async with deps.db.transaction(area) as tx:

        async def run() -> Outcome:
            number, now = await areas.next_change_number(tx), deps.clock.now()
            video = await store.read(tx, video_id)
            if video is None:
                raise _unknown()
            changed = replace(await change(tx, video, now), version=video.version + 1)
            await store.put(tx, changed)
            return await _say(deps, tx, changed, number, now)

        return await _now(tx, await once(tx, key, Outcome, run))


async def _incomplete() -> Outcome:
    raise VideoIncomplete("Not all of the video has come. Send it again.")


async def _now(tx: Transaction, outcome: Outcome) -> Kept:
    video = await store.read(tx, outcome.video_id) if outcome.video_id else None
    if video is None:  # erased meanwhile, with its words
        raise _unknown()
    return Kept(video, outcome.change_number)


async def _say(deps: Deps, tx: Transaction, video: Video, number: int, now: datetime) -> Outcome:
    await _say_changed(deps, tx, video.stop_code, number, now)
    return Outcome(number, video.video_id)


async def _say_changed(deps: Deps, tx: Transaction, code: str, number: int, now: datetime) -> None:
    stop = await find_stop_row(tx, code)
    await stop_store.mark_changed(tx, [stop.stop_code], number)
    seen = sum(each.seen for each in await _there(tx, stop.stop_code))
    event = VideosChanged(
        area=tx.area, aggregate_id=stop.stop_code, version=number, occur_time=now,
        place_id=stop.place_id, video_count=seen, change_number=number,
    )  # fmt: skip
    await deps.outbox.add(tx, event)


async def _there(tx: Transaction, stop_code: str) -> list[Video]:
    return [each for each in await store.list_of(tx, stop_code) if each.remove_time is None]


def _name(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _check_there(video: Video) -> None:
    if video.remove_time is not None:
        raise _unknown()


def _check_version(video: Video, version: int) -> None:
    if video.version != version:
        raise VideoChanged("Somebody else changed it meanwhile. Look at it again.")


def _check_room(there: list[Video]) -> None:
    if len(there) >= MAX_VIDEOS:
        raise VideosFull(f"A stop has at most {MAX_VIDEOS} videos. Take one away first.")


def _unknown() -> VideoUnknown:
    return VideoUnknown("There is no such video any longer. Open the page again.")
