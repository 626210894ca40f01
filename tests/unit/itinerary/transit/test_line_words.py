"""Every fault that a line, a walk, a taxi or a feed can have is told in words."""

import re
from pathlib import Path

from services.itinerary.cli import feed, timetable
from services.itinerary.cli.line_words import FAULTS, in_words, reason_of
from services.itinerary.domain.transit import line_check
from services.itinerary.gateways import feed_reader, feeds

TRANSIT = Path(line_check.__file__).parent
# Told of by services of their own, not by these rules.
COMMON = {"OTHER_KIND", "TIMETABLES_FULL", "VERSION_CONFLICT", "CARD_NUMBER_TYPED"}
# Raised where what is sent is taken apart, or where it is kept.
ELSEWHERE = {"BAD_HOLIDAYS", "UNKNOWN_RUN"}


def reasons(*paths: Path) -> set[str]:
    text = "".join(path.read_text("utf-8") for path in paths)
    return set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+|NOBODY)"', text))


def test_every_fault_has_its_words() -> None:
    said = reasons(*(TRANSIT / f"{name}.py" for name in ("faults", "line_check", "ways", "kept")))
    assert set(FAULTS) == said | COMMON | ELSEWHERE


def test_every_refusal_of_a_feed_has_its_words() -> None:
    said = reasons(Path(feed_reader.__file__), Path(feeds.__file__))
    assert said <= set(feed.UNUSABLE) | set(timetable.BAD_FEEDS)


def test_the_reason_is_taken_from_the_end_of_a_sentence() -> None:
    assert reason_of("give at most 300 [TOO_MANY_RUNS]", "X") == (
        "give at most 300", "TOO_MANY_RUNS",
    )  # fmt: skip
    assert reason_of("at most 200 characters", "TEXT_TOO_LONG") == (
        "at most 200 characters", "TEXT_TOO_LONG",
    )  # fmt: skip
    assert in_words("NEW_REASON", "said in English") == "said in English"
