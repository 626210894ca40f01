"""`./meguri locale`: extracts the texts of pages and commands, and adds them to the catalogs.

Files are only added to: what a translator wrote, and in which order, stays byte for byte, and
nothing is guessed from a text that looks alike. English is the source. A new entry has no
translation yet, so `./meguri check` names it until it has one.
"""

import argparse
import ast
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cli import tree_rules
from cli.words import _
from infra.local.home import ROOT

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

# Names that mark a text, and how many of their arguments it is made of.
KEYWORDS = {"_": 1, "_l": 1, "N_": 1, "gettext": 1, "lazy_gettext": 1, "ngettext": 2, "pgettext": 2}
# What the till turns towards customers: all that its catalogs of visitors' languages have to hold.
FOR_CUSTOMERS = (
    "display_view.py", "slip.py", "slip_return.py", "templates/till/display.html",
    "templates/till/linked_receipt.html", "templates/till/linked_return.html",
    "templates/till/slip.html",
)  # fmt: skip


@dataclass(frozen=True)
class Text:
    """A text of a source. many: of more than one thing, "" where there is no such form."""

    one: str
    many: str = ""
    context: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What gettext finds it by."""
        return self.one, self.context


@dataclass(frozen=True)
class Difference:
    """One catalog against its sources. missing: English texts it lacks. unused: entries that no
    source has; they stay, for somebody may only be about to use them."""

    path: Path
    missing: list[Text]
    unused: list[Text]


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `locale extract`, `locale update` and `locale tidy`."""
    parser = subcommands.add_parser("locale", help=_("texts of pages and their translations"))
    verbs = parser.add_subparsers(metavar="COMMAND", required=True)
    extract = verbs.add_parser("extract", help=_("say which texts each catalog lacks"))
    extract.set_defaults(run=run_extract)
    update = verbs.add_parser("update", help=_("add the texts that are lacking to the catalogs"))
    update.set_defaults(run=run_update)
    tidy = verbs.add_parser("tidy", help=_("take out the texts that no source has any more"))
    tidy.set_defaults(run=run_tidy)


def run_extract(arguments: argparse.Namespace) -> int:
    """Tells the differences and changes nothing. Returns 1 when a text is missing."""
    found = list(differences(ROOT))
    _tell(found, as_json=arguments.json)
    return 1 if any(each.missing for each in found) else 0


def run_update(arguments: argparse.Namespace) -> int:
    """Adds what is missing, without a translation."""
    found = list(differences(ROOT))
    for each in found:
        add(ROOT / each.path, each.missing)
    _tell(found, as_json=arguments.json)
    return 0


def run_tidy(arguments: argparse.Namespace) -> int:
    """Takes out what nobody says any more; every other entry stays byte for byte."""
    found = list(differences(ROOT))
    for each in found:
        drop(ROOT / each.path, each.unused)
    _tell(found, as_json=arguments.json)
    return 0


def check() -> str:
    """Complains of catalogs that lack a text of their sources."""
    return "\n".join(
        f"{each.path}: {text.one!r} is missing; ./meguri locale update adds it"
        for each in differences(ROOT)
        for text in each.missing
    )


