"""What a sign says, which address may stand on it, and when a sheet is too old."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.multilingual.domain.label import NoPublicAddress
from services.multilingual.domain.sign import (
    LOCALES,
    AddressNotPublic,
    AddressNotSecure,
    Front,
    Sheet,
    State,
    check_address,
    standing,
)

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)
FACE = Front(
    "7", {"ja": "百枚皿", "en": "Hundred Saucers"}, "K7Q2X", "HTTPS://GUIDE.EXAMPLE.JP/G/K7Q2X"
)
FACES = st.builds(
    Front,
    number=st.sampled_from(["", "1", "2"]),
    names=st.dictionaries(st.sampled_from(LOCALES), st.sampled_from(["池", "Pool"])),
    code=st.just("K7Q2X"),
    url=st.sampled_from(
        ["HTTPS://A.EXAMPLE.JP/G/K7Q2X", "HTTPS://B.EXAMPLE.JP/G/K7Q2X", "HTTP://10.0.0.5/G/K7Q2X"]
    ),
)


def sheet(front: Front, hung: datetime | None = None) -> Sheet:
    return Sheet("p1", front.code, 3, front, NOW, hung)


def test_plain_http_is_refused_and_https_is_not() -> None:
    with pytest.raises(AddressNotSecure):
        check_address("http://guide.example.jp")
    for url in ("https://guide.example.jp", "HTTPS://guide.example.jp:8443/", "https://8.8.8.8"):
        check_address(url)


@pytest.mark.parametrize("url", ["https://[::1", "https://", "nonsense", "https://cave.lan"])
def test_what_no_phone_reaches_is_refused_and_the_way_out_is_a_command(url: str) -> None:
    with pytest.raises(AddressNotPublic, match=r"\./meguri up --domain"):
        check_address(url)
    with pytest.raises(AddressNotSecure, match=r"\./meguri up --domain"):
        check_address("http://guide.example.jp")
    assert "./meguri up --domain" in str(NoPublicAddress())


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://cave.lan", "this machine or a local network"),
        ("https://guide.example.jpp", r"ends with \.jpp, .* is it spelled right\?"),
        ("https://co.jp", r"^co\.jp is the ending of other names"),
        ("https://cave.tail1234.ts.net", "let into its private network"),
        ("https://[::1", "no host can be written so"),
    ],
)
def test_why_no_phone_reaches_it_is_told(url: str, told: str) -> None:
    with pytest.raises(AddressNotPublic, match=told):
        check_address(url)


def test_a_host_stands_as_it_is_typed() -> None:
    assert FACE.host == "guide.example.jp"
    assert replace(FACE, url="HTTPS://GUIDE.EXAMPLE.JP:8443/G/K7Q2X").host.endswith(".jp:8443")


def test_the_language_of_the_place_stands_first() -> None:
    names = Front("", {each: each for each in LOCALES}, "K7Q2X", "")
    assert [at for at, _ in names.ordered_names("ja")] == ["ja", "en", "zh-Hant", "zh-Hans", "ko"]
    assert [at for at, _ in names.ordered_names("ko")][:2] == ["ko", "ja"]
    assert FACE.ordered_names("ja") == [("ja", "百枚皿"), ("en", "Hundred Saucers")]


def test_each_thing_a_sheet_says_can_outdate_it() -> None:
    for new, key in (
        (replace(FACE, number="8"), "number"),
        (replace(FACE, url="HTTPS://NEW.EXAMPLE.JP/G/K7Q2X"), "address"),
        (replace(FACE, names={**FACE.names, "en": "Saucers"}), "name_en"),
        (replace(FACE, names={**FACE.names, "ko": "백매명"}), "name_ko"),
        (replace(FACE, names={"ja": "百枚皿"}), "name_en"),
    ):
        assert FACE.changes(new) == [key]
        assert standing(new, sheet(FACE), None).state is State.OUTDATED


def test_a_sheet_is_printed_then_hangs() -> None:
    assert standing(FACE, None, None).state is State.NEVER
    assert standing(FACE, sheet(FACE), None).state is State.PRINTED
    hangs = sheet(FACE, NOW)
    assert standing(FACE, hangs, hangs).state is State.HANGS
    old = sheet(replace(FACE, number="1"), NOW)
    waits = standing(FACE, sheet(FACE), old)
    assert (waits.state, waits.old_hangs) == (State.PRINTED, True)
    # An earlier sheet that still says the truth may hang on.
    assert not standing(FACE, sheet(FACE), sheet(FACE, NOW)).old_hangs


@given(FACES, FACES)
def test_a_sheet_is_outdated_exactly_when_its_face_differs(before: Front, now: Front) -> None:
    stands = standing(now, sheet(before), None)
    expected = before != now or before.trial
    assert (stands.state is State.OUTDATED) == expected == bool(stands.changes)


@pytest.mark.parametrize(
    ("url", "trial"),
    [
        ("HTTPS://GUIDE.EXAMPLE.JP/G/K7Q2X", False), ("HTTP://GUIDE.EXAMPLE.JP/G/K7Q2X", True),
        ("HTTPS://192.168.1.5:8080/G/K7Q2X", True), ("HTTPS://LOCALHOST/G/K7Q2X", True),
        ("HTTPS://CAVE.LAN/G/K7Q2X", True), ("", True),
    ],
)  # fmt: skip
def test_what_phones_cannot_use_is_a_trial_and_never_holds(url: str, *, trial: bool) -> None:
    front = replace(FACE, url=url)
    assert front.trial is trial
    stands = standing(front, sheet(front, NOW), None)
    assert stands.changes == (("trial",) if trial else ())
    assert stands.state is (State.OUTDATED if trial else State.HANGS)
