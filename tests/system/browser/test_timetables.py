"""A new colleague types a line from its printed timetable, confirms it, and meets another one."""

import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.system.browser.conftest import DESK, PHONE, Visit
from tests.system.look import check_axe, look, look_by_night, shoot

STATION, CENTER = "新山口駅", "秋芳洞バスセンター"
TIMES = ".tt-run >> nth={} >> .tt-time"


def choose(page: Page, letters: str) -> None:
    """Adds the one stop that has these letters."""
    page.fill("#add-place-narrow", letters)
    expect(page.locator("#add-place option:checked")).to_contain_text(letters)
    page.click("button[value=stop-add]")
    page.wait_for_load_state("domcontentloaded")


def times(page: Page, run: int) -> list[str]:
    return [each.input_value() for each in page.locator(TIMES.format(run)).all()]


def type_line(page: Page, name: str) -> None:
    """Types a line with three stops and four runs; keeps it."""
    choose(page, STATION)
    choose(page, CENTER)
    expect(page.locator(".tt-stops-list li")).to_have_count(2)
    page.fill("#f-name-ja", name)
    page.fill("#f-name-en", "Trial line")
    page.fill("#f-operator", "防長交通")
    page.fill("#f-phone", "083-922-2519")
    page.locator("details:has(#add-name-ja) > summary").click()
    page.fill("#add-name-ja", "役場前")
    page.fill("#add-name-en", "Town hall")
    page.select_option("#add-after", index=1)
    page.click("button[value=stop-add]")
    page.wait_for_load_state("domcontentloaded")
    page.locator(TIMES.format(0)).first.focus()
    page.keyboard.type("837")
    page.keyboard.press("Enter")
    page.keyboard.type("0851")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("9:22")
    page.fill("#copy-by", "60")
    page.fill("#copy-times", "3")
    page.click("button[value=run-copy]")
    page.wait_for_load_state("domcontentloaded")
    assert [times(page, at) for at in (0, 3)] == [
        ["8:37", "8:51", "9:22"],
        ["11:37", "11:51", "12:22"],
    ]
    page.fill("#all-of", "2026-11")
    page.click("button[value=all-basis]")
    page.wait_for_load_state("domcontentloaded")


def keep(page: Page) -> None:
    page.click(".tt-bar button[value=save]")


def test_a_new_colleague_types_and_confirms_a_line(visit: Callable[..., Visit]) -> None:
    editor = visit("ja", size=DESK)
    editor.sign_in("editor")
    page = editor.open("/studio/timetables")
    look(page, "timetables-empty")
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    page.click("a[href='/studio/timetables/new']")
    name = f"試し線{time.time_ns() % 100_000}"
    type_line(page, name)
    # One slip: it is said beside its field, and nothing that was typed is gone.
    page.locator(TIMES.format(1)).nth(1).fill("9時半")
    keep(page)
    page.wait_for_selector("#wrong")
    assert times(page, 1) == ["9:37", "9時半", "10:22"]
    look(page, "timetable-wrong")
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    page.locator(TIMES.format(1)).nth(1).fill("951")
    keep(page)
    page.wait_for_url(re.compile(r"/studio/timetables/trial-line-\w+\?done=saved"))
    look(page, "timetable")
    look_by_night(page, "timetable")
    line = page.url.partition("?")[0]

    page.goto(f"{line}/confirm")
    look(page, "timetable-confirm")
    page.fill("#f-by", "佐藤、電話で営業所に")
    page.locator("input[name=run]").last.uncheck()
    page.click("button[value=confirm]")
    page.wait_for_url("**/confirm?done=confirmed")
    expect(page.locator(".tt-runs-list .badge--ok")).to_have_count(3)
    page.goto(f"{line}?on=2026-12-07")
    expect(page.locator(".tt-told")).to_contain_text("8:37")
    expect(page.locator(".tt-told .badge--ok")).to_have_count(9)
    page.goto(f"{editor.site.url}/studio/timetables")
    row = page.locator("tr", has_text=name)
    expect(row.locator("td").nth(1).locator(".badge--warn")).to_contain_text("3")
    look(page, "timetables")

    # However many runs there are, the first one begins beside the names of the stops.
    page.goto(f"{editor.site.url}/studio/timetables/shin-yamaguchi-akiyoshido")
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    names, first = page.locator(".tt-names").bounding_box(), page.locator(".tt-run").first
    assert page.locator(".tt-run").count() > 5
    assert names
    assert names["x"] + names["width"] <= first.bounding_box()["x"] + 1  # type: ignore[index]
    look(page, "timetable-of-mine")

    page.goto(f"{editor.site.url}/studio/ways")
    look(page, "ways")
    page.goto(f"{editor.site.url}/studio/pins/bus-center")
    look(page, "pin")
    page.click("button[value=north]")  # a step on the sketch, then back: nothing is kept by it
    expect(page.locator("#f-latitude")).to_have_value("34.227899")
    page.click("button[value=south]")
    expect(page.locator("#f-latitude")).to_have_value("34.227000")
    page.click("button[value=save]")  # as it was
    page.wait_for_url("**/studio/pins?done=pinned")
    page.goto(f"{editor.site.url}/studio/pins")
    look(page, "pins")
    page.goto(f"{editor.site.url}/studio/timetables/feed")
    look(page, "timetable-feed")
    remove(page, line)
    expected(editor, "422")


