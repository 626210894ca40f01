"""The recorder of the studio with a real browser and a microphone that plays a file: record,
listen, send, hear; a broken line; and each way a microphone may be withheld."""

import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.sounds import read_tone, tone_wav
from tests.system.browser.conftest import Site, Visit
from tests.system.conftest import BROWSERS, LAN
from tests.system.look import DESK, PHONE, SIZES, WIDE, check_axe, shoot, until

pytestmark = [pytest.mark.platform, pytest.mark.browser]

HERTZ, TOLD = 440, "[data-part=told]"
SENT = re.compile(r"/recording$")
KEPT = """async () => {
  const { all } = await import(document.querySelector("script[src*=record]").src.replace("record.js", "waiting.js"));
  return (await all()).map(({ wav, ...each }) => ({ ...each, bytes: wav.byteLength }));
}"""  # noqa: E501 - a script reads best unbroken
# How loud a tone is after it was brought to 24 kHz, and how far it is from the tone it should be.
RESAMPLED = """async ([rate, hertz]) => {
  const { resampled, peak } = await import(document.querySelector("script[src*=record]").src.replace("record.js", "wav.js"));
  const made = resampled(Float32Array.from({ length: rate }, (_, at) => 0.5 * Math.sin(2 * Math.PI * hertz * at / rate)), rate);
  const middle = made.subarray(2000, -2000);
  let error = 0;
  middle.forEach((each, at) => error = Math.max(error, Math.abs(each - 0.5 * Math.sin(2 * Math.PI * hertz * (at + 2000) / 24000))));
  return [made.length, peak(middle), error];
}"""  # noqa: E501 - a script reads best unbroken
# A browser that refuses a microphone of another rate than its context's own.
OWN_RATE = """
const Given = AudioContext;
self.AudioContext = class extends Given {
  constructor(options) { super(options ?? { sampleRate: 48000 }); self.asked = [...(self.asked ?? []), this.sampleRate]; }
  createMediaStreamSource(stream) {
    if (this.sampleRate !== 48000) throw new DOMException("rates differ", "NotSupportedError");
    return super.createMediaStreamSource(stream);
  }
};
"""  # noqa: E501 - a script reads best unbroken


@pytest.fixture(scope="module")
def listening(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Browser]]:
    """Call it: a browser whose microphone hears a tone of 440 Hz for ever, or is withheld."""
    path = tmp_path_factory.mktemp("tone") / "tone.wav"
    path.write_bytes(tone_wav(HERTZ))
    made: dict[str, Browser] = {}

    def start(answer: str = "") -> Browser:
        if answer not in made:
            made[answer] = chromium.browser_type.launch(
                executable_path=next(filter(None, map(shutil.which, BROWSERS))),
                args=["--no-sandbox", "--disable-gpu", f"--host-resolver-rules=MAP {LAN} 127.0.0.1",
                      f"--use-fake-ui-for-media-stream{answer}",
                      "--use-fake-device-for-media-stream",
                      f"--use-file-for-fake-audio-capture={path}"],
            )  # fmt: skip
        return made[answer]

    yield start
    for each in made.values():
        each.close()


@pytest.fixture
def editor(listening: Callable[..., Browser], site: Site) -> Iterator[Callable[..., Visit]]:
    """Call it: an editor at a phone with a microphone. The line is broken on purpose."""
    made: list[Visit] = []

    def start(*, browser: Browser | None = None, **options: Any) -> Visit:
        context = (browser or listening()).new_context(
            viewport=PHONE, locale="ja", extra_http_headers={"Accept-Language": "ja"}, **options
        )
        made.append(Visit(context, site, []))
        made[-1].sign_in("editor")
        return made[-1]

    yield start
    for each in made:
        each.context.close()
        known = ("net::ERR_", "status of 503")  # a guide that is busy is asked again
        assert [text for text in each.complaints if not any(one in text for one in known)] == []


