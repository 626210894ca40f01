"""Photos: what hostile files get, what is left of good ones, and what may be said of them."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from kit.pure.errors import InvalidFields
from services.multilingual.domain import photo
from services.multilingual.domain.narration import Reading
from services.multilingual.domain.photo import check, check_size, first, moved
from services.multilingual.domain.review import Policy, SecondReaderNeeded
from services.multilingual.domain.stop_media import reading_of
from services.multilingual.gateways.photo_maker import answer, make
from services.multilingual.gateways.photos_apart import Made
from tests import photos

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HOSTILE = {
    "svg, whatever it is called": (SVG, "PhotoKind"),
    "svg behind a declaration": (b'<?xml version="1.0"?>' + SVG, "PhotoKind"),
    "gif": (photos.saved(Image.new("P", (640, 480)), "GIF"), "PhotoKind"),
    "page": (b"<!doctype html>" + photos.SECRET, "PhotoKind"),
    "nothing": (b"", "PhotoKind"),
    "heic": (b"\0\0\0\x18ftypheic" + bytes(500), "PhotoHeic"),
    "avif": (b"\0\0\0\x18ftypavif" + bytes(500), "PhotoKind"),
    "oversized": (photos.jpeg() + bytes(photo.MAX_BYTES), "PhotoTooLarge"),
    "bomb": (photos.png_of(30_000, 30_000), "PhotoTooManyPixels"),
    "long side": (photos.png_of(30_000, 400), "PhotoTooManyPixels"),
    "most pixels": (photos.png_of(15_000, 15_000), "PhotoTooManyPixels"),
    "a dot": (photos.saved(Image.new("RGB", (1, 1)), "PNG"), "PhotoTooSmall"),
    "cut off": (photos.jpeg()[:9_000], "PhotoUnreadable"),
    "rows missing": (photos.png_of(2_000, 2_000), "PhotoUnreadable"),
    "head alone": (b"\xff\xd8\xff\xe0" + bytes(90), "PhotoUnreadable"),
    "gif called png": (b"\x89PNG\r\n\x1a\nGIF89a" + bytes(90), "PhotoUnreadable"),
    "webp of nothing": (b"RIFF\x10\0\0\0WEBPVP8 " + bytes(40), "PhotoUnreadable"),
}


def opened(made: Made) -> Image.Image:
    image = Image.open(io.BytesIO(made.content))
    image.load()
    return image


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_for_its_own_reason(name: str) -> None:
    content, reason = HOSTILE[name]
    reply = answer(content)
    assert (reply.refused, reply.broke, reply.sizes) == (reason, "", ())
    assert reply.told.endswith(".") or reply.told.endswith("'.")


@pytest.mark.parametrize(
    "content", [photos.page_inside(), photos.zip_inside(), photos.located(),
                photos.jpeg(icc_profile=b"no profile " * 40)],
    ids=["page", "archive", "place", "profile"],
)  # fmt: skip
def test_nothing_but_pixels_is_left_of_a_file(content: bytes) -> None:
    for made in make(content):
        assert made.content[:4] == b"RIFF"
        image = opened(made)
        assert (image.mode, image.size) == ("RGB", (made.width, made.height))
        assert not {"exif", "icc_profile", "xmp", "comment"} & set(image.info)
        for word in (b"script", b"SecretCam", b"PK\x03\x04", b"EXIF", b"ICCP", b"no profile"):
            assert word not in made.content


def test_a_photo_comes_in_three_widths_and_is_never_made_larger() -> None:
    assert [(m.width, m.height) for m in make(photos.jpeg())] == [
        (480, 360), (960, 720), (1600, 1200),
    ]  # fmt: skip
    assert [m.width for m in make(photos.jpeg(700, 500))] == [480, 700]
    assert [m.width for m in make(photos.jpeg(400, 400))] == [400]
    assert [(m.width, m.height) for m in make(photos.jpeg(1000, 4000))][-1] == (800, 3200)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_as_pillow_would_turn_it(orientation: int) -> None:
    content = photos.located(orientation)
    want = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    got = opened(make(content)[-1])
    assert got.size == want.size
    for at in ((20, 20), (want.width - 20, want.height - 20)):
        near = zip(got.getpixel(at), want.getpixel(at), strict=True)  # type: ignore[arg-type]
        assert all(abs(a - b) < 16 for a, b in near)


def test_a_large_photo_that_lay_on_its_side_is_measured_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    sizes = make(photos.jpeg(4_000, 3_000, exif=exif.tobytes()))
    assert [(m.width, m.height) for m in sizes] == [(480, 640), (960, 1280), (1600, 2133)]
    junk = make(photos.jpeg(640, 480, exif=b"Exif\0\0MM\0*junk"))
    assert junk[0].width == 480


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "RGBA", "I;16"])
def test_every_kind_of_pixels_becomes_three_colors(mode: str) -> None:
    sizes = make(photos.saved(Image.new(mode, (640, 480)), "PNG"))
    assert [opened(made).mode for made in sizes] == ["RGB", "RGB"]


def test_what_is_transparent_stands_on_paper_and_print_colors_are_read() -> None:
    clear = opened(make(photos.saved(Image.new("RGBA", (640, 480)), "PNG"))[0])
    assert clear.getpixel((9, 9)) == (255, 255, 255)
    printed = make(photos.saved(Image.new("CMYK", (640, 480)), "JPEG"))[0]
    assert opened(printed).getpixel((9, 9)) == (255, 255, 255)


def test_of_a_moving_picture_the_first_is_kept() -> None:
    frames = [Image.new("RGB", (640, 480), color) for color in ("red", "blue")]
    moving = photos.saved(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    still = opened(make(moving)[0])
    assert getattr(still, "n_frames", 1) == 1
    pixel = still.getpixel((9, 9))
    assert isinstance(pixel, tuple)
    assert pixel[0] > 200


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 3_000))
def test_whatever_is_in_a_file_it_is_answered(junk: bytes, at: int) -> None:
    good = photos.jpeg(400, 400)
    broken = good[:at] + junk + good[at + len(junk) :]
    reply = answer(broken)
    assert not reply.broke
    assert bool(reply.sizes) != bool(reply.refused)


def test_sizes_at_the_edge() -> None:
    check_size(8_000, 6_250)
    check_size(16_000, 320)
    with pytest.raises(photo.PhotoTooManyPixels):
        check_size(8_000, 6_251)
    with pytest.raises(photo.PhotoTooSmall):
        check_size(319, 4_000)


def test_alternative_texts_are_the_areas_languages_and_the_source_is_needed() -> None:
    kept = check("花子", {"ja": " 池 ", "en": " "}, ("ja", "en"))
    assert kept == {"ja": "池"}
    for credit, alts in (
        ("", {"ja": "池"}), ("花子", {"en": "Pool"}), ("花子", {"ja": "池", "xx": "a"}),
        ("花子", {"ja": "池" * 201}), ("花" * 201, {"ja": "池"}),
    ):  # fmt: skip
        with pytest.raises(InvalidFields):
            check(credit, alts, ("ja", "en"))


@given(st.lists(st.uuids().map(str), unique=True, min_size=1, max_size=9), st.data())
def test_moving_to_the_front_keeps_the_others_in_order(
    order: list[str], data: st.DataObject
) -> None:
    chosen = data.draw(st.sampled_from(order))
    moved = first(order, chosen)
    assert (moved[0], sorted(moved)) == (chosen, sorted(order))
    assert [each for each in moved if each != chosen] == [each for each in order if each != chosen]


@given(st.lists(st.text(min_size=1), min_size=1, unique=True, max_size=12), st.data())
def test_a_move_keeps_all_others_in_their_order(order: list[str], data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(order))
    steps = data.draw(st.integers(-15, 15))
    after = moved(order, one, steps)
    assert sorted(after) == sorted(order)
    assert [each for each in after if each != one] == [each for each in order if each != one]
    wanted = order.index(one) + steps
    assert after.index(one) == min(max(wanted, 0), len(order) - 1)


PEOPLE = st.sampled_from(["hanako", "jiro", "saburo"])


@given(
    policy=st.sampled_from(Policy), author=PEOPLE, writer=PEOPLE, reader=PEOPLE,
    reviews=st.booleans(), reason=st.sampled_from(["", "x"]),
)  # fmt: skip
def test_own_photos_never_count_as_looked_at_by_somebody_else(
    policy: Policy, author: str, writer: str, reader: str, reason: str, *, reviews: bool
) -> None:
    people = (author, writer)
    try:
        reading = reading_of(people, policy, reader, reviews=reviews, reason=reason)
    except SecondReaderNeeded:
        assert policy is not Policy.OPEN
        assert not reason
        assert reader in (author, writer) or not reviews
        return
    if reader in (author, writer) or not reviews:
        assert reading is (Reading.ALONE if reason else Reading.NOT_ASKED)
    assert (reading is Reading.NOT_ASKED) <= (policy is Policy.OPEN)
