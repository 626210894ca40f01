"""What is told of replies to the survey: by whole groups of ten, with chance, in whole tens.

A group is ten surveys that were filled in, so all questions change together or none does, and how
many left a question out is told of no question. Counts are noisy sums of groups (groups.py),
rounded to tens: sums, differences and prefectures beside countries lead to nothing narrower.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kit.pure.suppression import K
from services.insights.domain.groups import GROUP, Group, whole


@dataclass(frozen=True)
class Reply:
    """A survey that was filled in. answers: question and option, each question at most once."""

    event_id: str
    answers: frozenset[tuple[str, str]]

    def chose(self, question: str, option: str) -> bool:
        """Tells whether this was chosen."""
        return (question, option) in self.answers


@dataclass(frozen=True)
class Told:
    """What may be told of a month. count: surveys, of whole groups. questions: question → option →
    about how many chose it, in whole tens; what about ten or fewer chose is not in it."""

    count: int = 0
    questions: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def tell(replies: Iterable[Reply]) -> Told:
    """Returns what may be told. replies: of a month, in the order of hearing."""
    groups = whole(replies)
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    # Only what somebody chose: chance alone would tell of countries that nobody comes from.
    for question, option in sorted({pair for each in groups for reply in each.events
                                    for pair in reply.answers}):  # fmt: skip
        told = told_count(_noisy(groups, question, option), len(groups))
        if told:
            found[question][option] = told
    return Told(len(groups) * GROUP, dict(found))


def told_count(noisy: int, groups: int) -> int:
    """Returns what is told of a noisy sum of so many groups: whole tens, 0 for nothing."""
    if noisy < least(groups):
        return 0
    return min(max(K, (noisy + K // 2) // K * K), groups * GROUP)


def least(groups: int) -> int:
    """Returns from which noisy sum on anything is told.

    Above what chance makes of one answer: what one alone chose gets out in at most one of 1,000
    months, and what nobody chose never does.
    """
    return K + math.ceil(4 * (math.sqrt(max(1, groups)) - 1))


def _noisy(groups: Sequence[Group[Reply]], question: str, option: str) -> int:
    what = f"{question}/{option}"
    return sum(each.noisy(what, lambda reply: reply.chose(question, option)) for each in groups)