@pytest.fixture
def stop(editor: Callable[..., Visit]) -> Iterator[str]:
    """The desk of a stop that nobody has recorded in Korean; it is silent again afterwards."""
    page = editor().open("/studio")
    found = page.locator("a.studio-cell[href$='/ko']").first.get_attribute("href")
    assert found is not None
    yield found
    page.goto(f"{page.url.partition('/studio')[0]}{found}")
    taken = page.locator("form[action$='/recording/remove'] button")
    if taken.count():
        taken.click()
        page.wait_for_url(re.compile("done=silenced"))


def opened(visit: Visit, desk: str) -> Page:
    page = visit.open(f"{desk}/record")
    expect(page.locator("[data-record]")).to_have_attribute("data-ready", "yes")
    return page


def take(page: Page, seconds: float = 3.0) -> None:
    """Records as somebody does who uses the keyboard alone."""
    page.locator("button:visible", has_text=re.compile("録音する|録り直す")).press("Enter")
    for count in ("3", "2", "1"):
        expect(page.locator(TOLD)).to_have_text(count)
    expect(page.locator("[data-part=finish]")).to_be_focused()
    expect(page.locator(TOLD)).to_contain_text("録音中")
    page.wait_for_timeout(int(seconds * 1000))
    page.keyboard.press("Enter")
    expect(page.locator("[data-record]")).to_have_attribute("data-state", "review")


def submit(page: Page, credit: str = "花子") -> None:
    page.fill("#credit", credit)
    page.check("[name=speaker_agreed]")
    page.click("[data-part=send] button")


def heard_by_visitors(context: BrowserContext, site: Site, desk: str) -> str:
    page = context.new_page()
    page.goto(f"{site.url}/g/{desk.split('/')[2]}?locale=ko")
    sound = page.locator("audio source, audio[src]").first.get_attribute("src") or ""
    page.evaluate("document.querySelector('audio').play()")
    until(page, "() => document.querySelector('audio').currentTime > 0.5")
    page.close()
    return sound


def test_what_is_read_aloud_is_heard_by_visitors(
    editor: Callable[..., Visit], chromium: Browser, site: Site, stop: str
) -> None:
    visit = editor()
    page = opened(visit, stop)
    bodies: list[bytes] = []

    def look(route: Route) -> None:
        bodies.append(route.request.post_data_buffer or b"")
        route.continue_()

    page.context.route(SENT, look)
    check_axe(page)
    shoot(page, "record-ready", full_page=False)
    take(page)
    listen = "() => document.querySelector('[data-part=sound]')"
    page.evaluate(f"({listen})().play()")
    until(page, f"() => ({listen})().currentTime > 0.5")
    assert bodies == []  # nothing was sent before somebody has listened
    check_axe(page)
    shoot(page, "record-review", full_page=False)
    submit(page)
    page.wait_for_url(re.compile(r"done=recorded(-bare)?#recording$"))
    expect(page.get_by_text("この音声が流れるようになりました")).to_be_visible()
    body = bodies[-1]  # sent again where the guide was busy
    form, seconds, hertz = read_tone(body)
    assert form == (1, 2, 24_000)
    assert 2.8 < seconds < 4.5
    assert hertz == pytest.approx(HERTZ, abs=6)
    visitor = chromium.new_context()
    assert heard_by_visitors(visitor, site, stop).startswith("/media/")
    visitor.close()
    page = opened(visit, stop)
    assert page.evaluate(KEPT) == []  # what was sent is forgotten here
    expect(page.locator("#credit")).to_have_value("花子")


