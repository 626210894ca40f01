"""A stop is retired on a running platform with several edge workers: each of them leads its old
sign on, also while the guide does not answer, and none takes a restored guide for the last one."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from cli.connection import running_machine
from demo.web import Answer, Browser, Unexpected
from infra.local.home import Home
from tests.platform import Platform, running

pytestmark = pytest.mark.long

WORKERS = "3"
ASKED = 40  # times, each on a connection of its own: whichever worker takes it
SOON_S = 20.0  # an event is heard in milliseconds; the check every ten seconds is the net
OLD, TARGET, MOVED = "WQ0RP", "33RBE", "3BTG6"


def fresh(platform: Platform) -> Browser:
    return Browser(platform.url, urlsplit(platform.url).netloc)


def answers(platform: Platform, path: str, times: int = ASKED) -> Counter[tuple[int, str]]:
    """Returns how often which status and address came, from whichever worker."""
    found: Counter[tuple[int, str]] = Counter()
    for _ in range(times):
        with fresh(platform) as browser:
            answer = browser.get(path)
            found[answer.status, answer.headers.get("Location", "")] += 1
    return found


def until(check: Callable[[], bool]) -> None:
    end = time.monotonic() + SOON_S
    while not check():
        assert time.monotonic() < end, "a worker still tells what no longer holds"
        time.sleep(0.2)


def send(editor: Browser, page: str, path: str, **fields: str) -> Answer:
    form = editor.get(page)
    given = {name: form.field(name) for name in ("form_token", "request_id")}
    answer = editor.post_form(path, given | fields)
    assert answer.status == 303, answer.text
    return answer


def is_moved(editor: Browser) -> bool:
    """Moves a stop; a guide that was silent for long is started anew, and says so meanwhile."""
    try:
        send(editor, f"/studio/stops/{MOVED}", f"/studio/stops/{MOVED}/move", after="")
    except Unexpected:
        return False
    return True


@contextmanager
def without_answer(platform: Platform, name: str) -> Iterator[None]:
    """Holds a part for as long as the block: it is there and says nothing."""
    [pid] = [each["pid"] for each in platform.state["components"] if each["name"] == name]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):  # the supervisor ends a part that is silent for long
            os.kill(pid, signal.SIGCONT)


def go_back(platform: Platform) -> None:
    """Puts the guide's tables to where they were before the stop was retired, as a restore does."""
    machine = running_machine(Home(platform.data))
    assert machine is not None
    with psycopg.connect(machine.database_url("multilingual")) as connection:
        connection.execute("select set_config('meguri.area', 'mine', true)")
        connection.execute(
            "update stops set retire_time = null, target_stop_code = '', retire_reason = 0"
        )
        connection.execute("delete from tour_steps")
        connection.execute("update areas set change_number = change_number - 1")


def test_every_worker_leads_on_and_none_keeps_what_is_gone(tmp_path: Path) -> None:
    with running(tmp_path / "data", settings={"MEGURI_EDGE_WORKERS": WORKERS}) as platform:
        login = platform.state["first_logins"]["editor"]
        assert answers(platform, f"/g/{OLD}") == {(200, ""): ASKED}  # ready in all of them
        with fresh(platform) as editor:
            editor.sign_in(login["user"], login["password"])
            page = f"/studio/stops/{OLD}/retire"
            send(editor, page, page, target=TARGET, reason="3")
            led = {(302, f"/g/{TARGET}?moved={OLD}"): ASKED}
            until(lambda: answers(platform, f"/g/{OLD}") == led)
            assert answers(platform, f"/g/{TARGET}?moved={OLD}", 9) == {(200, ""): 9}
            with without_answer(platform, "multilingual"):
                assert answers(platform, f"/g/{OLD}", 3) == {next(iter(led)): 3}
                assert answers(platform, f"/g/{TARGET}", 3) == {(200, ""): 3}
            until(lambda: answers(platform, f"/g/{OLD}", 3) == {next(iter(led)): 3})
            # A backup comes back under the very number that every worker knows.
            go_back(platform)
            until(lambda: is_moved(editor))
            until(lambda: answers(platform, f"/g/{OLD}") == {(200, ""): ASKED})
