"""Signs: what one sheet of a stop says, which address may stand on it, and when it is too old."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import IntEnum
from urllib.parse import urlsplit

from kit.pure.errors import InvalidFields, NotFound, Refusal
from kit.pure.public_address import Unreached, ending, why_unreached
from services.multilingual.domain.guide import Group, Guide, Stop
from services.multilingual.domain.label import HOW, label_url

LOCALES = ("ja", "en", "zh-Hant", "zh-Hans", "ko")


_UNREACHED = {
    Unreached.LOCAL: "Visitors' phones cannot reach this address: it is this machine or a local"
    " network.",
    Unreached.ENDING: "No name on the internet ends with .{ending}, so visitors' phones cannot find"
    " this address: is it spelled right?",
    Unreached.SUFFIX: "{host} is the ending of other names, not a name of yours: what stands before"
    " it?",
    Unreached.MEMBERS: "Only devices that were let into its private network reach this address;"
    " visitors' phones do not.",
    Unreached.NO_HOST: "Visitors' phones cannot reach this address: no host can be written so.",
}


class AddressNotPublic(Refusal):
    """A phone of a visitor could not reach the address: this machine, a local network."""


class AddressNotSecure(Refusal):
    """The address begins with http: phones keep nothing from it for a place without signal."""


class NothingToPrint(Refusal):
    """No stop that was asked for has a published name."""


class SignOnTrial(Refusal):
    """A trial sheet is not for hanging."""


class SignUnknown(NotFound):
    """No such printing, or no sheet of the stop was ever printed."""


def check_address(public_url: str) -> None:
    """Errors: AddressNotPublic, AddressNotSecure."""
    try:
        parts = urlsplit(public_url.strip())
        host = parts.hostname or ""
        why = why_unreached(host)
    except ValueError:  # such as https://[::1
        host, why = "", Unreached.NO_HOST
    if why is not None:
        raise AddressNotPublic(f"{_UNREACHED[why].format(ending=ending(host), host=host)} {HOW}")
    if parts.scheme.lower() != "https":
        raise AddressNotSecure(
            f"The address begins with http: no phone would keep the guide. {HOW}"
        )


def on_trial(guide: Guide, url: str) -> Guide:
    """Returns the guide as if an address were its own, to look at a sheet before it has one; as
    it is for "". Errors: InvalidFields for what is no address."""
    try:
        parts = urlsplit(url)
        right = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        right = False
    if url and not right:
        raise InvalidFields([("trial_url", "give http or https and a host")])
    return replace(guide, settings=replace(guide.settings, public_url=url.rstrip("/")))


@dataclass(frozen=True)
class Front:
    """Everything a sheet says of its stop: when this changes, the sheet is too old.

    number: place on the tour, empty off it. names: by locale, only the languages of signs.
    """

    number: str
    names: Mapping[str, str]
    code: str
    url: str

    @property
    def host(self) -> str:
        """The address to type, without what browsers add themselves."""
        return urlsplit(self.url.lower()).netloc

    @property
    def trial(self) -> bool:
        """Tells whether it is to be looked at alone: phones of visitors do not reach its address,
        or keep nothing from it."""
        try:
            check_address(self.url)
        except Refusal:
            return True
        return False

    def ordered_names(self, source_locale: str) -> list[tuple[str, str]]:
        """Returns (locale, name), the language of the place first."""
        order = sorted(LOCALES, key=lambda each: (each != source_locale, LOCALES.index(each)))
        return [(each, self.names[each]) for each in order if self.names.get(each)]

    def changes(self, now: "Front") -> list[str]:
        """Returns why a sheet with this front does not hold: trial, number, address,
        name_<locale>. A trial sheet never holds."""
        found = ["trial"] if self.trial else []
        found += ["number"] if self.number != now.number else []
        if (self.url, self.code) != (now.url, now.code):
            found.append("address")
        return found + [
            f"name_{each}" for each in LOCALES if self.names.get(each) != now.names.get(each)
        ]


@dataclass(frozen=True)
class Sheet:
    """A printed sheet. hung_time: when somebody said that it hangs on the wall."""

    print_id: str
    stop_code: str
    revision: int
    front: Front
    print_time: datetime
    hung_time: datetime | None = None


@dataclass(frozen=True)
class Print:
    """One printing of some sheets. printed_on: the day at the place."""

    print_id: str
    paper: str
    printed_on: date
    source_locale: str
    sheets: tuple[Sheet, ...]


class State(IntEnum):
    """How a stop's sheet stands; the numbers are those of the contract."""

    NEVER = 1
    OUTDATED = 2
    PRINTED = 3
    HANGS = 4


@dataclass(frozen=True)
class Standing:
    """How a stop's newest sheet stands. changes: what an outdated one says otherwise.

    old_hangs: the sheet on the wall is another one and says what no longer holds.
    """

    state: State
    sheet: Sheet | None = None
    changes: tuple[str, ...] = ()
    old_hangs: bool = False

    @property
    def needs_sheet(self) -> bool:
        """Tells whether a new sheet has to be printed."""
        return self.state in (State.NEVER, State.OUTDATED)


def standing(now: Front, newest: Sheet | None, hung: Sheet | None) -> Standing:
    """Compares what a sheet would say now with the newest one and with the one on the wall."""
    if newest is None:
        return Standing(State.NEVER)
    changes = tuple(newest.front.changes(now))
    old_hangs = hung is not None and bool(hung.front.changes(now))
    state = State.HANGS if newest.hung_time else State.PRINTED
    return Standing(State.OUTDATED if changes else state, newest, changes, old_hangs)


def front(guide: Guide, stop: Stop) -> Front:
    """Returns what a sheet of a stop says now; no address while the area has none."""
    base = guide.settings.public_url
    group = guide.group_of(stop)
    return Front(
        number=str(group.index(stop) + 1) if stop.group is Group.ROUTE and stop in group else "",
        names={each: name for each, name in stop.names().items() if each in LOCALES and name},
        code=stop.stop_code,
        url=label_url(base, stop.stop_code) if base else "",
    )


def unread_names(guide: Guide, stop: Stop) -> list[str]:
    """Returns the locales whose name on the sheet nobody of the area has read."""
    return [
        each for each in LOCALES
        if each in stop.shown and guide.standing(stop, each).machine_draft
    ]  # fmt: skip


def in_order(guide: Guide, codes: Sequence[str]) -> list[Stop]:
    """Returns the stops with a name, all or those named, in the order of the tour.

    Errors: NothingToPrint.
    """
    wanted = set(codes)
    found = [
        each for each in guide.stops
        if any(each.names().get(locale) for locale in LOCALES)
        and (not wanted or each.stop_code in wanted)
    ]  # fmt: skip
    if not found:
        raise NothingToPrint("None of these stops has a published name. Publish a text first.")
    return found
