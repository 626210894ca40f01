"""What visitors read of the weights is what the planner does."""

from services.edge.plan.weights import WEIGHTS
from services.itinerary.domain import crowd, leaning, score, spot


def test_weights_told_are_weights_used() -> None:
    (full, _), (over, some), (_, much) = crowd.LOSSES
    (quiet, _), (limit, quieter), (_, quieter_much) = crowd.QUIETER_LOSSES
    assert (full, limit) == (100, 100)
    assert {
        "first_interest": score.FIRST_INTEREST_PERCENT,
        "second_interest": score.SECOND_INTEREST_PERCENT,
        "hidden": score.HIDDEN_SPOT_PERCENT - 100,
        "most_promoted": spot.MOST_PERCENT,
        "unsure": 100 - score.UNSURE_PERCENT,
        "some_crowd": some,
        "much_crowd": much,
        "over_by": over - 100,
        "hidden_in_crowds": leaning.HIDDEN_PERCENT - 100,
        "most_loss": 100 - leaning.LEAST_PERCENT,
        "quieter_crowd": quieter,
        "quieter_much": quieter_much,
        "quieter_from": quiet,
        "quieter_hidden": leaning.QUIETER_HIDDEN_PERCENT - 100,
        "quieter_loss": 100 - leaning.QUIETER_LEAST_PERCENT,
    } == WEIGHTS
