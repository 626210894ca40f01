"""Videos of stops: put in, described, brought back, erased for good."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from kit.db import ALL_AREAS, Transaction
from kit.ids import is_id, new_id
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps, find_stop_row
from services.multilingual.app.photos import PHOTOS
from services.multilingual.app.stop_media import Kept, Outcome, Shelf, named, pictures, say_erased
from services.multilingual.domain import captions, photo, stop_media, vtt
from services.multilingual.domain.events import VideosChanged
from services.multilingual.domain.photo import Photo, PhotoTooLarge, PhotoWasErased
from services.multilingual.domain.recording import VTT, ErasedKind, ErasureReason
from services.multilingual.domain.review import tidy_reason
from services.multilingual.domain.video import (
    MAX_PIECES,
    MAX_UPLOADS,
    MAX_VIDEOS,
    MP4,
    PIECE_BYTES,
    POSTER_SIZES,
    UploadOfSomebodyElse,
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
from services.multilingual.store import videos as store


def _event(
    area: str, number: int, now: datetime, code: str, place_id: str, seen: int
) -> VideosChanged:
    return VideosChanged(
        area=area, aggregate_id=code, version=number, occur_time=now, place_id=place_id,
        video_count=seen, change_number=number,
    )  # fmt: skip


VIDEOS: Shelf[Video] = Shelf(
    read=store.read,
    put=store.put,
    list_of=store.list_of,
    most=MAX_VIDEOS,
    event=_event,
    unknown=lambda: VideoUnknown("There is no such video any longer. Open the page again."),
    full=lambda: VideosFull(f"A stop has at most {MAX_VIDEOS} videos. Take one away first."),
    changed=lambda: VideoChanged("Somebody else changed it meanwhile. Look at it again."),
)


@dataclass(frozen=True)
class Words:
    """What people say of a video; see domain/video.py: Video."""

    credit: str
    alts: Mapping[str, str]
    transcripts: Mapping[str, str]
    reason: str = ""


async def list_photos(deps: Deps, area: str, typed: str) -> list[Photo]:
    """Returns the photos of a stop that visitors see, in order. Errors: StopCodeMistyped,
    StopCodeUnknown."""
    async with deps.db.read(area) as tx:
        stop = await find_stop_row(tx, typed)
        return [each for each in await erased_store.list_of(tx, stop.stop_code) if each.seen]


async def put_piece(
    deps: Deps, key: RequestKey, area: str, upload_id: str, place: int, content: bytes
) -> None:
    """Keeps a piece of a video that is on its way. An upload is of whoever began it. Errors:
    VideoTooLarge, UploadsFull, UploadOfSomebodyElse, InvalidFields."""
    if not is_id(upload_id):
        raise InvalidFields([("upload_id", "give a UUID of your own")])
    if not 0 <= place < MAX_PIECES or len(content) > PIECE_BYTES:
        raise VideoTooLarge("A video has at most 12 MB. Cut it shorter or save it in 720p.")
    async with deps.db.transaction(area) as tx:

        async def keep() -> bool:
            now = deps.clock.now()
            await store.drop_old_pieces(tx, now)
            await _check_own(tx, upload_id, key.principal)
            await store.put_piece(tx, upload_id, place, key.principal, content, now)
            if await store.count_uploads(tx, key.principal) > MAX_UPLOADS:
                raise UploadsFull("Other videos of yours are on their way. Wait for them first.")
            return True

        await once(tx, key, bool, keep)


async def tidy_up(deps: Deps) -> bool:
    """Drops, in all areas, the pieces nobody came back to, and photos, videos and recordings that
    were taken away for long, also where nobody puts in another. Returns False: nothing is left."""
    async with deps.db.transaction(ALL_AREAS) as tx:
        await store.drop_old_pieces(tx, deps.clock.now())
        known = await areas.list_areas(tx)
    for area in known:
        async with deps.db.transaction(area) as tx:
            await media_store.drop_unused(tx, deps.clock.now())
    return False


async def add_video(
    deps: Deps, key: RequestKey, area: str, *, stop_code: str, upload_id: str, piece_count: int,
    poster: bytes, vtt_file: bytes, words: Words,
) -> Kept[Video]:  # fmt: skip
    """Puts a video in, of which all pieces have come. It is taken apart and written anew in a
    process of its own, its poster drawn anew in another.

    Errors: VideoRefused, VideosBusy, VideosFull, VideoIncomplete, UploadOfSomebodyElse,
    VideoWasErased, PhotoWasErased, PhotoRefused, PhotosBusy, CaptionsRefused, InvalidFields,
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

            async def incomplete() -> Outcome:
                if is_id(upload_id):
                    await _check_own(tx, upload_id, key.principal)
                raise VideoIncomplete("Not all of the video has come. Send it again.")

            return await VIDEOS.now(tx, await once(tx, key, Outcome, incomplete))
    if len(poster) > photo.MAX_BYTES:
        raise PhotoTooLarge("A picture has at most 4 MB. Save it smaller.")
    try:
        made = await deps.videos.make(b"".join(pieces))
    except VideoRefused:  # they never become a video: room for the next one
        async with deps.db.transaction(area) as tx:
            await store.drop_pieces(tx, upload_id, key.principal)
        raise
    cues = vtt.read(vtt_file) if vtt_file else ()
    captions.check(cues, made.duration_ms)
    said = captions.to_vtt(cues).encode() if cues else b""
    files, stills = pictures((await deps.photos.make(poster))[:POSTER_SIZES])
    film = named(made.content, MP4)
    text = [named(said, VTT)] if said else []
    async with deps.db.transaction(area) as tx:

        async def add() -> Outcome:
            number, now = await areas.next_change_number(tx), deps.clock.now()
            stop = await find_stop_row(tx, stop_code)
            VIDEOS.check_room(await VIDEOS.there(tx, stop.stop_code))
            if await erased_store.erased(tx, [film.sha256]):
                raise VideoWasErased("This video was erased for good. Take another one.")
            if await erased_store.erased(tx, [each.sha256 for each in files]):
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
            video = stop_media.put_in(video, policy, why)
            await store.put(tx, video)
            await media_store.put_media(tx, [film, *stills, *text], now)
            await store.drop_pieces(tx, upload_id, key.principal)
            return await VIDEOS.say(deps, tx, video, number, now)

        return await VIDEOS.now(tx, await once(tx, key, Outcome, add))


