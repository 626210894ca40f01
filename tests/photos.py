"""Photos for tests: good ones, and files that only say they are photos."""

import io
import struct
import zipfile
import zlib

from PIL import Image

SECRET = b"<script>alert(1)</script>"


def jpeg(width: int = 2000, height: int = 1500, **more: object) -> bytes:
    """Returns a JPEG: red at the left, blue at the right."""
    image = Image.new("RGB", (width, height), (200, 30, 30))
    image.paste((30, 30, 200), (width // 2, 0, width, height))
    return saved(image, "JPEG", **more)


def saved(image: Image.Image, kind: str, **more: object) -> bytes:
    """Returns an image as a file."""
    target = io.BytesIO()
    image.save(target, kind, **more)
    return target.getvalue()


def located(orientation: int = 6) -> bytes:
    """Returns a JPEG that says where it was taken, with which camera, and how it is turned."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "SecretCam"
    exif.get_ifd(0x8825).update({1: "N", 2: (34.0, 13.0, 41.0)})
    return jpeg(1200, 900, exif=exif.tobytes(), comment=b"taken by SecretCam")


def page_inside() -> bytes:
    """Returns a JPEG that is a page too, for a reader that looks for one."""
    return jpeg(comment=SECRET) + b"<html>" + SECRET


def png_of(width: int, height: int, extra: bytes = b"") -> bytes:
    """Returns a PNG of a few bytes that says to be as large; its rows are missing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(100_000))
    return (b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows)
            + extra + _chunk(b"IEND", b""))  # fmt: skip


def zip_inside() -> bytes:
    """Returns a PNG behind which an archive hangs."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("run.html", SECRET)
    return saved(Image.new("RGB", (640, 480), (9, 90, 9)), "PNG") + packed.getvalue()


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
