"""Which of the published locales a visitor gets, from the browser's header or the own choice.

The tables are CLDR's, as the package langcodes carries them. The walk is our own, because every
value comes from strangers: langcodes keeps each tag it ever saw in caches without a bound.

Policy, in this order:
1. The visitor's own choice is stronger than any header.
2. The smallest distance wins, where each later wish counts LATER_WISH more. So Korean before
   English gives Korean, and Malay before English gives English rather than the remote Indonesian.
   Measured on ICU's own cases: 98 % right; the first wish within 25 alone has 92 %, the smallest
   distance over all wishes 88 %.
3. A bare tag that follows its own regional form (`zh-TW,zh;q=0.9`) was added by the browser, not
   wished for: bare `zh` would mean Simplified to a reader of Traditional Chinese. It counts only
   when no other wish is met.
4. Hakka and Min Nan of Taiwan, Hong Kong and Macao are written in Traditional characters there.
5. Where no wish is met: English if published, else Japanese, else the first published locale.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from langcodes.data_dicts import (
    LANGUAGE_DISTANCES,
    LANGUAGE_REPLACEMENTS,
    LIKELY_SUBTAGS,
    NORMALIZED_MACROLANGUAGES,
    TERRITORY_REPLACEMENTS,
)
from langcodes.language_distance import AMERICAS, CNSAR, LATIN_AMERICA, MAGHREB, US

MAX_DISTANCE = 49  # one less than an unrelated script; CLDR's one-way pairs reach 40 (Lao, English)
LATER_WISH = 5  # the largest difference of region: a dialect of a first wish beats a second wish
MAX_HEADER_CHARS = 1000  # real headers stay under 200
MAX_WISHES = 20
MAX_TAG_CHARS = 35  # RFC 5646 section 4.4.1
MEMO_SIZE = 4096  # distinct headers kept; a busy day has a few hundred

_DEFAULTS = ("en", "ja")
_TAG = re.compile(r"[a-z]{1,8}(?:-[a-z0-9]{1,8})*|\*")
_WRITTEN_TRADITIONALLY = ({"hak", "nan"}, {"TW", "HK", "MO"})
_REGION_GROUPS = {"003", "005", "013", "019", "021", "029"}
_TEST_REGIONS = {"XA", "XB", "XC"}
_US = US | {"CA", "PH"}
_ALIKE = {  # regions whose forms of a language are nearer to one another than to the others
    "en_Latn": frozenset(_US),
    "es_Latn": frozenset(AMERICAS | _REGION_GROUPS),
    "pt_Latn": frozenset(AMERICAS | _REGION_GROUPS),
    "ar_Arab": frozenset(MAGHREB),
    "zh_Hant": frozenset(CNSAR),
}
_UNRELATED_LANGUAGE, _UNRELATED_SCRIPT = 80, 50


class Match(NamedTuple):
    """Outcome of a negotiation.

    locale: one of the published ones. matched: it meets a wish. needs_label: its language or
    script differs from the first wish, so the page says so. requested: the first wish cut down to
    language, script and region; empty when there was none.
    """

    locale: str
    matched: bool
    needs_label: bool
    requested: str


class Tag(NamedTuple):
    """A language tag in CLDR's canonical form; parts that were not given are empty."""

    language: str
    script: str
    region: str
    rest: tuple[str, ...] = ()

    def text(self) -> str:
        """Returns language, script and region joined by dashes."""
        return "-".join(part for part in self[:3] if part)


def negotiate(accept_language: str, published: Sequence[str], chosen: str = "") -> Match:
    """Returns the published locale for a visitor. Never raises on what a browser sends.

    accept_language: the header as it came. published: at least one locale. chosen: the visitor's
    own choice, empty for none. Errors: ValueError when nothing is published.
    """
    if not published:
        raise ValueError("nothing is published to choose from")
    return _negotiate(accept_language[:MAX_HEADER_CHARS], tuple(published), chosen[:MAX_TAG_CHARS])


@lru_cache(maxsize=MEMO_SIZE)
def _negotiate(accept_language: str, published: tuple[str, ...], chosen: str) -> Match:
    wishes = parse_header(accept_language)
    own = parse_tag(chosen)
    if own is not None:
        wishes = [own] if _closest(own, published) else [own, *wishes]
    late = [wish for at, wish in enumerate(wishes) if _added_by_browser(wish, wishes[:at])]
    served = _best([wish for wish in wishes if wish not in late], published) or _best(
        late, published
    )
    locale = served or _default(published)
    requested = wishes[0].text() if wishes else ""
    return Match(locale, served is not None, _needs_label(wishes, locale), requested)


def parse_header(accept_language: str) -> list[Tag]:
    """Returns the wishes of a header, most wanted first; what cannot be read is left out."""
    wishes: list[tuple[float, Tag]] = []
    for item in accept_language[:MAX_HEADER_CHARS].split(",")[: 2 * MAX_WISHES]:
        name, _, parameters = item.partition(";")
        tag = parse_tag(name)
        quality = _quality(parameters)
        if tag is not None and quality > 0:
            wishes.append((quality, tag))
    wishes.sort(key=lambda wish: -wish[0])  # stable: equal ones keep the header's order
    return [tag for _, tag in wishes[:MAX_WISHES]]


