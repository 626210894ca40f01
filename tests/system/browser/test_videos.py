"""Videos of a stop: put in with a frame as poster, played and sought; their words in packs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests import photos, videos
from tests.system.browser.conftest import Visit
from tests.system.browser.phones import codes, loaded, phone_in
from tests.system.look import look, until

pytestmark = [pytest.mark.platform, pytest.mark.browser]
__all__ = ["phone_in"]
PLAYS = """async () => {
  const film = document.querySelector("video");
  film.muted = true;
  await film.play();
  return film.videoWidth;
}"""
SOUGHT = """async () => {
  const film = document.querySelector("video");
  film.pause();
  film.currentTime = 2.2;
  await new Promise((done) => film.addEventListener("seeked", done, { once: true }));
  return film.currentTime;
}"""
CUES = "() => document.querySelector('video').textTracks[0].cues?.length"


def test_a_video_is_put_in_played_and_told_where_there_is_no_signal(
    visit: Callable[..., Visit], phone_in: Callable[..., Visit], tmp_path: Path
) -> None:
    captions = tmp_path / "captions.vtt"
    captions.write_text(videos.VTT)
    phone = phone_in("ja")
    code = codes(phone)[2]
    editor = visit("ja")
    editor.sign_in("editor")
    page = editor.open(f"/studio/stops/{code}/videos")
    expect(page.locator(".studio-film")).to_have_attribute("data-ready", "yes")
    page.set_input_files("#video", videos.CLIPS / "clip.mp4")
    state = page.locator("#video-state")
    expect(state).to_have_attribute("data-look", "done")
    assert page.evaluate("document.querySelector('#poster').files[0].type") == "image/jpeg"
    page.set_input_files("#captions", captions)
    page.fill("#new-alt", "青い池が揺れる")
    page.fill("#new-said", "言葉はなく、水の音")
    page.fill("#new-credit", "秋芳町 花子")
    look(page, "studio-videos-new")
    page.click("section[aria-labelledby=add] form > p > button")
    expect(page.locator(".notice--ok")).to_contain_text("公開しました")
    look(page, "studio-videos")

    seen = phone.open(f"/g/{code}")
    film = seen.locator("video")
    assert film.evaluate("one => one.paused && one.preload === 'none' && one.readyState === 0")
    film.scroll_into_view_if_needed()
    look(seen, "video-ja")
    assert seen.evaluate(PLAYS) == 640
    assert 2.1 < seen.evaluate(SOUGHT) < 2.3
    seen.evaluate("document.querySelector('video').textTracks[0].mode = 'showing'")
    until(seen, f"() => ({CUES})() === 2")

    kept = loaded(phone)
    phone.context.set_offline(True)
    kept.goto(f"{phone.site.url}/g/{code}")
    expect(kept.locator(".video__away")).to_contain_text("電波のある所")
    expect(kept.locator(".video__said")).to_have_text("言葉はなく、水の音")
    expect(kept.locator("video")).to_have_count(0)
    kept.locator(".video").scroll_into_view_if_needed()
    look(kept, "video-kept-ja")
    phone.context.set_offline(False)

    page.locator("li.studio-photo button[value=removed]").click()
    expect(page.locator(".notice--ok")).to_contain_text("外しました")


def test_a_video_is_put_in_without_a_script_and_refused_with_what_to_do(
    visit: Callable[..., Visit], phone_in: Callable[..., Visit], tmp_path: Path
) -> None:
    poster = tmp_path / "poster.jpg"
    poster.write_bytes(photos.jpeg(800, 450))
    code = codes(phone_in("ja"))[3]
    editor = visit("ja", java_script_enabled=False)
    editor.sign_in("editor")
    page = editor.open(f"/studio/stops/{code}/videos")
    for name, told in (("clip.webm", "WebM"), ("hevc.mp4", "互換性優先"), ("clip.mp4", "公開")):
        page.set_input_files("#video", videos.CLIPS / name)
        page.set_input_files("#poster", poster)
        page.fill("#new-alt", "池")
        page.fill("#new-said", "水の音")
        page.fill("#new-credit", "花子")
        page.click("section[aria-labelledby=add] form > p > button")
        expect(page.locator(".notice").first).to_contain_text(told)
    expect(page.locator("li.studio-photo video")).to_have_count(1)
    page.locator("li.studio-photo summary", has_text="完全に消す").click()
    page.get_by_text("写っている方が公開を望まなくなった").click()
    page.get_by_text("元に戻せないことを確認しました").click()
    page.locator("button[value=erased]").click()
    expect(page.locator(".notice--ok")).to_contain_text("完全に消しました")
    expect(page.locator("li.studio-photo")).to_have_count(0)
    editor.complaints[:] = [each for each in editor.complaints if "status of 422" not in each]


def test_what_the_guide_says_of_a_piece_is_told_at_once(
    visit: Callable[..., Visit], phone_in: Callable[..., Visit]
) -> None:
    """A line that broke is tried again; a refusal is not, and its words are shown."""
    code = codes(phone_in("ja"))[4]
    editor = visit("ja")
    editor.sign_in("editor")
    page = editor.open(f"/studio/stops/{code}/videos")
    expect(page.locator(".studio-film")).to_have_attribute("data-ready", "yes")
    page.set_input_files("#video", videos.CLIPS / "clip.mp4")
    expect(page.locator("#video-state")).to_have_attribute("data-look", "done")
    for name, words in (("alt", "池"), ("said", "水の音"), ("credit", "花子")):
        page.fill(f"#new-{name}", words)
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.headers["accept"])
        said = {"reason": "video_uploads_full", "title": "4本の動画が途中です"}
        if len(asked) == 1:
            route.abort()
        else:
            route.fulfill(status=429, json=said)

    page.route("**/videos/pieces", refuse)
    page.click("section[aria-labelledby=add] form > p > button")
    expect(page.locator("#video-state")).to_contain_text("4本の動画が途中です")
    assert asked == ["application/json"] * 2
    expect(page.locator("li.studio-photo")).to_have_count(0)
    editor.complaints.clear()  # of the line that broke, and of what was refused
