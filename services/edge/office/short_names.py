"""Short names (ids) that are proposed from what a shop or product is called.

A short name stands in addresses, files and on the command line: small letters, digits and hyphens.
Kana are written in the Hepburn way without long vowels; of a name in kanji nobody can tell the
reading, so it gets a number, unless there is a name in English.
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
_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヴ") + 1)}


def proposed(names: Mapping[str, str], taken: Collection[str], before: str) -> str:
    """Returns a short name that is not taken. names: by locale. before: a word for what it is,
    such as shop, put ahead of it; "" for none."""
    words = next(
        (found for tag in ("en", "ja") if (found := _written(names.get(tag, "")))), ""
    )  # fmt: skip
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
