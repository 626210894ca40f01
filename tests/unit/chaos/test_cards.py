"""A search for card data that misses what was planted is a failure, and so is a find beside it."""

from chaos.cards import PLANT, judge


def place(where: str) -> dict[str, object]:
    """A find."""
    return {"kind": "card_number", "where": where, "at": 1, "inside": ""}


PLANTED = [place(f"log/{PLANT}.jsonl"), place("valkey")]


def test_the_plants_alone_are_no_find() -> None:
    assert judge(PLANTED) == []


def test_a_plant_that_is_not_found_is_told() -> None:
    for found in ([], PLANTED[:1], PLANTED[1:]):
        assert judge(found) == ["the search for card data does not find what was planted"]


def test_a_find_is_told_with_its_place() -> None:
    assert judge([*PLANTED, place("log/edge.jsonl")]) == ["card_number in log/edge.jsonl at 1"]
    assert judge([*PLANTED, place("valkey")]) == ["1 card numbers in Valkey"]
