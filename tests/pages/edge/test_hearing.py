"""What is heard is applied; what cannot be applied is told to those who run the edge."""

import pytest

from services.edge.hearing import Hearing, Wakes
from tests.pages.edge.fakes import settings


def test_a_drop_that_fails_is_logged_and_the_next_event_is_applied(
    capsys: pytest.CaptureFixture[str],
) -> None:
    dropped: list[str] = []

    def drop(area: str) -> None:
        if area == "broken":
            raise ValueError("this page cannot be dropped")
        dropped.append(area)

    hearing = Hearing(
        settings(), {"stop_published": drop}, frozenset(), lambda: None, lambda: None, Wakes()
    )
    for area in ("broken", "mine"):
        hearing._tell(area, "stop_published")
    assert dropped == ["mine"]
    written = capsys.readouterr()
    assert "an event was not applied" in written.out + written.err