@pytest.mark.parametrize("arrives", [False, True])
def test_a_broken_line_loses_nothing_and_sends_once(
    editor: Callable[..., Visit], stop: str, arrives: bool  # noqa: FBT001 - a parameter
) -> None:  # fmt: skip
    """Whether the recording never arrived or its answer was lost: another tab sends the same."""
    visit = editor()
    page = opened(visit, stop)
    ids: list[bytes] = []

    def breaks(route: Route) -> None:
        body = route.request.post_data_buffer or b""
        ids.extend(re.findall(rb'name="request_id"\r\n\r\n([^\r]+)', body))
        if arrives:
            assert route.fetch().status in (200, 503)
        route.abort()

    page.context.route(SENT, breaks)
    take(page, 1.0)
    submit(page)
    expect(page.locator("[data-record]")).to_have_attribute("data-state", "waiting")
    expect(page.locator(TOLD)).to_contain_text("この端末に残り")
    check_axe(page)
    shoot(page, "record-waiting", full_page=False)
    [kept] = page.evaluate(KEPT)
    assert kept["request_id"].encode() == ids[0]
    assert kept["bytes"] > 40_000
    page.close()
    page = visit.open(f"{stop}/record")  # closed and opened: it tries by itself
    expect(page.locator("[data-record]")).to_have_attribute("data-state", "waiting")
    other = opened(visit, stop.replace("/ko", "/ja"))  # a page for another text says that it waits
    expect(other.locator(f"[data-part=others] a[href='{stop}/record']")).to_be_visible()
    page.context.unroute(SENT)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_url(re.compile("done=recorded"))
    assert len(ids) >= 2
    assert len(set(ids)) == 1
    assert opened(visit, stop).evaluate(KEPT) == []


def test_a_login_page_of_a_wifi_takes_nothing(editor: Callable[..., Visit], stop: str) -> None:
    page = opened(editor(), stop)
    page.context.route(SENT, lambda route: route.fulfill(status=200, json={"taken": "all"}))
    take(page, 1.0)
    submit(page)
    expect(page.locator("[data-record]")).to_have_attribute("data-state", "waiting")
    assert len(page.evaluate(KEPT)) == 1


def test_a_refusal_is_said_and_the_next_try_is_another_request(
    editor: Callable[..., Visit], stop: str
) -> None:
    visit = editor()
    page = opened(visit, stop)
    refusal = {"type": "urn:meguri:problem:sound_refused", "reason": "sound_refused",
               "title": "だめです。", "status": 400}  # fmt: skip
    page.context.route(SENT, lambda route: route.fulfill(status=400, json=refusal))
    take(page, 1.0)
    [before] = page.evaluate(KEPT)
    submit(page)
    expect(page.locator(TOLD)).to_contain_text("だめです。")
    expect(page.locator("[data-part=send]")).to_be_visible()
    [after] = page.evaluate(KEPT)
    assert after["request_id"] != before["request_id"]
    visit.complaints.clear()  # the browser's word on the 400
    page.click("[data-part=drop]")
    expect(page.locator(TOLD)).to_have_text("録音を捨てました。")
    assert page.evaluate(KEPT) == []


def test_a_pause_is_left_out_and_a_cancelled_count_records_nothing(
    editor: Callable[..., Visit], stop: str
) -> None:
    page = opened(editor(), stop)
    page.click("[data-part=start]")
    page.click("[data-part=cancel]")
    expect(page.locator("[data-part=start]")).to_be_focused()
    assert page.evaluate(KEPT) == []
    page.click("[data-part=start]")
    page.wait_for_timeout(3_000)
    page.click("[data-part=pause]")
    expect(page.locator(TOLD)).to_contain_text("一時停止中")
    stood = page.locator("[data-part=clock]").inner_text()
    shoot(page, "record-paused", full_page=False)
    page.wait_for_timeout(2_000)
    assert page.locator("[data-part=clock]").inner_text() == stood
    page.click("[data-part=resume]")
    page.wait_for_timeout(800)
    shoot(page, "record-recording", full_page=False)
    level = "Number(document.querySelector('[data-part=level]').style.getPropertyValue('--level'))"
    assert 0.3 < page.evaluate(level) <= 1
    page.click("[data-part=finish]")
    expect(page.locator("[data-record]")).to_have_attribute("data-state", "review")
    [kept] = page.evaluate(KEPT)
    assert 0.7 < kept["seconds"] < 2.0


def test_a_recording_ends_where_no_more_is_taken(editor: Callable[..., Visit], stop: str) -> None:
    visit = editor()

    def shorter(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace('longest="62"', 'longest="2"'))

    visit.context.route(re.compile("/record$"), shorter)
    page = opened(visit, stop)
    page.click("[data-part=start]")
    expect(page.locator(TOLD)).to_contain_text("時間いっぱい")
    [kept] = page.evaluate(KEPT)
    assert (kept["seconds"], kept["bytes"]) == (2, 44 + 2 * 48_000)


