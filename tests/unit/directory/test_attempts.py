"""What attempts to sign in are counted under."""

from hypothesis import given
from hypothesis import strategies as st

from services.directory.domain.attempts import brakes

TEXT = st.text("abc|.-\0", max_size=6)


@given(st.lists(st.tuples(TEXT, TEXT, st.binary(max_size=3)), min_size=2, max_size=2, unique=True))
def test_two_things_are_never_counted_as_one(found: list[tuple[str, str, bytes]]) -> None:
    (one, other) = (brakes(b"key", area, name, who, b"")[0].key for area, name, who in found)
    assert one != other


def test_strangers_of_a_name_share_a_count_and_browsers_do_not() -> None:
    here, there = (brakes(b"key", "mine", "taro", who, b"") for who in (b"a", b"b"))
    assert here[0].key != there[0].key
    assert here[1] == there[1]
    known = [brakes(b"key", "mine", "taro", b"a", who) for who in (b"x", b"y")]
    assert [len(each) for each in known] == [1, 1]
    keys = {brake.key for each in (here, there, *known) for brake in each}
    assert len(keys) == 5


def test_nobody_without_the_key_can_tell_the_name() -> None:
    one, other = (brakes(key, "mine", "taro", b"a", b"") for key in (b"key", b"another"))
    assert not {brake.key for brake in one} & {brake.key for brake in other}
