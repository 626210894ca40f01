"""Marks that nobody sees are in no name, description or transcript that visitors meet."""

from collections.abc import Callable

import pytest

from kit.pure.errors import InvalidFields
from services.multilingual.domain import photo, recording, video

MARKS = ["\u202e", "\u2066", "\ufeff", "\x07", "\x7f"]


def of_photo(text: str) -> None:
    photo.check("花子", {"ja": text}, ["ja", "en"])


def of_credit(text: str) -> None:
    photo.check(text, {"ja": "洞"}, ["ja"])


def of_video(text: str) -> None:
    video.check("花子", {"ja": "洞"}, {"ja": text}, ["ja"])


def of_voice(text: str) -> None:
    recording.check(text, "", agreed=True)


def of_words(text: str) -> None:
    recording.check("花子", text, agreed=True)


@pytest.mark.parametrize("keep", [of_photo, of_credit, of_video, of_voice, of_words])
@pytest.mark.parametrize("mark", MARKS)
def test_marks_are_refused_wherever_people_read(keep: Callable[[str], None], mark: str) -> None:
    with pytest.raises(InvalidFields, match="type it anew"):
        keep(f"青い{mark}池")
    keep("青い池、阿闍梨 (1887)")


def test_lines_of_any_system_may_stand_in_what_is_said() -> None:
    of_words("一行目\r\n二行目\n\t三行目")
    of_video("一行目\r\n二行目")
