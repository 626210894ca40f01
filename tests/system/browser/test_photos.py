"""Photos of a stop: put in by a form without a script, seen by visitors, and without a signal."""

import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests import photos
from tests.system.browser.conftest import Visit
from tests.system.browser.phones import codes, loaded, phone_in
from tests.system.look import blob, check_axe, look, until

pytestmark = [pytest.mark.platform, pytest.mark.browser]
__all__ = ["phone_in"]
SEEN = "() => { const one = document.querySelector('.photo img'); return one.complete && one.naturalWidth }"  # noqa: E501 - a script reads best unbroken

CHOSEN = "() => document.querySelector('#photo').files[0]"


def test_a_photo_is_put_in_seen_kept_and_taken_away(
    visit: Callable[..., Visit], phone_in: Callable[..., Visit], tmp_path: Path
) -> None:
    file = tmp_path / "IMG_0001.jpg"
    file.write_bytes(photos.located(6))
    phone = phone_in("ja")
    code = codes(phone)[0]
    editor = visit("ja", java_script_enabled=False)
    editor.sign_in("editor")
    page = editor.open(f"/studio/stops/{code}/photos")
    page.set_input_files("#photo", file)
    page.fill("#new-alt", "青い池")
    page.fill("#new-credit", "秋芳町 花子")
    page.click("section[aria-labelledby=add] form > p > button")
    expect(page.locator(".notice--ok")).to_contain_text("公開しました")

    kept = loaded(phone)
    expect(kept.locator("[data-part=photos]")).to_contain_text("写真：")
    look(kept, "pack-photos-ja")
    phone.context.set_offline(True)
    kept.goto(f"{phone.site.url}/g/{code}")
    picture = kept.locator(".photo img")
    expect(picture).to_have_attribute("alt", "青い池")
    picture.scroll_into_view_if_needed()
    until(kept, SEEN)
    assert kept.evaluate("document.querySelector('.photo img').naturalWidth") == 480
    expect(kept.locator(".photo figcaption")).to_have_text("写真：秋芳町 花子")
    look(kept, "photo-ja")
    phone.context.set_offline(False)

    page.click("li.studio-photo button[value=removed]")
    expect(page.locator(".notice--ok")).to_contain_text("外しました")
    page.click(".notice--ok button")
    expect(page.locator("li.studio-photo")).to_have_count(1)
    page.click("li.studio-photo button[value=removed]")
    expect(page.locator("ol.studio-photos").first.locator("li")).to_have_count(0)


def grainy(width: int, height: int) -> bytes:
    """Returns a JPEG as large as a phone's: noise does not pack, and it lies on its side."""
    noise = Image.frombytes("L", (width, height), random.Random(1).randbytes(width * height))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "SecretCam"
    return photos.saved(noise.convert("RGB"), "JPEG", quality=90, exif=exif.tobytes())


def test_a_large_photo_is_made_smaller_moved_by_keys_and_erased(
    visit: Callable[..., Visit], phone_in: Callable[..., Visit], tmp_path: Path
) -> None:
    phone = phone_in("ja")
    code = codes(phone)[1]
    editor = visit("ja")
    editor.sign_in("editor")
    page = editor.open(f"/studio/stops/{code}/photos")
    expect(page.locator(".studio-send")).to_have_attribute("data-ready", "yes")
    large = tmp_path / "IMG_0002.jpg"
    large.write_bytes(grainy(2800, 2100))
    assert large.stat().st_size > 4_100_000
    small = tmp_path / "IMG_0003.jpg"
    small.write_bytes(photos.jpeg(800, 600))
    for file, name in ((large, "大きい"), (small, "小さい")):
        page.set_input_files("#photo", file)
        state = page.locator("#photo-state")
        expect(state).to_have_attribute("data-look", "done")
        if file is large:
            expect(state).to_contain_text("小さくしました")
            sent = blob(page, CHOSEN)
            assert len(sent) <= 3_900_000
            assert b"SecretCam" not in sent
            image = Image.open(io.BytesIO(sent))
            assert (image.format, image.height > image.width) == ("JPEG", True)
        page.fill("#new-alt", name)
        page.fill("#new-credit", "花子")
        look(page, f"studio-photos-{name}")
        page.click("section[aria-labelledby=add] form > p > button")
        expect(page.locator(".notice--ok")).to_contain_text("公開しました")
    # What no browser reads is told before anything is sent.
    broken = tmp_path / "IMG_0004.heic"
    broken.write_bytes(b"\0\0\0\x18ftypheic" + bytes(5_000_000))
    page.set_input_files("#photo", broken)
    expect(page.locator("#photo-state")).to_have_attribute("data-look", "bad")
    assert not page.evaluate("document.querySelector('.studio-send').checkValidity()")
    check_axe(page)

    shown = page.locator("ol.studio-photos > li strong + span")
    expect(shown).to_have_text(["大きい", "小さい"])
    page.locator("button[value=down]").focus()
    page.keyboard.press("Enter")
    expect(shown).to_have_text(["小さい", "大きい"])
    expect(page.locator("button[value=up]")).to_be_focused()
    page.keyboard.press("Enter")  # the focus stayed with the photo, which goes back up
    expect(shown).to_have_text(["大きい", "小さい"])
    address = page.locator("ol.studio-photos img").first.get_attribute("src")
    seen = phone.open(f"/g/{code}")
    # Its place is kept free before it comes: nothing below it jumps.
    boxes = seen.evaluate("""async () => {
      const one = document.querySelector(".photo img");
      const before = one.getBoundingClientRect().height;
      one.loading = "eager";
      await one.decode();
      return [before, one.getBoundingClientRect().height];
    }""")
    assert abs(boxes[0] - boxes[1]) < 1  # a browser rounds to parts of a pixel
    assert boxes[1] > 100
    assert seen.request.get(f"{phone.site.url}{address}").status == 200

    card = page.locator("ol.studio-photos > li").first
    card.get_by_text("完全に消す", exact=True).click()
    card.get_by_text("写っている方が公開を望まなくなった").click()
    card.get_by_text("元に戻せないことを確認しました").click()
    look(page, "studio-photo-erase")
    card.locator("button[value=erased]").click()
    expect(page.locator(".notice--ok")).to_contain_text("完全に消しました")
    until(
        seen,
        f"async () => (await fetch('{address}', {{ cache: 'no-store' }})).status === 410",
    )
    seen.reload()
    expect(seen.locator(".photo img")).to_have_count(1)
    phone.complaints[:] = [each for each in phone.complaints if "410" not in each]
