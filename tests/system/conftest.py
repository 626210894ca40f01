"""One platform and one browser for all system tests that break nothing; others start their own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.platform import Platform, running

# The same browser without windows comes first: it starts and draws with a third less work.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
HERE = Path(__file__).parent
# Leads to this machine under an address that is not this computer's own, as in a shop's network.
LAN = "192.0.2.10"
PUBLIC_NAME = "guide.example.jp"  # the same, under which a platform of a test is published
# A machine that others use as well may be several times slower. Whoever waits for less than this
# says how soon it must be; the browser's own actions have half a minute, too.
PATIENCE_MS = 30_000
HUNG_S = 600  # what is ended from outside takes the browser of all later tests along


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Gives the tests in this folder the time that a busy machine needs."""
    for item in items:
        if item.path.is_relative_to(HERE) and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(HUNG_S))


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A running platform with area mine, shared by the run: leave it as you found it."""
    # Registers and operators of the tests listen on this machine.
    here = "127.0.0.0/8"
    settings = {
        "MEGURI_NOTICE_NETWORKS": here, "MEGURI_REALTIME_NETWORKS": here, "MEGURI_PATIENCE": "8",
    }  # fmt: skip
    with running(tmp_path_factory.mktemp("platform"), settings=settings) as started:
        yield started


@pytest.fixture
def own_platform(tmp_path: Path) -> Iterator[Platform]:
    """A running platform of the test's own, to be broken at will."""
    with running(tmp_path / "data") as started:
        yield started


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The one browser of the run: playwright allows no second one beside it."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip("no chromium is installed: apt-get install chromium fonts-noto-cjk")
    expect.set_options(timeout=PATIENCE_MS)
    rules = ", ".join(f"MAP {name} 127.0.0.1" for name in (LAN, PUBLIC_NAME))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", f"--host-resolver-rules={rules}"],
        )
        yield browser
        browser.close()
