"""Days together beside days in turn: wishes are always the same, and figures count as they say."""

from datetime import date
from typing import Any

from bench.itinerary import several
from bench.itinerary.mine import Mine
from bench.itinerary.several_program import wishes
from services.itinerary.domain.sojourn import check_days
from services.itinerary.domain.trip import TravelMode


def party(together: int, in_turn: int, twice: int = 0) -> dict[str, Any]:
    return {
        "together": together, "in_turn": in_turn, "days": 3, "visits": 12, "visits_in_turn": 10,
        "twice": twice, "together_ms": 80.0, "in_turn_ms": 40.0,
        "even": together - 1, "even_ms": 9.0, "uneven": together / 200, "even_uneven": 0.1,
    }  # fmt: skip


def test_wishes_can_be_planned_and_are_always_the_same() -> None:
    for number in range(30):
        for mode in (TravelMode.CAR, TravelMode.BUS):
            trips = wishes(number, mode)
            check_days(trips)
            assert len(trips) == 2 + number % 3
            assert trips == wishes(number, mode)
            assert trips[0].start == trips[-1].end
            assert len({trip.end for trip in trips[:-1]}) == 1


def test_the_area_is_there_with_its_buses() -> None:
    mine = Mine()
    by_car = mine.on(date(2026, 11, 21), by_bus=False)
    assert len(by_car.pois) == 43
    assert by_car.bus is None
    by_bus = mine.on(date(2026, 11, 21), by_bus=True)
    assert by_bus.bus is not None
    assert by_bus.bus.day.runs
    assert all(poi.place_id in by_bus.places for poi in by_bus.pois.values())


def test_gains_and_losses_are_counted() -> None:
    found = {"car": [party(110, 100), party(95, 100), party(100, 100)], "bus": [party(5, 0, 1)]}
    told = several.answer(found)
    assert told["ratios"] == {
        "sights_twice": 1.0, "car_gain_mean_percent": 1.67, "bus_gain_mean_percent": 0.0,
        "car_evened_loss_mean_percent": 0.99, "bus_evened_loss_mean_percent": 20.0,
    }  # fmt: skip
    assert told["limits"]["sights_twice"].endswith("does not hold")
    assert told["limits"]["car_gain_mean_percent"].endswith(": holds")
    figures = told["figures"]
    assert (figures["car_uneven_percent"], figures["bus_uneven_percent"]) == (100.0, 0.0)
    assert figures["car_uneven_when_evened_percent"] == 0.0
    assert (figures["car_evened_loss_most_percent"], figures["car_evening_ms"]) == (1.1, 9)
    assert (figures["car_gain_most_percent"], figures["car_loss_most_percent"]) == (10.0, 5.0)
    assert (figures["car_better_percent"], figures["car_worse_percent"]) == (33.3, 33.3)