def test_two_colleagues_at_one_line(visit: Callable[..., Visit]) -> None:
    first = visit("ja", size=PHONE)
    first.sign_in("editor")
    page = first.open("/studio/timetables/new")
    type_line(page, f"二人線{time.time_ns() % 100_000}")
    keep(page)
    page.wait_for_url("**?done=saved")
    line = page.url.partition("?")[0]
    path = line.removeprefix(first.site.url)
    second = visit("en", size=DESK)
    second.sign_in("admin")
    other = second.open(path)
    other.locator(TIMES.format(2)).nth(0).fill("10:40")
    other.locator(TIMES.format(2)).nth(0).blur()
    keep(other)
    other.wait_for_url("**?done=saved")
    # On the phone one run at a time fills the screen; the next one is a swipe or a tap away.
    runs = page.locator(".tt-run")
    assert runs.nth(0).bounding_box()["width"] > PHONE[0] * 0.8  # type: ignore[index]
    page.locator(".tt-jump a").nth(2).click()
    expect(runs.nth(2)).to_be_in_viewport()
    page.fill("#f-operator", "私の会社")
    keep(page)
    page.wait_for_selector("#conflict")
    expect(page.locator("#conflict")).to_contain_text("10:40")
    expect(page.locator("#conflict")).to_contain_text("10:37")
    assert page.input_value("#f-operator") == "私の会社"
    check_axe(page)
    shoot(page, "timetable-conflict")
    other.reload()
    assert times(other, 2)[0] == "10:40"
    page.locator(TIMES.format(2)).nth(0).fill("10:40")
    keep(page)
    page.wait_for_url("**?done=saved")
    other.goto(line)
    assert other.input_value("#f-operator") == "私の会社"
    assert times(other, 2)[0] == "10:40"
    remove(other, line)
    expected(first, "409")


def test_a_block_from_a_spreadsheet_fills_the_grid(visit: Callable[..., Visit]) -> None:
    editor = visit("ja", size=DESK)
    editor.sign_in("editor")
    page = editor.open("/studio/timetables/new")
    choose(page, STATION)
    choose(page, CENTER)
    page.click("button[value=run-add]")
    page.wait_for_load_state("domcontentloaded")
    page.locator(TIMES.format(0)).first.evaluate(
        """(field) => {
          const data = new DataTransfer();
          data.setData("text/plain", "837\\t0937\\t1037\\n9:22\\t10:22\\t11:22\\n");
          const given = {clipboardData: data, bubbles: true, cancelable: true};
          field.dispatchEvent(new ClipboardEvent("paste", given));
        }"""
    )
    assert [times(page, at) for at in (0, 1)] == [["8:37", "9:22"], ["9:37", "10:22"]]
    expect(page.locator(".tt-status")).to_contain_text("1")
    page.locator(TIMES.format(0)).nth(1).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(TIMES.format(1)).nth(1)).to_be_focused()