def test_a_browser_with_a_rate_of_its_own_sends_24_khz_too(
    editor: Callable[..., Visit], stop: str
) -> None:
    visit = editor()
    visit.context.add_init_script(OWN_RATE)
    page = opened(visit, stop)
    bodies: list[bytes] = []

    def hold(route: Route) -> None:
        bodies.append(route.request.post_data_buffer or b"")
        route.abort()

    page.context.route(SENT, hold)
    take(page, 2.0)
    assert page.evaluate("asked") == [24_000, 48_000]
    submit(page)
    expect(page.locator("[data-record]")).to_have_attribute("data-state", "waiting")
    form, seconds, hertz = read_tone(bodies[0])
    assert form == (1, 2, 24_000)
    assert hertz == pytest.approx(HERTZ, abs=6)
    assert 1.8 < seconds < 3.5


@pytest.mark.parametrize("rate", [44_100, 48_000, 16_000])
def test_another_rate_keeps_the_voice_and_loses_what_would_whistle(
    editor: Callable[..., Visit], stop: str, rate: int
) -> None:
    page = opened(editor(), stop)
    for hertz in (100, 1_000, 5_000):
        length, loud, error = page.evaluate(RESAMPLED, [rate, hertz])
        assert length == 24_000
        assert loud == pytest.approx(0.5, rel=0.02)
        assert error < 0.01
    if rate > 24_000:  # 16 kHz would come back as 8 kHz
        assert page.evaluate(RESAMPLED, [rate, 16_000])[1] < 0.5 / 300  # 50 dB


def test_a_refused_microphone_is_explained(
    editor: Callable[..., Visit], listening: Callable[..., Browser], stop: str
) -> None:
    page = opened(editor(browser=listening("=deny")), stop)
    page.click("[data-part=start]")
    expect(page.locator(TOLD)).to_contain_text("許可されていません")
    expect(page.locator("[data-part=start]")).to_be_visible()
    check_axe(page)
    shoot(page, "record-refused", full_page=False)


def test_where_there_is_no_microphone_the_page_says_so(
    editor: Callable[..., Visit], chromium: Browser, stop: str
) -> None:
    page = opened(editor(browser=chromium), stop)
    page.click("[data-part=start]")
    expect(page.locator(TOLD)).to_contain_text("マイクが見つかりません")


def test_an_address_without_https_leads_to_a_file(
    editor: Callable[..., Visit], site: Site, stop: str
) -> None:
    visit = editor()
    [cookie] = [each for each in visit.context.cookies() if "session" in each["name"]]
    given = {name: cookie[name] for name in ("name", "value", "path", "httpOnly")}
    visit.context.add_cookies([given | {"domain": LAN}])  # type: ignore[list-item]
    page = visit.context.new_page()
    page.goto(f"{site.url.replace('127.0.0.1', LAN)}{stop}/record")
    expect(page.locator("[data-record]")).to_have_attribute("data-ready", "yes")
    expect(page.locator("[data-hindered=insecure]")).to_contain_text("https")
    expect(page.locator("[data-part=bar]")).to_be_hidden()
    check_axe(page)
    shoot(page, "record-insecure")


def test_a_browser_without_worklets_and_one_without_scripts(
    editor: Callable[..., Visit], stop: str
) -> None:
    visit = editor()
    visit.context.add_init_script("delete self.AudioWorkletNode")
    page = opened(visit, stop)
    expect(page.locator("[data-hindered=unable]")).to_contain_text("録音できません")
    expect(page.locator("[data-part=bar]")).to_be_hidden()
    plain = editor(java_script_enabled=False).open(f"{stop}/record")
    expect(plain.get_by_role("link", name="編集ページでファイルを")).to_be_visible()
    expect(plain.locator("[data-part=bar]")).to_be_hidden()


def test_the_page_fits_a_phone_and_a_desk(editor: Callable[..., Visit], stop: str) -> None:
    page = opened(editor(), stop)
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        assert page.evaluate(WIDE) == []
        shoot(page, "record-whole")
        check_axe(page, SIZES)
