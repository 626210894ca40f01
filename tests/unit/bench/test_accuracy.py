"""The bench of accuracy: mixes with known truth, fair splits, figures beside their limits."""

import json
import random
from pathlib import Path

import pytest

from bench.sense import accuracy, area, devices
from bench.sense.mixes import WINDOW_MS, Phones, make_mix, read_phones, v_measure
from services.visitor_sense.domain.association import Learned
from services.visitor_sense.domain.bursts import Heard
from tests.unit.visitor_sense.made import HT, MADE_UP, PHONE, RATES, pcap, probe, ssid


def phone(number: int, scans: int = 20) -> list[Heard]:
    """A phone of a class of its own, its counter going on from address to address."""
    return [
        Heard(60_000 * scan + frame, 1_000 * number + scan, number, -50, 30 * scan + frame,
              randomized=True)
        for scan in range(scans) for frame in range(5)
    ]  # fmt: skip


PHONES: Phones = {f"phone-{number}": [phone(number)] for number in range(1, 7)}


class TestVMeasure:
    def test_it_is_one_for_equal_parts_whatever_their_names(self) -> None:
        assert v_measure([1, 1, 2, 2], [9, 9, 4, 4]) == pytest.approx(1.0)

    def test_it_is_nothing_when_the_parts_say_nothing(self) -> None:
        assert v_measure([1, 1, 2, 2], [1, 2, 1, 2]) == pytest.approx(0.0)
        assert v_measure([1, 1, 2, 2], [1, 1, 1, 1]) == pytest.approx(0.0)

    def test_split_parts_are_homogeneous_and_not_complete(self) -> None:
        # Homogeneity 1; completeness is log 2 over log 4 = 1/2: harmonic mean 2/3.
        assert v_measure([1, 1, 2, 2], [1, 2, 3, 4]) == pytest.approx(2 / 3)


class TestMixes:
    def test_everybody_is_there_before_anybody_is_there_again(self) -> None:
        mix = make_mix(PHONES, 6, random.Random(1))
        assert mix.size == 6
        assert {one.signature for one in mix.heard} == set(range(1, 7))
        assert len(mix.heard) == len(mix.phones) == 6 * 100
        again = make_mix(PHONES, 12, random.Random(1))
        assert len({one.signature for one in again.heard}) == 6
        assert 10 <= again.size <= 12  # a copy may have left before the window

    def test_no_two_of_a_mix_share_an_address_and_time_rises_within_the_window(self) -> None:
        mix = make_mix(PHONES, 18, random.Random(2))
        owners = {(one.pseudonym, who) for one, who in zip(mix.heard, mix.phones, strict=True)}
        assert len(owners) == len({one.pseudonym for one in mix.heard})
        times = [one.time_ms for one in mix.heard]
        assert times == sorted(times)
        assert times[0] >= 0
        assert times[-1] < WINDOW_MS

    def test_equal_chance_gives_equal_mixes(self) -> None:
        assert make_mix(PHONES, 9, random.Random(3)) == make_mix(PHONES, 9, random.Random(3))
        assert make_mix(PHONES, 9, random.Random(3)) != make_mix(PHONES, 9, random.Random(4))


def test_labels_of_captures_come_from_their_folders_and_names(tmp_path: Path) -> None:
    (tmp_path / "pintor" / "A").mkdir(parents=True)
    (tmp_path / "baccichet").mkdir()
    for channel in (1, 6):
        pcap(
            tmp_path / "pintor/A" / f"A-ts-2021-May-21-h11-m03-s42-modeS-ch-{channel}-th-40.pcap",
            [(50 + channel, probe(MADE_UP, ssid(b"known") + RATES + HT, sequence=channel))],
        )
    pcap(tmp_path / "baccichet" / "iPhone-B_anonymized.pcap", [(9, probe(PHONE))])
    found = read_phones(tmp_path)
    assert sorted(found) == ["A", "iPhone-B"]
    (session,) = found["A"]
    assert [(one.time_ms, one.sequence) for one in session] == [(0, 1), (5_000, 6)]
    assert [one.randomized for one in found["iPhone-B"][0]] == [True]  # their bit says nothing
    assert read_phones(tmp_path / "nowhere") == {}


def test_nothing_is_learned_from_phones_that_are_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "SIZES", (2,))
    monkeypatch.setattr(devices, "CROWD_SIZES", (5,))
    learned_from: list[set[str]] = []
    scored: list[set[str]] = []
    real = make_mix

    def learn(phones: Phones) -> Learned:
        learned_from.append(set(phones))
        return Learned()

    def mixed(phones: Phones, size: int, chance: random.Random) -> object:
        scored.append(set(phones))
        return real(phones, size, chance)

    monkeypatch.setattr(devices, "learn", learn)
    monkeypatch.setattr(devices, "make_mix", mixed)
    found = devices.score_devices(PHONES, 4, lambda _: None)
    assert len(learned_from) == 2
    assert set.union(*learned_from) == set(PHONES)
    for part, names in enumerate(learned_from):
        mine = scored[5 * part : 5 * part + 5]  # two small mixes and three crowds
        assert mine == [set(PHONES) - names] * 5
    assert set(found) == {"addresses", "fingerprint", "rate", "association"}
    assert found["association"][2].mape == 0.0
    assert found["association"][2].v_measure == pytest.approx(1.0)
    assert found["addresses"][2].mape == pytest.approx(19.0)
    assert 5 not in found["association"]
    assert 5 in found["rate"]


def test_what_is_learned_fits_the_mixes_best(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_LEARN_SIZES", (3,))
    errors = {20.0: 0.3, 25.0: 0.1, 30.0: 0.2}
    monkeypatch.setattr(devices, "_SCANS", tuple(errors))
    monkeypatch.setattr(
        devices, "_fit", lambda learned, _mixes: (errors[learned.scans_per_phone], learned)
    )
    assert devices.learn(PHONES).scans_per_phone == 25.0


def test_figures_stand_beside_their_limits(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    told = area.AreaFigures(0.03, 0.11, 0.0, 0.12, 0.09, 0.3, 0.004, 1.0)
    crowds = area.CrowdFigures(30, 0.4, -0.4, 0.8, 0.8, 0.5)
    monkeypatch.setattr(accuracy, "measure_area", lambda: told)
    monkeypatch.setattr(accuracy, "measure_crowds", lambda _captures: crowds)
    monkeypatch.setattr("sys.argv", ["accuracy", "--data", str(tmp_path), "--json"])
    assert accuracy.main() == 0
    found = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert (found["dwell_median_error"]["value"], found["dwell_median_error"]["reached"]) == (
        0.03, True,
    )  # fmt: skip
    assert not found["flow_wape"]["reached"]
    assert found["way_wape"]["reached"]
    assert found["way_wape"]["baselines"] == {"half_each_way": 0.3}
    assert not found["simulated_own_models_bias"]["reached"]  # minus four tenths is no small bias
    assert "simulated_replayed_bias" not in found
    assert found["counted_twice"]["baselines"] == {"added_up": 1.0}
    monkeypatch.setattr("sys.argv", ["accuracy", "--data", str(tmp_path)])
    assert accuracy.main() == 0
    assert "NOT REACHED" in capsys.readouterr().out