async def edit_video(
    deps: Deps, key: RequestKey, area: str, video_id: str, version: int, words: Words
) -> Kept[Video]:
    """Changes what is said of a video; of one that visitors see with a reason where the source
    language is not open. Errors: VideoUnknown, VideoChanged, SecondReaderNeeded, InvalidFields."""
    why = tidy_reason(words.reason)

    async def edit(tx: Transaction, video: Video, _now: datetime) -> Video:
        VIDEOS.check_there(video)
        locales = (await areas.read_settings(tx)).locales
        alts, transcripts = check(words.credit, words.alts, words.transcripts, locales)
        VIDEOS.check_version(video, version)
        edited = replace(
            video, credit=words.credit.strip(), alts=alts, transcripts=transcripts,
            writer=key.principal,
        )  # fmt: skip
        return stop_media.reworded(edited, await reviews.read_policy(tx, locales[0]), why)

    return await VIDEOS.change(deps, key, area, video_id, edit)


async def bring_back(deps: Deps, key: RequestKey, area: str, video_id: str) -> Kept[Video]:
    """Brings a video back: the undo. Errors: VideoUnknown, VideosFull."""
    return await VIDEOS.bring_back(deps, key, area, video_id, lambda video, _there: video)


async def erase_video(
    deps: Deps, key: RequestKey, area: str, video_id: str, stop_code: str = "",
    reason: ErasureReason | None = None,
) -> int:  # fmt: skip
    """Erases a video at once, with poster and captions, at every stop that shows the same bytes.
    A poster or captions that another video has too stay with it. Nothing brings it back.
    stop_code: where it has to be, "" for anywhere. reason: None where it was not said. Returns the
    area's change number.
    Errors: VideoUnknown."""
    if not is_id(video_id):
        raise VIDEOS.unknown()
    async with deps.db.transaction(area) as tx:

        async def erase() -> int:
            number, now = await areas.next_change_number(tx), deps.clock.now()
            video = await VIDEOS.find(tx, video_id)
            if stop_code and video.stop_code != stop_code:
                raise VIDEOS.unknown()
            stops = await store.forget(tx, video.file.sha256)
            names = await store.named_by_no_other(tx, video.names)
            pictures = await erased_store.erase(
                tx, names, key.principal, number, now,
                kind=ErasedKind.VIDEO, reason=int(reason or 0),
            )  # fmt: skip
            for code in pictures:  # a photo may be the poster too
                await PHOTOS.say_changed(deps, tx, code, number, now)
            for code in stops:
                await VIDEOS.say_changed(deps, tx, code, number, now)
            await say_erased(deps, tx, video_id, names, number)
            return number

        return await once(tx, key, int, erase)


async def _check_own(tx: Transaction, upload_id: str, author: str) -> None:
    """Errors: UploadOfSomebodyElse."""
    if await store.is_begun_by_another(tx, upload_id, author):
        raise UploadOfSomebodyElse("Somebody else began this upload. Send the video anew.")
