"""The bench of painting: what it asks of a browser, and when its limit holds."""

import pytest

from bench import platform
from bench.pages.crawl import is_page
from bench.paint import run as paint
from cli.bench import BENCHES


class Browser:
    """Stands for a browser that painted after as many seconds as it is told."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.asked = seconds, list[str]()

    def paint(self, address: str, name: str) -> dict[str, float]:
        self.asked.append(address)
        return {f"{name}_lcp_s": self.seconds, f"{name}_fcp_s": self.seconds, f"{name}_kb": 20.0}


@pytest.mark.parametrize(("seconds", "told"), [(1.0, "holds"), (1.01, "does not hold")])
def test_the_limit_is_of_the_stop_page(
    monkeypatch: pytest.MonkeyPatch, seconds: float, told: str
) -> None:
    browser = Browser(seconds)
    monkeypatch.setattr(paint, "_paint", lambda _, address, name: browser.paint(address, name))
    monkeypatch.setattr(paint, "_first_stop", lambda *_: "K7Q2X")

    class Running:
        state = {"ports": {"edge": 8080}}  # noqa: RUF012 - as the platform has it

        def __enter__(self) -> "Running":
            return self

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(platform, "running", Running)
    monkeypatch.setattr(paint, "browser", Running)
    answer = paint.run(3, 1, lambda _: None)
    assert answer["limits"] == {"stop_lcp_s": f"<= 1.0: {told}"}
    assert answer["ratios"] == {"stop_lcp_s": seconds}
    assert len(browser.asked) == 4 * len(paint.PAGES), "once to have it made, then in each round"
    assert "http://127.0.0.1:8080/g/K7Q2X" in browser.asked


def test_what_is_painted_are_pages_and_the_command_knows_it() -> None:
    assert all(is_page(path.format(code="K7Q2X")) for path in paint.PAGES.values())
    assert BENCHES["paint"] == paint.__name__
