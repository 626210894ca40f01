"""What an area may publish of its days: sums of things, small ones and single shops withheld.

Takings are told by the rule of domain.sales, whoever consents to what: everybody reads them, and
what is told beside them is told to fewer.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kit.pure.errors import InvalidFields
from kit.pure.suppression import K
from services.insights.domain.day_sales import cell_of
from services.insights.domain.fact import Kind
from services.insights.domain.figures import DaySums
from services.insights.domain.lines import is_line
from services.insights.domain.span import day_totals

MOST_PUBLISHER, MOST_CONTACT = 80, 200


class OpenMeasure(StrEnum):
    """A figure that may be published."""

    GUIDE_VIEWS = "guide_views"
    PLANS = "plans"
    ENTRIES = "entries"
    TAKINGS = "takings"


# Whose first event a figure begins with: what nobody could count yet is not 0.
KIND_OF = {
    OpenMeasure.GUIDE_VIEWS: Kind.SCAN, OpenMeasure.PLANS: Kind.PLANNED,
    OpenMeasure.ENTRIES: Kind.ADMITTED, OpenMeasure.TAKINGS: Kind.CAPTURED,
}  # fmt: skip


class Licence(StrEnum):
    """Terms of publishing, by their SPDX names; PDL is that of Japan's government."""

    CC_BY_4_0 = "CC-BY-4.0"
    CC0_1_0 = "CC0-1.0"
    PDL_1_0 = "PDL-1.0"


@dataclass(frozen=True)
class OpenSettings:
    """What is published, under which terms, by whom, and where questions go."""

    measures: tuple[OpenMeasure, ...] = ()
    licence: Licence | None = None
    publisher: str = ""
    contact: str = ""


@dataclass(frozen=True)
class OpenDay:
    """A day that is over. figures: None for one that is withheld; those that nobody could count yet
    are not in it."""

    on: date
    figures: Mapping[OpenMeasure, int | None]


def checked(given: OpenSettings) -> OpenSettings:
    """Returns the settings without blanks, measures in their order. Errors: InvalidFields."""
    settings = OpenSettings(
        tuple(measure for measure in OpenMeasure if measure in given.measures),
        given.licence, given.publisher.strip(), given.contact.strip(),
    )  # fmt: skip
    wrong = list(_wrong(settings))
    if wrong:
        raise InvalidFields(wrong)
    return settings


def _wrong(settings: OpenSettings) -> Iterator[tuple[str, str]]:
    if settings.measures and settings.licence is None:
        yield "settings.licence", "choose the terms"
    if settings.measures and not settings.publisher:
        yield "settings.publisher", "say who publishes"
    for name, text, most in (
        ("publisher", settings.publisher, MOST_PUBLISHER),
        ("contact", settings.contact, MOST_CONTACT),
    ):
        if not is_line(text, most):
            yield f"settings.{name}", f"give one line of at most {most} characters"


def open_day(sums: DaySums, on: date, measures: Sequence[OpenMeasure]) -> OpenDay:
    """Returns what may be told of a day. sums: of that day, with payments by shop."""
    totals = day_totals(sums, on)
    found: dict[OpenMeasure, int | None] = {
        OpenMeasure.GUIDE_VIEWS: _not_small(totals.scan_count),
        OpenMeasure.PLANS: _not_small(totals.plans.count),
        OpenMeasure.ENTRIES: _not_small(totals.admitted_count),
        OpenMeasure.TAKINGS: totals.net_yen if cell_of(sums, on).public else None,
    }
    return OpenDay(on, {measure: found[measure] for measure in measures})


def _not_small(count: int) -> int | None:
    """Zero hides nobody, and a day of rest is worth knowing."""
    return count if count >= K or count == 0 else None
