"""When a sight is open: from the columns and sentences of a municipal file to opening hours.

Columns 利用可能曜日, 開始時間, 終了時間 and 利用可能日時特記事項 of the recommended data set.
The result is in the notation of domain/calendar.py: usual hours first, then seasons and days with
other hours, then what is closed. A sentence is understood whole or not at all: what only speaks of
a shop, a bath or an event within must not become the hours of the sight. What was not understood
is told word for word.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from services.itinerary.domain.calendar import OpeningError
from services.itinerary.domain.municipal.words import (
    MONTHS,
    OFF,
    ORDER,
    SPAN,
    TIME,
    WEEKDAYS,
    clock,
    date_of,
    days_of,
    normalized,
)
from services.itinerary.domain.poi import parse_opening

ALL_DAY = "24/7"
# What most offices and museums of Japan keep; a file that says 年末年始 says no dates.
YEAR_END = "Dec 29-Jan 03 off"
_DAYS = r"[月火水木金土日祝](?:[曜日祝祭休]|[・,と及びおよ/ ]|[月火水木金土])*"
_SENTENCES = re.compile(r"[。\n;※　]|\s{2,}|(?=【)")
# What a sentence that is not understood is about, by a word in it.
_HINTS = {"不定休": "IRREGULAR_CLOSING", "のみ": "ONLY_SOMETIMES", "期間中": "ONLY_SOMETIMES"}
_ENTRY = r"(?:最終)?(?:入館|入場|入園|入浴|受付|入山|入店|入洞)(?:受付)?(?:時間)?"


@dataclass(frozen=True)
class Doubt:
    """Something a person should look at. reason: stable. text: what the file says."""

    reason: str
    text: str


@dataclass(frozen=True)
class Hours:
    """opening and last_entry as a POI has them, "" where the file does not say."""

    opening: str
    last_entry: str
    doubts: tuple[Doubt, ...]


@dataclass
class _Draft:
    usual: str = ""
    others: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    last_entry: str = ""
    doubts: list[Doubt] = field(default_factory=list)


def read_hours(weekdays: str, opens: str, closes: str, note: str) -> Hours:
    """Returns what the four columns say. Nothing is invented: see Hours.doubts."""
    draft = _Draft(usual=_usual(opens, closes))
    if not draft.usual and (opens.strip() or closes.strip()):
        draft.doubts.append(Doubt("TIMES_UNREADABLE", f"{opens} {closes}".strip()))
    for sentence in _SENTENCES.split(note):
        if said := normalized(sentence).strip(" ,.・"):
            _understand(said, sentence.strip(), draft)
    _leave_out_weekdays(weekdays, draft)
    # What is open in a season that nobody dates must not look open all year.
    sometimes = any(doubt.reason == "ONLY_SOMETIMES" for doubt in draft.doubts)
    opening = "" if sometimes or not (draft.usual or draft.others) else "; ".join(_rules(draft))
    try:
        if opening:
            parse_opening(opening)
    except OpeningError:  # such as 31:00 or 30 February
        draft.doubts.append(Doubt("TIMES_UNREADABLE", f"{opens} {closes} {note}".strip()))
        return Hours("", draft.last_entry, tuple(draft.doubts))
    return Hours(opening, draft.last_entry, tuple(draft.doubts))


def _usual(opens: str, closes: str) -> str:
    found = re.fullmatch(SPAN, f"{_seconds_off(opens)}-{_seconds_off(closes)}")
    if not found:
        return ""
    first, last = clock(found[1], found[2]), clock(found[3], found[4])
    return ALL_DAY if first == last else f"{first}-{last}"


def _seconds_off(text: str) -> str:
    return re.sub(r"^([0-9]{1,2}:[0-9]{2}):00$", r"\1", normalized(text))


def _understand(said: str, written: str, draft: _Draft) -> None:
    for pattern, act in _SAYINGS.items():
        found = re.fullmatch(pattern, said)
        if found and act(found, draft):
            return
    reason = next((reason for word, reason in _HINTS.items() if word in said), "NOTE_NOT_READ")
    draft.doubts.append(Doubt(reason, written))


def _leave_out_weekdays(weekdays: str, draft: _Draft) -> None:
    """Closes what 利用可能曜日 does not name."""
    if not weekdays.strip():
        return
    days = days_of(weekdays)
    if days is None:
        draft.doubts.append(Doubt("WEEKDAYS_UNREADABLE", weekdays.strip()))
        return
    known = {day for rule in draft.closed for day in re.split("[, ]", rule)}
    missing = [day for day in WEEKDAYS.values() if day not in days and day not in known]
    plain = [day for day in missing if day not in draft.moved]
    if plain:
        draft.closed.insert(0, f"{','.join(plain)} off")
    if "PH" in days and missing:  # 土日祝: open on a holiday whatever its weekday
        draft.others.append(f"PH {draft.usual}" if draft.usual else "")


def _rules(draft: _Draft) -> list[str]:
    moved = [f"{day} off (PH: {move})" for day, move in draft.moved.items()]
    open_again = [each for each in draft.others if each.startswith("PH ")]
    others = [each for each in draft.others if each and each not in open_again]
    weekly = [each for each in draft.closed if each[:2] in ORDER]
    dates = [each for each in draft.closed if each not in weekly]
    return [each for each in (draft.usual, *others, *weekly, *moved, *open_again, *dates) if each]


def _all_day(_: re.Match[str], draft: _Draft) -> bool:
    if draft.usual in ("", ALL_DAY):
        draft.usual = ALL_DAY
        return True
    return False  # the columns say otherwise: a person decides


def _year_end(_: re.Match[str], draft: _Draft) -> bool:
    draft.closed.append(YEAR_END)
    draft.doubts.append(Doubt("YEAR_END_ASSUMED", ""))
    return True


def _dates_off(found: re.Match[str], draft: _Draft) -> bool:
    first, last = date_of(found[1], found[2]), date_of(found[3] or found[1], found[4])
    if not first or not last:
        return False
    draft.closed.append(f"{first}-{last} off")
    return True


def _moves(found: re.Match[str], draft: _Draft) -> bool:
    workday = "平日" in found[2] or "曜日以外" in found[2]
    draft.moved[WEEKDAYS[found[1]]] = "next workday" if workday else "next day"
    return True


def _nth_off(found: re.Match[str], draft: _Draft) -> bool:
    numbers = re.findall("[1-5]|最終", found[1])
    nths = ["-1" if number == "最終" else number for number in numbers]
    draft.closed.append(",".join(f"{WEEKDAYS[found[2]]}[{nth}]" for nth in nths) + " off")
    return True


def _weekly_off(found: re.Match[str], draft: _Draft) -> bool:
    days = days_of(found[1])
    if days is None:
        return False
    draft.closed.append(f"{','.join(days)} off")
    return True


def _months(found: re.Match[str], draft: _Draft) -> bool:
    first, last = int(found[1]), int(found[2] or found[1])
    if not (1 <= first <= 12 and 1 <= last <= 12):
        return False
    months = MONTHS[first - 1] + (f"-{MONTHS[last - 1]}" if last != first else "")
    draft.others.append(f"{months} {clock(found[3], found[4])}-{clock(found[5], found[6])}")
    return True


def _days_with_hours(found: re.Match[str], draft: _Draft) -> bool:
    days = days_of(found[1])
    if days is None:
        return False
    span = f"{clock(found[2], found[3])}-{clock(found[4], found[5])}"
    draft.others.append(f"{','.join(days)} {span}")
    return True


def _last_entry(found: re.Match[str], draft: _Draft) -> bool:
    draft.last_entry = draft.last_entry or clock(found[1], found[2])
    return True


def _entry_before_closing(found: re.Match[str], draft: _Draft) -> bool:
    minutes = int(found[1]) * (60 if found[2] == "時間" else 1)
    draft.last_entry = draft.last_entry or f"-{minutes}min"
    return True


_SAYINGS: Mapping[str, Callable[[re.Match[str], _Draft], bool]] = {
    r"(?:終日|24時間|随時)(?:開放|見学|利用|入場|散策)?(?:可能?|自由|開放|営業|開園)?": _all_day,
    rf"年末年始(?:は|を|の|も)?(?:{OFF})?": _year_end,
    r"(?:年末年始)?\(?([0-9]{1,2})月([0-9]{1,2})日?-(?:翌年)?(?:([0-9]{1,2})月)?([0-9]{1,2})日\)?"
    rf"(?:まで)?(?:は|を)?(?:{OFF})": _dates_off,
    rf"年末年始(?:{OFF})?\(([0-9]{{1,2}})(?:月|/)([0-9]{{1,2}})日?-(?:([0-9]{{1,2}})(?:月|/))?"
    rf"([0-9]{{1,2}})日?\)(?:{OFF})?": _dates_off,
    r"(?:ただし,?|なお,?)?([月火水木金土日])曜日?が(?:祝日|祝祭日|休日|国民の祝日)(?:の|に当たる|と重なる|にあたる)"
    r"(?:場合|とき|時|日)は,?(?:(?:開館|営業|開園)(?:し|して),?)?(?:その)?"
    rf"(翌日|翌平日|次の平日|翌日以降の平日)(?:を|が|に|は)?(?:振替)?(?:{OFF})": _moves,
    r"(?:毎月|休館日は|定休日は|休館日:|定休日:)?((?:第?[1-5][・,と]?|最終)+)([月火水木金土日])曜日?(?:は|が|を)?"
    rf"(?:{OFF})?": _nth_off,
    rf"(?:毎週)?({_DAYS})(?:は|が|を)?{OFF}": _weekly_off,
    rf"(?:休館日|定休日|休業日|休園日)(?:は|:)?(?:毎週)?({_DAYS})": _weekly_off,
    rf"\(?([0-9]{{1,2}})月?(?:-([0-9]{{1,2}})月)?\)?(?:は|の間は|:|,)?{SPAN}(?:まで)?": _months,
    rf"({_DAYS})(?:は|:)?{SPAN}(?:まで)?": _days_with_hours,
    rf"{_ENTRY}(?:は|:)?{TIME}(?:まで)?": _last_entry,
    rf"{_ENTRY}(?:は|:)?(?:閉館|閉園|終了|営業終了|閉場)(?:時間|時刻)?の?([0-9]{{1,3}})(分|時間)前(?:まで)?":
        _entry_before_closing,
}  # fmt: skip