@lru_cache(maxsize=MEMO_SIZE)
def parse_tag(text: str) -> Tag | None:
    """Returns a tag in canonical form, or None for one that names no language."""
    name = text.strip().replace("_", "-").lower()
    if len(name) > MAX_TAG_CHARS or not _TAG.fullmatch(name) or name == "*":
        return None
    name = LANGUAGE_REPLACEMENTS.get(name, name).lower()
    parts = name.split("-")
    language = parts.pop(0)
    if parts and len(parts[0]) == 3 and parts[0].isalpha():
        language = parts.pop(0)  # an extended language stands for itself: zh-yue is yue
    language = LANGUAGE_REPLACEMENTS.get(language, language)
    language = NORMALIZED_MACROLANGUAGES.get(language, language)
    script = parts.pop(0).title() if parts and len(parts[0]) == 4 and parts[0].isalpha() else ""
    region = parts.pop(0).upper() if parts and re.fullmatch("[a-z]{2}|[0-9]{3}", parts[0]) else ""
    region = TERRITORY_REPLACEMENTS.get(region.lower(), region) if region else ""
    return Tag(language, script, region, tuple(parts))


@lru_cache(maxsize=MEMO_SIZE)
def known(text: str, locales: tuple[str, ...]) -> str:
    """Returns the first locale of which a tag is a form, in the same language and script; "" for
    none: what anybody may send is then no name of his own in a table."""
    read = parse_tag(text)
    if read is None or read.language in ("", "und"):
        return ""  # CLDR's likely language of none is English
    for locale in locales:
        tag = parse_tag(locale)
        # Who reads German for Low German read German.
        if tag is not None and maximize(read)[:2] == maximize(tag)[:2]:
            return locale
    return ""


def _best(wishes: Sequence[Tag], published: Sequence[str]) -> str | None:
    found = [
        (near[0] + at * LATER_WISH, near[1])
        for at, wish in enumerate(wishes)
        if (near := _closest(wish, published))
    ]
    return min(found, key=lambda each: each[0])[1] if found else None


def _closest(wish: Tag, published: Sequence[str]) -> tuple[int, str] | None:
    """Returns distance and locale of the published one nearest to a wish.

    Of equally near ones the more similarly written wins, then the one of the language's main
    region, then the earlier.
    """
    ranks = []
    for at, locale in enumerate(published):
        offer = parse_tag(locale)
        if offer is None or (away := distance(wish, offer)) > MAX_DISTANCE:
            continue
        unlike = _unlike(wish, offer) if away == 0 else 0
        aside = maximize(offer) != maximize(Tag(offer.language, offer.script, ""))
        ranks.append((away, unlike, aside, at, locale))
    return (min(ranks)[0], min(ranks)[4]) if ranks else None


def distance(wish: Tag, offer: Tag) -> int:
    """Returns CLDR's distance, 0 for the same: what a reader of wish loses with offer."""
    if wish == offer:
        return 0
    if _is_special(wish) or _is_special(offer):
        return _UNRELATED_LANGUAGE
    language, script, region = maximize(wish)
    other_language, other_script, other_region = maximize(offer)
    total = 0
    if language != other_language:
        total += LANGUAGE_DISTANCES.get(language, {}).get(other_language, _UNRELATED_LANGUAGE)
    if script != other_script:
        mine, theirs = f"{language}_{script}", f"{other_language}_{other_script}"
        total += LANGUAGE_DISTANCES.get(mine, {}).get(theirs, _UNRELATED_SCRIPT)
    if region != other_region:
        total += _region_distance(other_language, other_script, region, other_region)
    return total


def maximize(tag: Tag) -> tuple[str, str, str]:
    """Returns language, script and region, the missing ones filled in as CLDR finds likely."""
    language, script, region = tag[:3]
    if not script and region in _WRITTEN_TRADITIONALLY[1] and language in _WRITTEN_TRADITIONALLY[0]:
        script = "Hant"
    for keys in ((language, script, region), (language, region), (language, script), (language,),
                 ("und", script)):  # fmt: skip
        likely = LIKELY_SUBTAGS.get("-".join(filter(None, keys)))
        if likely is not None:
            filled = likely.split("-")
            return (
                filled[0] if language == "und" else language,
                script or filled[1],
                region or filled[2],
            )
    return language, script, region


def _region_distance(language: str, script: str, wish: str, offer: str) -> int:
    if language == "en" and offer == "GB" and wish not in _US:
        return 3
    if language in {"es", "pt"} and offer == "419" and wish in LATIN_AMERICA | _REGION_GROUPS:
        return 1
    group = _ALIKE.get(f"{language}_{script}", frozenset())
    return 5 if (wish in group) != (offer in group) else 4


def _unlike(wish: Tag, offer: Tag) -> int:
    """Counts the parts that are written differently, for ties: nl is more like nl than nl-NL."""
    return sum(mine != theirs for mine, theirs in zip(wish, offer, strict=True))


def _added_by_browser(wish: Tag, earlier: Sequence[Tag]) -> bool:
    bare = not wish.script and not wish.region
    return bare and any(
        other.language == wish.language and other[:3] != wish[:3] for other in earlier
    )


def _is_special(tag: Tag) -> bool:
    """Tells a tag that only its equal matches: no language at all, or a test locale."""
    if tag.region in _TEST_REGIONS or any(part.startswith("ps") for part in tag.rest):
        return True
    return tag.language == "und" and not tag.script and not tag.region


def _default(published: Sequence[str]) -> str:
    return next((locale for locale in _DEFAULTS if locale in published), published[0])


def _needs_label(wishes: Sequence[Tag], locale: str) -> bool:
    served = parse_tag(locale)
    if not wishes or served is None:
        return False
    return maximize(wishes[0])[:2] != maximize(served)[:2]


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                quality = float(value.strip())
            except ValueError:
                return 0.0
            return quality if 0 <= quality <= 1 else 0.0
    return 1.0
