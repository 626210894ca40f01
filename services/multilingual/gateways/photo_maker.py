"""The program that makes one photo the house's: upright, sRGB, three sizes, nothing else in it.

In: a stranger's file; out: a Reply as MessagePack. It runs in a process of its own (kit/child.py).
What is kept is drawn anew from pixels, so that nothing hidden in the file comes along.
"""

import io
import warnings

from PIL import Image, ImageCms

from services.multilingual.domain.photo import (
    WIDTHS,
    PhotoRefused,
    PhotoTooManyPixels,
    PhotoUnreadable,
    check_size,
    look,
)
from services.multilingual.gateways.answering import answer_one
from services.multilingual.gateways.photos_apart import Made, Reply

KINDS = ("JPEG", "PNG", "WEBP")
QUALITY = 78
TALLEST = 2  # heights for a width; a longer one is made narrower
PAPER = (255, 255, 255)  # behind what is transparent
_ORIENTATION = 0x0112  # in EXIF, CIPA DC-008
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90,
}  # fmt: skip
_ON_ITS_SIDE = frozenset(_TURNS[each] for each in (5, 6, 7, 8))


def make(content: bytes) -> tuple[Made, ...]:
    """Returns the sizes of a photo, none wider than it is. Errors: PhotoRefused."""
    look(content)
    Image.MAX_IMAGE_PIXELS = None  # ours is stricter, and asked before anything is unpacked
    warnings.simplefilter("ignore")  # of what stands in EXIF; nobody reads it
    try:
        image = Image.open(io.BytesIO(content), formats=KINDS)
        check_size(*image.size)
        profile, turn = image.info.get("icc_profile"), _turn(image)
        small = _shrunk(image, on_its_side=turn in _ON_ITS_SIDE)
        whole = _plain(small.transpose(turn) if turn is not None else small, profile)
    except MemoryError as error:
        raise PhotoTooManyPixels("It needs too much memory. Save it smaller.") from error
    except PhotoRefused:
        raise
    except Exception as error:  # whatever a decoder makes of it
        raise PhotoUnreadable("The file is damaged or broke off. Send it again.") from error
    widths = [each for each in WIDTHS if each < whole.width]
    if len(widths) < len(WIDTHS):
        widths.append(whole.width)
    return tuple(_size(whole, width) for width in widths)


def _shrunk(image: Image.Image, *, on_its_side: bool) -> Image.Image:
    """Returns it no larger than the largest size: all that follows is then cheap."""
    most = (WIDTHS[-1], WIDTHS[-1] * TALLEST)
    wide, high = most[::-1] if on_its_side else most
    scale = min(wide / image.width, high / image.height, 1.0)
    target = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    image.draft("RGB", target)  # a JPEG is unpacked at a half, a quarter or an eighth already
    image.load()
    if image.mode not in {"L", "RGB", "RGBA", "CMYK"}:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if image.size == target:
        return image
    return image.resize(target, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _turn(image: Image.Image) -> Image.Transpose | None:
    """Returns how it has to be turned; what is said in a way nobody can read is not said."""
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - anything may stand there
        return None


def _plain(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Returns it in sRGB without transparency and without a word of where it comes from."""
    if image.mode == "RGBA":
        clear = Image.new("RGBA", image.size, (*PAPER, 255))
        clear.alpha_composite(image)
        image = clear.convert("RGB")
    if profile:
        image = _to_srgb(image, profile)
    image = image.convert("RGB")
    # A saver may take along what hangs at an image; Pillow's for WebP does not, until it does.
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    return bare


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Returns it in sRGB, as it is where the profile is none or is for another kind of image."""
    try:
        theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        found = ImageCms.profileToProfile(
            image, theirs, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return found or image


def _size(whole: Image.Image, width: int) -> Made:
    height = max(1, round(whole.height * width / whole.width))
    sized = whole.resize((width, height), Image.Resampling.LANCZOS)  # a copy where it is that wide
    target = io.BytesIO()
    sized.save(target, "WEBP", quality=QUALITY, method=4)
    return Made(target.getvalue(), sized.width, sized.height)


def answer(content: bytes) -> Reply:
    """Returns what is to be said of a file, whatever is in it."""
    try:
        return Reply(sizes=make(content))
    except PhotoRefused as error:
        return Reply(refused=type(error).__name__, told=str(error))
    except Exception as error:  # noqa: BLE001 - the caller logs it and refuses the file
        return Reply(broke=type(error).__name__)


if __name__ == "__main__":
    answer_one(answer)
