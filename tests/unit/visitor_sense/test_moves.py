"""Ways from zone to zone: what is counted of a device's path, and that nothing below k follows."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.visitor_sense.domain import moves as rules
from services.visitor_sense.domain import release
from services.visitor_sense.domain.moves import Moves, path_of, paths_of, told_ways, ways_of

MINUTE_MS = 60_000


def at(*minutes: int) -> list[int]:
    return [minute * MINUTE_MS + 17 for minute in minutes]


@pytest.mark.parametrize(
    ("heard", "path"),
    [
        ({"gate": at(0, 1, 5), "hall": at(9, 10)}, ["gate", "hall"]),
        ({"hall": at(9, 10), "gate": at(0, 30)}, ["gate", "hall", "gate"]),
        ({"gate": at(0), "hall": at(0)}, []),  # in one minute: no order
        ({"gate": at(0, 3, 4), "hall": at(3, 5)}, ["gate", "hall"]),
        ({"gate": at(0, 1), "hall": at(1)}, ["gate"]),
        ({"gate": at(4)}, ["gate"]),
        ({}, []),
    ],
)
def test_a_path_is_the_order_of_zones(heard: Mapping[str, list[int]], path: list[str]) -> None:
    assert path_of(heard) == path


def test_paths_of_devices_are_told_apart() -> None:
    visitors = {"gate": {1: at(0), 2: at(7)}, "hall": {1: at(5), 2: at(3)}}
    assert paths_of(visitors) == {1: ["gate", "hall"], 2: ["hall", "gate"]}


def test_a_way_counts_once_for_a_device_however_often_it_went() -> None:
    path = ["gate", "hall", "gate", "hall", "hill"]
    assert ways_of(path) == [("gate", "hall"), ("hall", "gate"), ("hall", "hill")]
    moves = Moves()
    for device in (5, 5, 2**64 - 1):
        moves.add(device, ways_of(path))
    assert moves.ways() == {("gate", "hall"): 2, ("hall", "gate"): 2, ("hall", "hill"): 2}


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=6), max_size=30))
def test_order_of_devices_and_repeats_change_nothing(paths: list[list[str]]) -> None:
    one, other = Moves(), Moves()
    for device, path in enumerate(paths):
        one.add(device, ways_of(path))
    for device, path in reversed(list(enumerate(paths))):
        other.add(device, ways_of(path))
        other.add(device, ways_of(path))
    assert one.ways() == other.ways()


@dataclass(frozen=True)
class World:
    """A day by paths: how many devices went each. "a=b": heard in both at one moment."""

    devices: tuple[tuple[str, int], ...]

    def count(self, *ways: tuple[str, str]) -> int:
        return sum(count for path, count in self.devices if set(ways) & set(pairwise(path)))

    def ways(self) -> dict[tuple[str, str], int]:
        """As Moves tells it."""
        zones = sorted(set("".join(path for path, _ in self.devices)) - {"="})
        return {way: self.count(way) for way in product(zones, zones) if way[0] != way[1]}

    def either(self, one: str, other: str) -> int:
        """Devices that went one way, the other, or both."""
        return self.count((one, other), (other, one))

    def both(self) -> dict[tuple[str, str], int]:
        zones = sorted(set("".join(path for path, _ in self.devices)) - {"="})
        return {
            pair: sum(count for path, count in self.devices if set(pair) <= set(path))
            for pair in combinations(zones, 2)
        }

    def told(self, k: int) -> str:
        """All that a day tells of it: pairs, ways, and stays of zones."""
        stays = {}
        for zone in sorted(set("".join(path for path, _ in self.devices)) - {"="}):
            if sum(count for path, count in self.devices if zone in path) > k - 1:
                many = sum(count * path.count(zone) for path, count in self.devices)
                stays[zone] = release.rounded_down(many)
        return repr((told_ways(self.both(), self), stays))  # type: ignore[arg-type] # as Moves

    def secrets(self) -> dict[str, int]:
        """All that must not be found out where it is below k."""
        found: dict[str, int] = {f"{a}>{b}": n for (a, b), n in self.ways().items()}
        for (a, b), devices in self.both().items():
            found[f"{a}&{b}"] = devices
            found[f"{a}&{b} roundabout"] = devices - self.either(a, b)
            found[f"{a}<>{b}"] = found[f"{a}>{b}"] + found[f"{b}>{a}"] - self.either(a, b)
        return found


def worlds(paths: tuple[str, ...], most_stays: int) -> Iterator[World]:
    """Gives all days on some paths with so many stays in each zone at most."""

    def rest(at: int, left: dict[str, int]) -> Iterator[tuple[int, ...]]:
        if at == len(paths):
            yield ()
            return
        needs = Counter(paths[at].replace("=", ""))
        for count in range(min(left[zone] // each for zone, each in needs.items()) + 1):
            less = {zone: many - count * needs[zone] for zone, many in left.items()}
            for others in rest(at + 1, less):
                yield (count, *others)

    zones = dict.fromkeys(sorted(set("".join(paths)) - {"="}), most_stays)
    for counts in rest(0, zones):
        yield World(tuple(zip(paths, counts, strict=True)))


@pytest.mark.parametrize(
    ("paths", "k", "most"),
    [
        (("a", "b", "ab", "ba", "aba", "a=b"), 3, 8),
        (("a", "b", "c", "ab", "bc", "abc", "ac"), 2, 3),
        (("a", "b", "c", "ab", "ba", "ca", "acb"), 2, 3),
    ],
)
def test_no_count_below_k_follows_from_what_is_told(
    paths: tuple[str, ...], k: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Goes through all days with few stays: those that look the same when told must leave it open
    whether a count that may lie between 1 and k - 1 is not nought, or k or more."""
    monkeypatch.setattr(rules, "K", k)
    monkeypatch.setattr(release, "K", k)
    alike: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for world in worlds(paths, most):
        group = alike[world.told(k)]
        for name, value in world.secrets().items():
            group[name].add(value)
    assert len(alike) > 10
    found = [(told, name) for told, group in alike.items() for name, values in group.items()
             if values <= set(range(1, k))]  # fmt: skip
    assert found == []
