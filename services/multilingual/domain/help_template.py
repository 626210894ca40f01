"""Templates of answers: words that are said again and again, with places to fill in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from kit.pure.errors import InvalidFields, NotFound, VersionConflict
from kit.pure.locale import parse_tag
from services.multilingual.domain.narration import holds_forbidden, tidy_words

PLACEHOLDERS = frozenset({"stop", "hours", "phone"})
MAX_CHARS = 1_500
_BRACES = re.compile(r"\{([^{}\n]{0,40})\}")


class HelpTemplateUnknown(NotFound):
    """There is no such template. Open the page again."""


@dataclass(frozen=True)
class Template:
    """Words by locale. topic: what it is for, as in help.Topic. drafts: locales in which no person
    has written them yet."""

    template_id: str
    topic: int
    texts: Mapping[str, str]
    drafts: frozenset[str]
    version: int = 0


def holds_placeholder(text: str) -> bool:
    """Tells whether a text still holds a place to fill in, a misspelled one too."""
    return _BRACES.search(text) is not None


def write(template: Template, version: int, locale: str, text: str) -> Template:
    """Returns a template with a person's words in one language. version: the one its author saw.

    Errors: VersionConflict, InvalidFields.
    """
    if version != template.version:
        raise VersionConflict("Somebody else changed this template. Open it again.")
    tag, tidy = parse_tag(locale), tidy_words(text)
    wrong: list[tuple[str, str]] = []
    if tag is None or tag.text() != locale:
        wrong.append(("locale", "give a BCP 47 tag such as zh-Hant"))
    if not 1 <= len(tidy) <= MAX_CHARS:
        wrong.append(("text", f"1 to {MAX_CHARS} characters"))
    if holds_forbidden(tidy):
        wrong.append(("text", "control and direction marks cannot be kept"))
    if not set(_BRACES.findall(tidy)) <= PLACEHOLDERS:
        wrong.append(("text", "only {stop}, {hours} and {phone} are filled in"))
    if wrong:
        raise InvalidFields(wrong)
    return replace(
        template, texts={**template.texts, locale: tidy}, drafts=template.drafts - {locale},
        version=version + 1,
    )  # fmt: skip
