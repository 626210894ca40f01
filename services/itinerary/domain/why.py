"""The reasons a plan gives; the values of the contract in lower case."""

from enum import StrEnum


class WhyIn(StrEnum):
    """Why a POI is in a plan."""

    MUST_VISIT = "must_visit"
    INTEREST = "interest"
    HIGHLIGHT = "highlight"
    ON_THE_WAY = "on_the_way"
    HIDDEN_SPOT = "hidden_spot"
    ALREADY_BEGUN = "already_begun"
    OTHER_WAY_IN = "other_way_in"
    RECOMMENDED = "recommended"
    LUNCH = "lunch"


class WhyOut(StrEnum):
    """Why a POI is not in a plan."""

    CLOSED_THAT_DAY = "closed_that_day"
    CLOSED_AT_THAT_TIME = "closed_at_that_time"
    CLOSURE = "closure"
    NOT_ENOUGH_TIME = "not_enough_time"
    NEVER_ASKED_FOR = "never_asked_for"
    ESTIMATED_POINT_ON_FOOT = "estimated_point_on_foot"
    NO_POINT = "no_point"
    OVER_BUDGET = "over_budget"
    SAME_AS_CHOSEN = "same_as_chosen"
    RESERVATION_ONLY = "reservation_only"
    NOT_A_VISIT = "not_a_visit"
    HOURS_UNKNOWN = "hours_unknown"
    TOO_FAR_ON_FOOT = "too_far_on_foot"
    NOT_WORTH_THE_WAY = "not_worth_the_way"
    NO_BUS = "no_bus"
    TOO_MUCH_WALKING = "too_much_walking"
    PATHS_TOO_HARD = "paths_too_hard"
    PATHS_UNKNOWN = "paths_unknown"
    CROWDED = "crowded"
    ANOTHER_DAY = "another_day"
    TOO_FAR_BY_CYCLE = "too_far_by_cycle"
    NOT_HELD_THAT_DAY = "not_held_that_day"


class ConflictKind(StrEnum):
    """What contradicts what."""

    START_AFTER_END = "start_after_end"
    END_OUT_OF_REACH = "end_out_of_reach"
    ESTIMATED_POINT_ON_FOOT = "estimated_point_on_foot"
    MUST_VISIT_IMPOSSIBLE = "must_visit_impossible"
    MUST_VISITS_CLASH = "must_visits_clash"
    TOO_MANY_MUST_VISITS = "too_many_must_visits"
    BUDGET_TOO_SMALL = "budget_too_small"
    MUST_AND_NEVER = "must_and_never"
    NO_POINT = "no_point"
    NO_BUS = "no_bus"
    NO_LUNCH = "no_lunch"
    TOO_MUCH_WALKING = "too_much_walking"
    ON_NO_DAY = "on_no_day"
    CYCLE_RENTAL_CLOSED = "cycle_rental_closed"
    WHEELCHAIR_BY_CYCLE = "wheelchair_by_cycle"
