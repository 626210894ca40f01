"""What visitors and sensors were told is kept, by its ids, against what is kept. Pure."""

from collections.abc import Iterable, Mapping

TOLD_MOST = 3


def missing(what: str, told: Iterable[str], kept: Mapping[str, int]) -> list[str]:
    """Returns a line for ids that were acknowledged and are not there. kept: id -> how often it
    counts."""
    gone = sorted(set(told) - kept.keys())
    return [_line(what, "acknowledged and not kept", gone)] if gone else []


def too_many(what: str, asked: Iterable[str], kept: Mapping[str, int]) -> list[str]:
    """Returns a line for ids that count more than once, and one for those that nobody asked for."""
    twice = sorted(each for each, count in kept.items() if count != 1)
    idle = sorted(kept.keys() - set(asked))
    found = [_line(what, "counted more or less than once", twice)] if twice else []
    return found + ([_line(what, "kept and acknowledged to nobody", idle)] if idle else [])


def too_few(counts: Mapping[str, int], least: int) -> list[str]:
    """Returns what there is too little of to have tested anything."""
    return [f"only {count} {what} were acknowledged: nothing was tested"
            for what, count in counts.items() if count < least]  # fmt: skip


def _line(what: str, how: str, ids: list[str]) -> str:
    return f"{len(ids)} {what} {how}: {', '.join(ids[:TOLD_MOST])}"