def differences(root: Path) -> Iterator[Difference]:
    """Compares every catalog below a tree with its sources."""
    for folder, locales in tree_rules.folders(root):
        sources = list(sources_of(folder.parent))
        if folder.parent.name == "cli":  # what services print there is of the same terminal
            sources += sorted(
                (*root.glob("services/*/cli.py"), *root.glob("services/*/cli/**/*.py"))
            )
        texts = {text.key: text for path in sources for text in texts_of(path)}
        customers = [folder.parent / each for each in FOR_CUSTOMERS if folder.parent.name == "till"]
        fewer = {text.key: text for path in customers if path in sources for text in texts_of(path)}
        others = _of_the_parser() if folder.parent.name == "cli" else frozenset()
        begun = {path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/*.po")}
        for locale in sorted({*locales, *begun}):
            path = folder / locale / "LC_MESSAGES" / "messages.po"
            known = {text.key: text for text in _known(path)}
            wanted = texts if locale in locales else fewer
            yield Difference(
                path.relative_to(root),
                [text for key, text in wanted.items() if key not in known],
                [text for key, text in known.items() if key not in texts and key not in others],
            )


def sources_of(folder: Path) -> Iterator[Path]:
    """Gives the sources below a folder in order, but for folders with catalogs of their own."""
    own = [path.parent for path in folder.glob("*/translations")]
    for path in sorted((*folder.rglob("*.py"), *folder.rglob("templates/**/*.html"))):
        if not any(path.is_relative_to(other) for other in own):
            yield path


def texts_of(path: Path) -> Iterator[Text]:
    """Gives the texts of a module or a template, in the order of the source."""
    source = path.read_text(encoding="utf-8")
    yield from _in_template(source) if path.suffix == ".html" else _in_module(source)


def _in_module(source: str) -> Iterator[Text]:
    """Reads the syntax tree: Babel's reader of tokens finds nothing within an f-string."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda each: (each.lineno, each.col_offset)):
        name = getattr(call.func, "id", "") or getattr(call.func, "attr", "")
        said = [each.value if isinstance(each, ast.Constant) else None for each in call.args]
        found = [each for each in said[: KEYWORDS.get(name, 0)] if isinstance(each, str)]
        if found and len(found) == KEYWORDS[name]:
            yield _text(found[1:], found[0]) if name == "pgettext" else _text(found, None)


def _of_the_parser() -> frozenset[tuple[str, str]]:
    """Returns what argparse says by itself: the catalog of the commands has some of its words."""
    return frozenset(text.key for text in texts_of(Path(argparse.__file__)))


def _in_template(source: str) -> Iterator[Text]:
    from jinja2 import Environment  # noqa: PLC0415 - only where templates are read

    pages = Environment(extensions=["jinja2.ext.do", "jinja2.ext.i18n"], autoescape=True)
    for _line, function, found in pages.extract_translations(source):  # type: ignore[attr-defined] # the library has no types here
        if function == "pgettext":
            yield Text(str(found[1]), context=str(found[0]))
        else:
            yield _text(found, None)


def _text(found: str | Iterable[str | None], context: str | None) -> Text:
    forms = [found] if isinstance(found, str) else [each for each in found if each]
    return Text(forms[0], forms[1] if len(forms) > 1 else "", context or "")


def add(path: Path, texts: list[Text]) -> None:
    """Adds entries without a translation to the end of a catalog file, which may be new."""
    from babel.messages.catalog import Catalog  # noqa: PLC0415 - only where something is added
    from babel.messages.pofile import write_po  # noqa: PLC0415 - as above

    if not texts:
        return
    fresh = Catalog(locale=path.parent.parent.name)
    for text in texts:
        fresh.add((text.one, text.many) if text.many else text.one, context=text.context or None)
    written = io.BytesIO()
    write_po(written, fresh, width=0, omit_header=True)
    before = path.read_text(encoding="utf-8").rstrip("\n") if path.exists() else _header(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{before}\n\n{written.getvalue().decode().strip()}\n", encoding="utf-8")


def drop(path: Path, texts: list[Text]) -> None:
    """Takes entries out of a catalog file, in which an empty line stands between entries."""
    keys = {text.key for text in texts}
    if not keys:
        return
    entries = path.read_text(encoding="utf-8").rstrip("\n").split("\n\n")
    kept = [each for each in entries if keys.isdisjoint(_keys_of(each))]
    path.write_text("\n\n".join(kept) + "\n", encoding="utf-8")


def _keys_of(entry: str) -> set[tuple[str, str]]:
    from babel.messages.pofile import read_po  # noqa: PLC0415 - only where catalogs are read

    found: Iterable[Message] = read_po(io.BytesIO(entry.encode()))
    return {_text(each.id, each.context).key for each in found if each.id}


def _header(path: Path) -> str:
    from babel.messages.plurals import get_plural  # noqa: PLC0415 - only for a new catalog

    tag = path.parent.parent.name
    lines = ("Content-Type: text/plain; charset=utf-8", f"Language: {tag}",
             f"Plural-Forms: {get_plural(tag).plural_forms}")  # fmt: skip
    return 'msgid ""\nmsgstr ""\n' + "\n".join(f'"{line}\\n"' for line in lines)


def _known(path: Path) -> Iterator[Text]:
    from babel.messages.pofile import read_po  # noqa: PLC0415 - only where catalogs are read

    if not path.exists():
        return
    with path.open("rb") as file:
        catalog: Catalog = read_po(file, locale=path.parent.parent.name)
    entry: Message
    for entry in catalog:
        if entry.id:
            yield _text(entry.id, entry.context)


def _tell(found: list[Difference], *, as_json: bool) -> None:
    if as_json:
        told = [
            {
                "path": str(each.path),
                "missing": [text.one for text in each.missing],
                "unused": [text.one for text in each.unused],
            }
            for each in found
        ]
        print(json.dumps(told, ensure_ascii=False))
        return
    for each in found:
        for mark, texts in (("+", each.missing), ("?", each.unused)):
            for text in texts:
                print(f"{mark} {each.path}: {text.one}")
    counts = {
        "missing": sum(len(each.missing) for each in found),
        "unused": sum(len(each.unused) for each in found),
        "catalogs": len(found),
    }
    summary = _("%(missing)d missing, %(unused)d that no source has, in %(catalogs)d catalogs")
    print(summary % counts)
