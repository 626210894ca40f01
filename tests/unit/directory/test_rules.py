"""Rules of areas, places, closures and users."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.directory.app.passwords import hash_password, is_password
from services.directory.domain.area import Area, AreaNotDemo, check_area, check_droppable
from services.directory.domain.place import (
    CoordinateQuality,
    Place,
    PlaceKind,
    below,
    check_closure,
    check_places,
)
from services.directory.domain.user import (
    FIRST_PASSWORD_LIFE,
    Role,
    check_device,
    check_new_password,
    check_user,
    first_password_ends,
)

AREA = Area("mine", {"ja": "美祢"}, (), "", "Asia/Tokyo", ("ja", "zh-Hant"), demo=False,
            help_phone="")  # fmt: skip
PLACE = Place("cave", PlaceKind.SITE, "", {"ja": "洞"}, "", 34.2, 131.3,
              CoordinateQuality.SOURCE, 0)  # fmt: skip
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def faults(call: object) -> list[str]:
    assert isinstance(call, pytest.ExceptionInfo)
    assert isinstance(call.value, InvalidFields)
    return [name for name, _ in call.value.fields]


@pytest.mark.parametrize(
    "public_url", ["", "https://guide.example.jp", "http://10.0.0.2:8080", "http://[::1]:80"]
)
def test_a_good_area_passes(public_url: str) -> None:
    check_area(replace(AREA, public_url=public_url, hosts=("guide.example.jp", "localhost:8080")))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"area": "Mine"}, "area.area"),
        ({"area": "m"}, "area.area"),
        ({"area": "mine*"}, "area.area"),
        ({"names": {}}, "area.names"),
        ({"names": {"ja": "  "}}, "area.names"),
        ({"names": {"ja": "長" * 201}}, "area.names"),
        ({"hosts": ("a b",)}, "area.hosts"),
        ({"hosts": ("x" * 300,)}, "area.hosts"),
        ({"hosts": ("localhost:８０８０",)}, "area.hosts"),
        ({"public_url": "https://x.jp:٨٠"}, "area.public_url"),
        ({"locales": ()}, "area.locales"),
        ({"locales": ("ja_JP",)}, "area.locales"),
        ({"public_url": "guide.example.jp"}, "area.public_url"),
        ({"public_url": "https://x.jp/path"}, "area.public_url"),
        ({"public_url": "javascript:alert(1)"}, "area.public_url"),
        ({"time_zone": "Tokyo"}, "area.time_zone"),
        ({"time_zone": "../../etc/passwd"}, "area.time_zone"),
        ({"time_zone": ""}, "area.time_zone"),
        ({"help_phone": "0" * 41}, "area.help_phone"),
    ],
)
def test_a_bad_setting_is_named(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        check_area(replace(AREA, **change))  # type: ignore[arg-type]
    assert faults(caught) == [field]


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InvalidFields) as caught:
        check_area(replace(AREA, area="X", names={}, locales=(), time_zone="x"))
    assert len(faults(caught)) == 4


def test_a_real_area_stays_unless_it_was_confirmed() -> None:
    with pytest.raises(AreaNotDemo):
        check_droppable(AREA, confirmed=False)
    check_droppable(AREA, confirmed=True)
    check_droppable(replace(AREA, demo=True), confirmed=False)


@given(st.text(max_size=80))
def test_a_place_id_is_checked_whatever_comes(text: str) -> None:
    try:
        check_places([replace(PLACE, place_id=text)], frozenset())
    except InvalidFields:
        return
    assert text.isascii()
    assert text == text.lower().strip()
    assert not text.startswith("/")


def test_a_parent_may_come_in_the_same_batch() -> None:
    part = replace(PLACE, place_id="cave/pool", parent_place_id="cave")
    check_places([part, PLACE], frozenset())
    check_places([part], frozenset({"cave"}))
    with pytest.raises(InvalidFields):
        check_places([part], frozenset())


@pytest.mark.parametrize(
    "change",
    [{"parent_place_id": "cave"}, {"names": {"en": "Cave"}}, {"latitude": -91.0},
     {"longitude": 181.0}, {"latitude": float("nan")}, {"names": {"ja": "長" * 201}},
     {"names": {"ja": "洞", **{f"x{n}": "x" for n in range(40)}}}, {"kana": "あ" * 201}],
)  # fmt: skip
def test_a_bad_place_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidFields):
        check_places([replace(PLACE, **change)], frozenset())  # type: ignore[arg-type]


def test_no_coordinate_needs_no_sense() -> None:
    nowhere = replace(PLACE, coordinate_quality=CoordinateQuality.NONE, latitude=999.0)
    check_places([nowhere], frozenset())


@pytest.mark.parametrize("count", [0, 2001])
def test_batches_are_bounded(count: int) -> None:
    with pytest.raises(InvalidFields):
        check_places([PLACE] * count, frozenset())


names = st.sampled_from([f"p{index}" for index in range(8)])


@given(st.dictionaries(names, names | st.just("")), names)
def test_below_is_closed_under_children(parents: dict[str, str], start: str) -> None:
    found = set(below(start, parents))
    assert start in found
    depth = {start: 0}
    for _ in range(4):  # ids have at most three levels; deeper trees cannot be recorded
        depth |= {child: 1 for child, parent in parents.items() if parent in depth}
    assert found == set(depth)


def test_a_closure_is_checked() -> None:
    check_closure("flood", "", NOW, NOW + timedelta(hours=1))
    check_closure("flood", "", NOW, None)
    for reason, note, until in [
        ("", "", None), ("party", "", None), ("flood", "x" * 501, None), ("flood", "", NOW),
        ("flood", "", NOW - timedelta(seconds=1)),
    ]:  # fmt: skip
        with pytest.raises(InvalidFields):
            check_closure(reason, note, NOW, until)


@pytest.mark.parametrize(
    ("login", "password", "roles", "field"),
    [
        ("ab", "", [Role.CLERK], "login_name"),
        ("Hanako", "", [Role.CLERK], "login_name"),
        ("a b c", "", [Role.CLERK], "login_name"),
        ("hanako", "short", [Role.CLERK], "password"),
        ("hanako", "x" * 201, [Role.CLERK], "password"),
        ("hanako", "", [], "roles"),
        ("hanako", "", [Role.VISITOR], "roles"),
    ],
)
def test_a_bad_user_is_refused(login: str, password: str, roles: list[Role], field: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        check_user(login, "", password, roles)
    assert faults(caught) == [field]


@given(password=st.text(st.characters(exclude_categories=["Cs"]), min_size=12, max_size=200))
def test_a_password_may_have_any_characters(password: str) -> None:
    check_new_password(password)


@settings(max_examples=5, deadline=None)
@given(password=st.text(st.characters(exclude_categories=["Cs"]), min_size=12, max_size=80))
def test_a_password_is_checked_as_it_is(password: str) -> None:
    async def tried(*others: str) -> list[bool]:
        made = await hash_password(password)
        return [await is_password(made, each) for each in (password, *others)]

    others = {password[:-1], f" {password}", f"{password} ", password.swapcase()} - {password}
    assert asyncio.run(tried(*others)) == [True] + [False] * len(others)


def test_a_device_needs_a_whole_key() -> None:
    check_device("till", "terminal", bytes(32))
    with pytest.raises(InvalidFields) as caught:
        check_device("", "toaster", bytes(31))
    assert faults(caught) == ["name", "kind", "public_key"]


def test_a_shop_is_not_shut_out_of_its_till_and_everybody_else_chooses_a_password() -> None:
    assert first_password_ends([Role.CLERK], NOW) is None
    for role in set(Role) - {Role.CLERK, Role.VISITOR}:
        assert first_password_ends([role], NOW) == NOW + FIRST_PASSWORD_LIFE
        assert first_password_ends([Role.CLERK, role], NOW) == NOW + FIRST_PASSWORD_LIFE
