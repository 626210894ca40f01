"""Photos of stops: what may be kept of them, and what a stranger's file is by its first bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kit.pure.errors import InvalidFields, NotFound, Refusal, VersionConflict
from services.multilingual.domain.narration import unseen_in
from services.multilingual.domain.stop_media import StopMedia

MAX_BYTES = 4_000_000  # what one gRPC message carries
MAX_PIXELS = 50_000_000  # the largest photo of a phone has 48 million
MAX_SIDE = 16_000
MIN_SIDE = 320  # smaller is no photo to look at
WIDTHS = (480, 960, 1600)
MAX_PHOTOS = 12
MAX_CHARS = 200
WEBP = "image/webp"
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


class PhotoRefused(Refusal):
    """A file that is not kept; each kind of it has a reason of its own."""


class PhotoKind(PhotoRefused):
    """It is none of JPEG, PNG and WebP."""


class PhotoHeic(PhotoRefused):
    """It is HEIC, which most browsers do not show."""


class PhotoUnreadable(PhotoRefused):
    """It is damaged or broke off."""


class PhotoTooLarge(PhotoRefused):
    """It has more bytes than can be sent."""


class PhotoTooManyPixels(PhotoRefused):
    """It is larger than anybody looks at it."""


class PhotoTooSmall(PhotoRefused):
    """It is too small to see something on it."""


class PhotosFull(Refusal):
    """The stop has as many photos as it may have."""


class PhotoWasErased(Refusal):
    """The very photo was erased for good: somebody who is on it asked, perhaps."""


class PhotoUnknown(NotFound):
    """There is no such photo, or it was taken away for long."""


class PhotoChanged(VersionConflict):
    """Somebody else changed it meanwhile."""


REFUSED: Mapping[str, type[PhotoRefused]] = {
    each.__name__: each
    for each in (PhotoKind, PhotoHeic, PhotoUnreadable, PhotoTooLarge, PhotoTooManyPixels,
                 PhotoTooSmall)
}  # fmt: skip


@dataclass(frozen=True)
class PhotoFile:
    """One size of a photo; width and height in pixels, named by its SHA-256."""

    sha256: str
    width: int
    height: int
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class Photo(StopMedia):
    """A photo of a stop. position: among those of the stop, from 1. files: narrowest first."""

    photo_id: str
    position: int
    files: tuple[PhotoFile, ...]

    @property
    def media_id(self) -> str:
        """Its own id."""
        return self.photo_id


def look(content: bytes) -> None:
    """Looks at a file's size and first bytes; its name and what its sender calls it count nothing.

    Errors: PhotoTooLarge, PhotoHeic, PhotoKind.
    """
    if len(content) > MAX_BYTES:
        raise PhotoTooLarge("A photo has at most 4 MB. Save it smaller and send it again.")
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC:
        raise PhotoHeic("This is HEIC. Send it as JPEG: on the iPhone choose 'Most Compatible'.")
    webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    if not (webp or content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))):
        raise PhotoKind("This is no JPEG, PNG or WebP. Save it as one of them.")


def check_size(width: int, height: int) -> None:
    """Looks at the pixels a file says it has. Errors: PhotoTooManyPixels, PhotoTooSmall."""
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise PhotoTooManyPixels("At most 50 million pixels, 16,000 on a side. Save it smaller.")
    if min(width, height) < MIN_SIDE:
        raise PhotoTooSmall("At least 320 pixels on each side. Send it as it was taken.")


def check(credit: str, alts: Mapping[str, str], locales: Sequence[str]) -> dict[str, str]:
    """Returns the alternative texts that are kept: empty ones are none. locales: source first.

    Errors: InvalidFields.
    """
    kept = {locale: text.strip() for locale, text in alts.items() if text.strip()}
    wrong: list[tuple[str, str]] = []
    if not 1 <= len(credit.strip()) <= MAX_CHARS:
        wrong.append(("credit", f"say who holds the rights, 1 to {MAX_CHARS} characters"))
    wrong += unseen_in(credit=credit, alts="\n".join(kept.values()))
    if locales[0] not in kept:
        wrong.append(("alts", f"say in {locales[0]} what is to be seen"))
    for locale, text in sorted(kept.items()):
        if locale not in locales or len(text) > MAX_CHARS:
            wrong.append(("alts", f"a language of the area, at most {MAX_CHARS} characters"))
    if wrong:
        raise InvalidFields(wrong)
    return kept


def moved(order: Sequence[str], photo_id: str, steps: int) -> list[str]:
    """Returns ids with one of them moved by steps, up below 0; beyond an end it stays there."""
    rest = [each for each in order if each != photo_id]
    at = min(max(order.index(photo_id) + steps, 0), len(rest))
    return [*rest[:at], photo_id, *rest[at:]]


def first(order: Sequence[str], photo_id: str) -> list[str]:
    """Returns ids with one of them moved to the front; the others keep their order."""
    return [photo_id, *(each for each in order if each != photo_id)]
