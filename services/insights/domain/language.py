"""Languages as they are counted: regions merged, the two ways of writing Chinese kept apart."""

NOT_ASKED = "und"  # BCP 47: undetermined

_TRADITIONAL_REGIONS = frozenset({"TW", "HK", "MO"})


def counted_language(locale: str) -> str:
    """Returns the language a locale is counted under: en-GB -> en, zh-TW -> zh-Hant.

    An empty locale is counted as not asked. Merging regions keeps cells large enough to show.
    """
    language, *rest = locale.replace("_", "-").split("-")
    if not language:
        return NOT_ASKED
    if language.lower() != "zh":
        return language.lower()
    subtags = {subtag.title() for subtag in rest}
    if "Hant" in subtags or ("Hans" not in subtags and _regions(rest) & _TRADITIONAL_REGIONS):
        return "zh-Hant"
    return "zh-Hans"


def _regions(subtags: list[str]) -> frozenset[str]:
    return frozenset(subtag.upper() for subtag in subtags if len(subtag) == 2)
