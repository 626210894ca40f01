"""How Japanese files write times, weekdays and closing: one spelling of all of them."""

import re
import unicodedata

WEEKDAYS = {
    "月": "Mo", "火": "Tu", "水": "We", "木": "Th", "金": "Fr", "土": "Sa", "日": "Su",
}  # fmt: skip
LONGEST_LIST = 200  # characters of a list of days; to take a longer one apart takes long
ORDER = (*WEEKDAYS.values(), "PH")
HOLIDAY = "PH"
TIME = r"([0-9]{1,2}):([0-5][0-9])"
SPAN = rf"{TIME}-{TIME}"
OFF = r"(?:お?休み|休館|休業|休園|休場|休止|閉館|閉園|閉店|定休)(?:日|です|とする)?"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NOON = re.compile(r"(午前|午後)([0-9]{1,2})(?=[:時])")
_HOUR = re.compile(r"([0-9]{1,2})時(?:([0-9]{1,2})分|(半))?(?!間)")
# Between two times or dates; the long vowel mark is often typed for a dash.
_DASH = re.compile(r"(?<=[0-9月日])\s*(?:~|〜|‐|‑|–|—|―|−|ー|から|より)\s*(?=[0-9])")
_HOLIDAYS = re.compile("祝祭日|国民の祝日|休日|祝日|祝")
_DAY_WORD = re.compile("曜日|曜")
# Marks between the days of a list: 土・日・祝.
_BETWEEN = re.compile(r"[・,/\s]|及び|および|と")


def normalized(text: str) -> str:
    """Returns a text in one spelling: widths, one comma, 午後5時 as 17:00, から between as -."""
    text = unicodedata.normalize("NFKC", text).replace("、", ",")
    text = _NOON.sub(lambda found: _of_day(found[1], found[2]), text)
    text = _HOUR.sub(lambda found: f"{found[1]}:{_minute(found)}", text)
    return _DASH.sub("-", text).strip()


def _of_day(half: str, hour: str) -> str:
    return str(int(hour) + 12 if half == "午後" and int(hour) < 12 else int(hour))


def _minute(found: re.Match[str]) -> str:
    return "30" if found[3] else (found[2] or "0").zfill(2)


def days_of(text: str) -> tuple[str, ...] | None:
    """Returns the days of a list such as 月水金, 平日 or 土・日・祝日 in the order of the week.

    In the notation of opening hours, holidays as PH. None where anything else is in it.
    """
    if len(text) > LONGEST_LIST:
        return None
    text = _HOLIDAYS.sub(HOLIDAY, normalized(text)).replace("平日", "月火水木金")
    text = _BETWEEN.sub("", _DAY_WORD.sub("", text)).replace("毎日", "".join(WEEKDAYS))
    found = set()
    while text:
        if text.startswith(HOLIDAY):
            found.add(HOLIDAY)
            text = text.removeprefix(HOLIDAY)
        elif text[0] in WEEKDAYS:
            found.add(WEEKDAYS[text[0]])
            text = text[1:]
        else:
            return None
    return tuple(day for day in ORDER if day in found) or None


def clock(hour: str, minute: str) -> str:
    """Returns a time as opening hours write it."""
    return f"{int(hour):02d}:{minute}"


def date_of(month: str, day: str) -> str | None:
    """Returns a day of the year as opening hours write it; None where there is none."""
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    return f"{MONTHS[int(month) - 1]} {int(day):02d}"