def test_without_scripts_a_line_is_typed_by_buttons(visit: Callable[..., Visit]) -> None:
    editor = visit("ja", size=PHONE, java_script_enabled=False)
    editor.sign_in("editor")
    page = editor.open("/studio/timetables/new")
    for place in ("place:st-shin-yamaguchi", "place:bus-center"):
        page.select_option("#add-place", value=place)
        page.click("button[value=stop-add]")
        page.wait_for_load_state("domcontentloaded")
    page.fill("#f-name-ja", "紙の線")
    page.fill("#f-name-en", "Paper line")
    for at, typed in enumerate(("８：３７", "922")):
        page.locator(TIMES.format(0)).nth(at).fill(typed)
    page.fill("#copy-by", "120")
    page.click("button[value=run-copy]")
    page.wait_for_load_state("domcontentloaded")
    assert times(page, 1) == ["10:37", "11:22"]
    page.locator(TIMES.format(1)).first.press("Enter")  # a look, and nothing is kept
    page.wait_for_load_state("domcontentloaded")
    assert page.url.endswith("/studio/timetables/new")
    look(page, "timetable-plain", barriers=False)
    keep(page)
    page.wait_for_url(re.compile(r"/paper-line-\w+\?done=saved"))
    line = page.url.partition("?")[0]
    assert [times(page, at) for at in (0, 1)] == [["8:37", "9:22"], ["10:37", "11:22"]]
    page.goto(line)
    page.locator("#delete > summary").click()
    page.check("#delete input[name=sure]")
    page.click("#delete button.button--bad")
    page.wait_for_url("**/studio/timetables?done=deleted")


def test_a_feed_is_looked_at_and_taken_in(visit: Callable[..., Visit], tmp_path: Path) -> None:
    tables = {
        "agency": "agency_id,agency_name,agency_url,agency_timezone\n1,試し交通,https://a.example,Asia/Tokyo\n",
        "stops": "stop_id,stop_name,stop_lat,stop_lon\na,駅前,34.09,131.39\nb,洞前,34.22,131.30\n",
        "routes": "route_id,agency_id,route_short_name,route_long_name,route_type\n1,1,洞線,,3\n",
        "trips": "route_id,service_id,trip_id\n1,daily,t1\n1,nobody,t2\n",
        "stop_times": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "t1,08:37:00,08:37:00,a,1\nt1,09:22:00,09:22:00,b,2\n",
        "calendar": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,"
        "start_date,end_date\n"
        "daily,1,1,1,1,1,1,1,20260401,20991231\n",
    }  # fmt: skip
    feed = tmp_path / "gtfs.zip"
    with zipfile.ZipFile(feed, "w") as archive:
        for name, text in tables.items():
            archive.writestr(f"{name}.txt", text)
    editor = visit("ja", size=PHONE)
    editor.sign_in("editor")
    page = editor.open("/studio/timetables/feed")
    page.fill("#f-id", "trial-feed")
    page.set_input_files("#f-archive", feed)
    page.click("button[value=look]")
    page.wait_for_selector("#report .card")
    expect(page.locator("#report")).to_contain_text("stop_times")
    look(page, "timetable-feed-report")
    # The script kept the chosen file: the second button sends it without choosing again.
    page.click("button[value=take]")
    page.wait_for_url("**/studio/timetables?done=taken")
    row = page.locator("tr", has=page.locator("a[href='/studio/timetables/feed?id=trial-feed']"))
    expect(row.first).to_contain_text("2099-12-31")
    page.goto(f"{editor.site.url}/studio/timetables/feed?id=trial-feed")
    look(page, "timetable-feed-kept")
    page.locator("#delete > summary").click()
    page.check("#delete input[name=sure]")
    page.click("#delete button.button--bad")
    page.wait_for_url("**/studio/timetables?done=deleted")


def expected(one: Visit, status: str) -> None:
    """Takes one answer of a status off what the browser complained of: it was meant."""
    found = next(each for each in one.complaints if f"status of {status}" in each)
    one.complaints.remove(found)


def remove(page: Page, line: str) -> None:
    """Deletes a line."""
    page.goto(line)
    page.locator("#delete > summary").click()
    page.check("#delete input[name=sure]")
    page.click("#delete button.button--bad")
    page.wait_for_url("**/studio/timetables?done=deleted")
