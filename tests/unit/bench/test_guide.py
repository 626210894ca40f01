"""The bench of the guide: what it asks for, what it makes of the answers."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from bench import rounds
from bench.guide import nginx, wrk
from bench.guide.run import LANGUAGES, LIMITS, _answer, _is_plain
from kit.pure.languages import LOCALES
from kit.pure.locale import negotiate


def test_every_header_leads_to_the_page_that_nginx_gives() -> None:
    """The peer looks the header up; it has to find what the edge negotiates."""
    for header, locale in LANGUAGES.items():
        assert negotiate(header, LOCALES).locale == locale


def test_a_failed_answer_is_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    told = 'JSON {"requests": 900, "us": 2000000, "bytes": 90000, "failed": %d,'
    told += ' "p50_us": 1500, "p99_us": 9000}\n'

    def run(failed: int, code: int = 0) -> dict[str, float]:
        def answer(command: list[str], **_: Any) -> "subprocess.CompletedProcess[str]":
            assert Path(command[-2]).read_text() == 'ja\t\nen\tW/"x"\n'
            return subprocess.CompletedProcess(command, code, "running\n" + told % failed, "")

        monkeypatch.setattr(subprocess, "run", answer)
        return wrk.ask(80, "/g/X", [("ja", ""), ("en", 'W/"x"')], 2, "guide.example.jp")

    assert run(0) == {
        "answers": 900, "per_second": 450, "bytes": 100, "p50_ms": 1.5, "p99_ms": 9
    }  # fmt: skip
    for failed, code in ((3, 0), (0, 1)):
        with pytest.raises(RuntimeError):
            run(failed, code)


def test_limits_are_held_or_not_and_missing_cases_are_not_judged() -> None:
    found = {
        f"{name}_{figure}": [value]
        for name in ("hot", "nginx", "not_modified", "nginx_not_modified", "flask")
        for figure, value in (("per_second", 100.0), ("p99_ms", 5.0), ("cpu_us", 20.0))
    }
    found["nginx_per_second"], found["nginx_cpu_us"] = [200.0], [5.0]
    seen = {"publish_seen_p50_s": 0.1, "publish_seen_p99_s": 1.2}
    alone = {"negotiation_us": 1.5, "signs_200_s": 12.0, "codes_read": 0.9975}
    answer = _answer(found, seen, alone, 6)
    assert answer["ratios"]["hot_vs_nginx"] == 0.5
    assert answer["ratios"]["hot_vs_nginx_cpu"] == 0.25
    assert answer["limits"]["hot_vs_nginx"] == ">= 0.6: does not hold"
    assert answer["limits"]["not_modified_vs_nginx"] == ">= 0.75: holds"
    assert answer["limits"]["publish_seen_p99_s"] == "<= 1.0: does not hold"
    assert answer["limits"]["signs_200_s"] == "<= 60.0: holds"
    assert answer["limits"]["codes_read"] == ">= 1.0: does not hold"
    assert "headers_right" not in answer["limits"]
    assert set(answer["limits"]) | {"headers_right", "icu_cases_right"} == set(LIMITS)
    assert rounds.holds(20.0, "<=", 20.0)
    assert rounds.holds(0.6, ">=", 0.6)


def test_cases_with_thresholds_are_another_matcher() -> None:
    assert _is_plain({"expect": "en"})
    assert not _is_plain({"expect": "en", "threshold": 9})
    assert not _is_plain({"expect": None})


def test_without_nginx_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nginx, "program", lambda: None)
    with pytest.raises(RuntimeError, match="apt-get install"), nginx.serving({}, {}, {}):
        pass
