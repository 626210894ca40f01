"""A demo that was cut short is gone on with; its passwords are known again."""

from pathlib import Path
from typing import Any

from demo import area
from infra.local.home import Home

MADE = {"clerk": {"user": "clerk", "password": "new"}}


class Doors:
    """The services' doors: they have logins once they were asked to make some."""

    def __init__(self) -> None:
        self.begun: list[bool] = []
        self.has_logins = False

    def __call__(self, name: str, home: Home, *, begun: bool) -> tuple[Any, dict[str, Any]]:
        assert (home.data / "areas" / name / "area.json").exists()
        self.begun.append(begun)
        is_new, self.has_logins = begun or not self.has_logins, True
        return {}, {"first_logins": MADE} if is_new else {}


def test_the_first_demo_makes_logins_and_the_next_knows_them(tmp_path: Path) -> None:
    home, doors = Home(tmp_path), Doors()
    home.make()
    assert area.prepare(home, "mine", doors) == MADE
    assert area.prepare(home, "mine", doors) == MADE
    assert doors.begun == [True, False]


def test_a_demo_that_was_cut_short_goes_on_with_new_passwords(tmp_path: Path) -> None:
    home, doors = Home(tmp_path), Doors()
    home.make()
    doors.has_logins = True  # made, and killed before they were kept
    assert area.prepare(home, "mine", doors) == MADE
    area.logins_file(home).write_text('{"clerk": {"us')  # cut by a full disk
    assert area.prepare(home, "mine", doors) == MADE
    assert doors.begun == [True, True]
