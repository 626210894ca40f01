"""Short names (ids) that are proposed from what a shop or product is called.

A short name stands in addresses, files and on the command line: small letters, digits and hyphens.
Kana are written in the Hepburn way without long vowels. Of a name in kanji nobody can tell the
reading: unless it is given, or there is a name in English, what can be read of it is taken, such as
what kind of shop it is, and else what the caller has in its place.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping

MAX_LENGTH = 40
_LETTERS = (
    "a i u e o ka ki ku ke ko sa shi su se so ta chi tsu te to na ni nu ne no ha hi fu he ho"
    " ma mi mu me mo ya yu yo ra ri ru re ro wa o n ga gi gu ge go za ji zu ze zo da ji zu de do"
    " ba bi bu be bo pa pi pu pe po vu"
)
_KANA = dict(zip(
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
    "がぎぐげござじずぜぞだぢづでどばびぶべぼぱぴぷぺぽゔ",
    _LETTERS.split(),
    strict=True,
))  # fmt: skip
# What a う behind it only makes longer; letters of a name in English are none of these.
_LONG = frozenset(each for each in _LETTERS.split() if each[-1] in "ou" and len(each) > 1) | {
    head + tail for head in ("ky", "sh", "ch", "ny", "hy", "my", "ry", "gy", "j", "by", "py")
    for tail in "ou"
}  # fmt: skip
_SMALL = {"ゃ": "ya", "ゅ": "yu", "ょ": "yo", "ぁ": "a", "ぃ": "i", "ぅ": "u", "ぇ": "e", "ぉ": "o"}
# Kinds of shops, whose reading is no doubt; longer ones first where one begins another.
_KINDS = {
    "商店街": "shotengai", "商店": "shoten", "売店": "baiten", "茶屋": "chaya", "酒店": "saketen",
    "書店": "shoten", "食堂": "shokudo", "旅館": "ryokan", "民宿": "minshuku", "喫茶": "kissa",
    "薬局": "yakkyoku", "酒造": "shuzo", "農園": "noen", "牧場": "bokujo", "工房": "kobo",
    "菓子": "kashi", "土産": "miyage", "観光": "kanko", "温泉": "onsen", "案内所": "annaijo",
    "直売所": "chokubaijo", "本店": "honten", "支店": "shiten", "屋": "ya",
}  # fmt: skip
_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヴ") + 1)}


def proposed(
    names: Mapping[str, str], taken: Collection[str], before: str, reading: str = "",
    otherwise: str = "",
) -> str:  # fmt: skip
    """Returns a short name that is not taken. names: by locale. before: a word for what it is,
    such as shop, put ahead of it; "" for none. reading: of the Japanese name in kana, "" where
    nobody says. otherwise: stands for a name that cannot be read, a number where it is ""."""
    said = (names.get("en", ""), reading, names.get("ja", ""))
    words = next((found for each in said if (found := _written(each))), "")
    words = words or _readable(names.get("ja", "")) or otherwise
    base = "-".join(each for each in (before, words) if each)[:MAX_LENGTH].rstrip("-")
    if words and base not in taken:
        return base
    ahead, count = f"{base}-" if base else "", 2 if words else 1
    while f"{ahead}{count}" in taken:
        count += 1
    return f"{ahead}{count}"


def _written(name: str) -> str:
    """Returns a name in small letters, "" where a part of it has no reading that is known."""
    plain = unicodedata.normalize("NFKC", name).strip().lower().translate(_TO_HIRAGANA)
    latin = "".join(
        each for each in unicodedata.normalize("NFKD", _romanized(plain))
        if not unicodedata.combining(each)
    )  # fmt: skip
    if any(each.isalpha() and not each.isascii() for each in latin):
        return ""
    return re.sub(r"[^a-z0-9]+", "-", latin.replace("'", "").replace("’", "")).strip("-")


def _readable(name: str) -> str:
    """Returns the parts of a name that can be read, its kind of shop among them; "" for none."""
    found = unicodedata.normalize("NFKC", name)
    for kind, written in _KINDS.items():
        found = found.replace(kind, f" {written} ")
    parts = re.split(r"[^\x00-\x7fぁ-ゖァ-ヺー]+", found)
    said = "-".join(written for part in parts if (written := _written(part)))
    return said if len(said) > 2 else ""  # of "-ya" alone nobody would know the shop


def _romanized(text: str) -> str:
    found: list[str] = []
    doubled = False
    for each in text:
        if each == "っ":
            doubled = True
            continue
        if each == "ー" or (each == "う" and found and found[-1] in _LONG):
            continue
        written = _KANA.get(each, each)
        if each in _SMALL:
            written = _joined(found.pop() if found else "", _SMALL[each])
        elif doubled and written[:1].isalpha():
            written = ("t" if written.startswith("ch") else written[0]) + written
        doubled = False
        found.append(written)
    return "".join(found)


def _joined(before: str, small: str) -> str:
    """Joins a small kana with the one ahead of it: ki + ya is kya, shi + ya sha, fu + a fa."""
    stem = before[:-1]
    if small.startswith("y") and stem.endswith(("sh", "ch", "j")):
        return stem + small[1:]
    return (stem if before.endswith(("i", "u", "e")) else before) + small
