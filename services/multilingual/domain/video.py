"""Videos of stops: what may be kept of them, and what a stranger's file is by its first bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kit.pure.errors import InvalidFields, NotFound, Refusal, VersionConflict
from services.multilingual.domain.narration import unseen_in
from services.multilingual.domain.photo import PhotoFile
from services.multilingual.domain.stop_media import StopMedia

MAX_BYTES = 12_000_000  # a visitor's phone loads it at the entrance in half a minute
PIECE_BYTES = 3_000_000  # of what one gRPC message carries
MAX_PIECES = MAX_BYTES // PIECE_BYTES
MAX_MS, MIN_MS = 60_000, 500
MAX_SIDE, MIN_SIDE = 1920, 160
MAX_FRAMES = 60 * 61
MAX_VIDEOS = 3
MAX_UPLOADS = 4  # of one person in one area that are on their way
POSTER_SIZES = 2  # the narrowest: it is a still of something that moves
MAX_CHARS, MAX_TRANSCRIPT = 200, 3_000
MP4 = "video/mp4"
_MATROSKA = b"\x1a\x45\xdf\xa3"


class VideoRefused(Refusal):
    """A file that is not kept; each kind of it has a reason of its own."""


class VideoKind(VideoRefused):
    """It is no MP4."""


class VideoWebm(VideoRefused):
    """It is WebM, which many iPhones do not play."""


class VideoCodec(VideoRefused):
    """Its picture is not H.264 or its sound not AAC, so some phones would show nothing."""


class VideoUnreadable(VideoRefused):
    """It is damaged, broke off, or is put together in a way that is not taken."""


class VideoTooLarge(VideoRefused):
    """It has more bytes than a visitor should have to load."""


class VideoTooLong(VideoRefused):
    """It lasts longer than anybody stands before a stop, or not even half a second."""


class VideoTooManyPixels(VideoRefused):
    """Its picture is larger than a phone shows, or too small to see something."""


class VideosFull(Refusal):
    """The stop has as many videos as it may have."""


class VideoUnknown(NotFound):
    """There is no such video, or it was taken away for long."""


class VideoChanged(VersionConflict):
    """Somebody else changed it meanwhile."""


class VideoWasErased(Refusal):
    """The very video was erased for good: somebody who is on it asked, perhaps."""


class UploadsFull(Refusal):
    """So many videos of the same person are on their way that no other may begin."""


class UploadOfSomebodyElse(Refusal):
    """Somebody else began this upload; nobody writes into it or finishes it for them."""


class VideoIncomplete(Refusal):
    """Not all pieces of it have come."""


REFUSED: Mapping[str, type[VideoRefused]] = {
    each.__name__: each
    for each in (VideoKind, VideoWebm, VideoCodec, VideoUnreadable, VideoTooLarge, VideoTooLong,
                 VideoTooManyPixels)
}  # fmt: skip


@dataclass(frozen=True)
class VideoFile:
    """The video itself. width and height as it is seen; duration in milliseconds."""

    sha256: str
    size_bytes: int
    width: int
    height: int
    duration_ms: int
    sound: bool


@dataclass(frozen=True, kw_only=True)
class Video(StopMedia):
    """A video of a stop. poster: pictures for before it plays, narrowest first, none where the one
    it had was erased. captions_sha256:
    WebVTT in the source language, "" for none. transcripts: what is said, by locale, the source
    among them."""

    video_id: str
    file: VideoFile
    poster: tuple[PhotoFile, ...]
    captions_sha256: str
    transcripts: Mapping[str, str]

    @property
    def media_id(self) -> str:
        """Its own id."""
        return self.video_id

    @property
    def names(self) -> list[str]:
        """The SHA-256 of all that is kept of it."""
        found = [self.file.sha256, *(each.sha256 for each in self.poster), self.captions_sha256]
        return [each for each in found if each]


def look(content: bytes) -> None:
    """Looks at a file's size and first bytes. Errors: VideoTooLarge, VideoWebm, VideoKind."""
    if len(content) > MAX_BYTES:
        raise VideoTooLarge("A video has at most 12 MB. Cut it shorter or save it in 720p.")
    if content.startswith(_MATROSKA):
        raise VideoWebm("This is WebM, which many iPhones do not play. Save it as MP4.")
    if content[4:8] != b"ftyp":
        raise VideoKind("This is no MP4. Save the video as MP4.")


def check_picture(width: int, height: int) -> None:
    """Looks at the pixels a file says it has. Errors: VideoTooManyPixels."""
    if max(width, height) > MAX_SIDE or min(width, height) < MIN_SIDE:
        raise VideoTooManyPixels("A side has 160 to 1,920 pixels. Save it in 720p or 1080p.")


def check_length(milliseconds: int) -> None:
    """Errors: VideoTooLong."""
    if not MIN_MS <= milliseconds <= MAX_MS:
        raise VideoTooLong("A video lasts half a second to a minute. Cut it shorter.")


def check(
    credit: str, alts: Mapping[str, str], transcripts: Mapping[str, str], locales: Sequence[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Returns descriptions and transcripts that are kept: empty ones are none. locales: source
    first. Errors: InvalidFields."""
    wrong: list[tuple[str, str]] = []
    if not 1 <= len(credit.strip()) <= MAX_CHARS:
        wrong.append(("credit", f"say who holds the rights, 1 to {MAX_CHARS} characters"))
    kept = []
    for name, given, most in (
        ("alts", alts, MAX_CHARS), ("transcripts", transcripts, MAX_TRANSCRIPT),
    ):  # fmt: skip
        words = {locale: text.strip() for locale, text in given.items() if text.strip()}
        if locales[0] not in words:
            wrong.append((name, f"say it in {locales[0]}"))
        if any(each not in locales or len(words[each]) > most for each in words):
            wrong.append((name, f"a language of the area, at most {most} characters"))
        kept.append(words)
        wrong += unseen_in(**{name: "\n".join(words.values())})
    wrong += unseen_in(credit=credit)
    if wrong:
        raise InvalidFields(wrong)
    return kept[0], kept[1]
