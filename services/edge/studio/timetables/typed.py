"""A line as somebody types it: texts, which may be wrong, and never lost."""

from collections.abc import Iterable
from dataclasses import dataclass, field

MOST_STOPS = 60
MOST_RUNS = 300
MOST_DAYS = 40
EMPTY_FARES = 2
GUESSED, RECORDED = "guessed", "recorded"


@dataclass
class Stop:
    """A transit stop of the line. key: of its fields. point: "34.2281, 131.3034", "" for none.

    names: by locale; those of a stop at a place are the place's.
    """

    key: str
    stop_id: str = ""
    place_id: str = ""
    names: dict[str, str] = field(default_factory=dict)
    point: str = ""


@dataclass
class Days:
    """A kind of days, such as "Saturdays": runs of one kind go on the same dates.

    weekdays: "1" Monday to "7" Sunday. added, removed: dates as typed, one after another.
    """

    key: str
    weekdays: tuple[str, ...] = ()
    as_sunday: bool = False
    first: str = ""
    last: str = ""
    added: str = ""
    removed: str = ""


@dataclass
class Run:
    """One journey. times: as typed, one for each stop. days: key of its kind of days.

    Who confirmed it until when is kept beside and never typed here.
    """

    key: str
    run_id: str = ""
    days: str = ""
    times: list[str] = field(default_factory=list)
    call_ahead: bool = False
    basis: str = GUESSED
    as_of: str = ""


@dataclass
class Fare:
    """A fare between two stops, by their keys. child: of one child, "" for not known."""

    from_key: str = ""
    to_key: str = ""
    yen: str = ""
    child: str = ""

    @property
    def is_empty(self) -> bool:
        """Tells whether nothing was typed."""
        return not (self.from_key or self.to_key or self.yen or self.child)


@dataclass
class Line:
    """A line as typed. timetable_id: "" for one nobody has kept yet. version: read with."""

    timetable_id: str = ""
    version: int = 0
    names: dict[str, str] = field(default_factory=dict)
    operator: str = ""
    phone: str = ""
    source: str = ""
    suspended: bool = False
    note: dict[str, str] = field(default_factory=dict)
    stops: list[Stop] = field(default_factory=list)
    days: list[Days] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    fares: list[Fare] = field(default_factory=list)
    operator_names: dict[str, str] = field(default_factory=dict)

    def stop(self, key: str) -> Stop | None:
        """Returns a stop by its key."""
        return next((each for each in self.stops if each.key == key), None)

    def days_of(self, run: Run) -> Days | None:
        """Returns the kind of days of a run."""
        return next((each for each in self.days if each.key == run.days), None)


def free_key(letter: str, taken: Iterable[str]) -> str:
    """Returns a key that no other has: s0, s1 …"""
    used = set(taken)
    return next(key for key in (f"{letter}{n}" for n in range(len(used) + 1)) if key not in used)


def one_name(names: dict[str, str], locale: str) -> str:
    """Returns a name in a locale, else in Japanese, else any."""
    return names.get(locale) or names.get("ja") or next((n for n in names.values() if n), "")
