"""Rules of the tree that no tool of others knows."""

import re
import subprocess
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from infra.local.home import ROOT

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

# English is the language of the source; it needs no catalog.
LOCALES = ("ja", "ko", "zh_Hans", "zh_Hant")
# What the catalogs of visitors are measured by: texts are written in English and Japanese together.
FULLEST = "ja"
TERMINAL_LOCALES = ("ja",)  # of those who run an installation
MOST_LINES = 400
# Written so that this file does not contain what it looks for.
_REGISTRY = re.compile(
    r"py[p]i\.org|pythonhost[e]d|registry\.np[m]js|registry\.yarnpk[g]|goprox[y]|index\.crate[s]\.io"
)
_MACHINE_PATH = re.compile(r"(?<![\w.~/-])/(?:roo[t]|wor[k]|Use[r]s/\w+|hom[e]/\w+)/\w")
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
_TOO_CLOSE = re.compile(
    r"(?:(?<=[^\W_])|(?<=[)\]}»”’%…]))[ \u00a0]?[:;?!]+(?=[\s\"”»)<]|$)|«(?!\u202f)|(?<!\u202f)»"
)
_TEXT = re.compile(
    r"(?:\.(?:py|md|toml|ya?ml|json|proto|html|css|js|po|csv|cfg|ini|sh|lock|txt|conf))?"
)


_HUSHED = re.compile(r"#\s*(?:(?:ruff:\s*)?noqa|type:\s*ignore)\b", re.IGNORECASE)
_REASONED = re.compile(
    r"#\s*(?:ruff:\s*)?noqa: [A-Z]+[0-9]+(?:, [A-Z]+[0-9]+)* - \w.*"
    r"|#\s*type: ignore\[[a-z, -]+\]\s+# (?!noqa|type:)\w.*"
)
_WAYS = "# noqa: CODE - why, or # type: ignore[code] # why"
_STUB = re.compile(
    r"\s*(?:from|import)\s+meguri\.(?P<service>\w+)\.v\d+(?:\.\w+_pb2_grpc\b|\s+import\s.*_pb2_grpc\b)"
)


def catalogs() -> str:
    """Complains of message catalogs that lack a locale, a text, a translation or a placeholder."""
    complaints: list[str] = []
    for folder, locales in folders(ROOT):
        files = {path.parent.parent.name: path for path in folder.glob("*/LC_MESSAGES/*.po")}
        shown = folder.relative_to(ROOT)
        complaints += [f"{shown}: {locale} is missing" for locale in locales if locale not in files]
        read = {locale: _read(path, locale) for locale, path in sorted(files.items())}
        wanted = _ids(read.get(FULLEST, ())) if folder.parent.name in visitor_folders() else {}
        for locale, catalog in read.items():
            gaps = [*_catalog(catalog), *_lacking(catalog, wanted)]
            gaps += _french(catalog) if locale == "fr" else ()
            complaints += [f"{shown}/{locale}: {text}" for text in gaps]
    return "\n".join(complaints)


def folders(root: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Gives the folders of catalogs below a tree with the locales each must have in full."""
    for folder in sorted((root / "services").rglob("translations")):
        yield folder, _wanted(folder, root)
    for folder in sorted((root / "cli").rglob("translations")):
        yield folder, TERMINAL_LOCALES


def visitor_folders() -> tuple[str, ...]:
    """Returns whose catalogs have every language: the edge's own words, and wings for visitors."""
    from services.edge import wings  # noqa: PLC0415 - only this step needs it

    return ("edge", *wings.FOR_VISITORS)


def _wanted(folder: Path, root: Path) -> tuple[str, ...]:
    """Returns the locales a folder must have: for visitors, every one the edge itself has."""
    if folder.parent.name not in visitor_folders():
        return LOCALES
    begun = (root / "services" / "edge" / "translations").glob("*/LC_MESSAGES/*.po")
    return tuple(sorted({*LOCALES, *(path.parent.parent.name for path in begun)}))


def _read(path: Path, locale: str) -> "Catalog":
    from babel.messages import pofile  # noqa: PLC0415 - only this step needs it

    with path.open("rb") as file:
        return pofile.read_po(file, locale=locale)


def _ids(catalog: Iterable["Message"]) -> dict[tuple[str, str | None], bool]:
    """Returns what a catalog translates, by text and context, and whether it has a plural."""
    return {
        (_source(message), message.context): message.pluralizable
        for message in catalog
        if message.id
    }


def _source(message: "Message") -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _lacking(catalog: "Catalog", wanted: dict[tuple[str, str | None], bool]) -> Iterator[str]:
    """Tells what visitors would read in English in the middle of a page of their language."""
    there = _ids(catalog)
    for (text, context), plural in wanted.items():
        if (text, context) not in there:
            yield f"{text!r} is missing"
        elif there[text, context] is not plural:
            yield f"{text!r} has a plural here or in {FULLEST}, not in both"


def _catalog(catalog: "Catalog") -> Iterator[str]:
    for message in catalog:
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
        texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if message.fuzzy:
            yield f"line {message.lineno}: {ids[0]!r} is marked fuzzy"
        if not all(texts):
            yield f"line {message.lineno}: {ids[0]!r} is not translated"
        wanted = set(_PLACEHOLDER.findall(str(ids[-1])))
        for text in filter(None, texts):
            if set(_PLACEHOLDER.findall(str(text))) - wanted:
                yield f"line {message.lineno}: {ids[0]!r} has a placeholder the source lacks"
            elif wanted - set(_PLACEHOLDER.findall(str(text))) and len(ids) == 1:
                yield f"line {message.lineno}: {ids[0]!r} lacks a placeholder"


def _french(catalog: "Catalog") -> Iterator[str]:
    """Tells of marks that French sets apart by a narrow blank that no line breaks at (U+202F)."""
    for message in catalog:
        texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if message.id and any(_TOO_CLOSE.search(str(text)) for text in texts):
            yield f"line {message.lineno}: {_source(message)!r} lacks a narrow blank (U+202F)"


def stubs() -> str:
    """Complains of a service that could call another one: whoever wants its facts listens.

    import-linter sees nothing below the generated package. The edge calls everybody; directory is
    called by everybody, since it knows areas, places and people. A service file of another holds
    its events' enums too, so only its stubs are forbidden.
    """
    complaints = []
    for path in sorted((ROOT / "services").rglob("*.py")):
        own = path.relative_to(ROOT).parts[1]
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = _STUB.match(line)
            if found and own != "edge" and found["service"] not in {own, "directory"}:
                complaints.append(
                    f"{path.relative_to(ROOT)}:{number}: {own} may not call {found['service']};"
                    " hear its events"
                )
    return "\n".join(complaints)


def pure() -> str:
    """Complains of a module of kit that no import rule keeps out of the domains."""
    rules = (ROOT / ".importlinter").read_text()
    modules = sorted(path.stem for path in (ROOT / "kit").glob("[a-z]*.py"))
    return "\n".join(
        f".importlinter: contract:pure forgets kit.{module}"
        for module in modules
        if f"\n    kit.{module}\n" not in rules
    )


def addresses() -> str:
    """Complains of package registries and of paths of somebody's machine in any text file."""
    complaints = []
    for path in tracked():
        if not _TEXT.fullmatch(path.suffix):
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if _REGISTRY.search(line) or _MACHINE_PATH.search(line):
                complaints.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    return "\n".join(complaints)


def reasons() -> str:
    """Complains of a linter or type checker that is hushed and of which nobody says why."""
    complaints = []
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix != ".py" or name.startswith("tests/"):
            continue
        if not _HUSHED.search(path.read_text(errors="replace")):
            continue
        with tokenize.open(path) as file:
            comments = [
                token for token in tokenize.generate_tokens(file.readline)
                if token.type == tokenize.COMMENT
            ]  # fmt: skip
        complaints += [
            f"{name}:{token.start[0]}: say why: {_WAYS}"
            for token in comments
            for found in _HUSHED.finditer(token.string)
            if not _REASONED.match(token.string, found.start())
        ]
    return "\n".join(complaints)


def sizes() -> str:
    """Complains of source files that nobody reads in one sitting."""
    complaints = []
    for path in tracked():
        if path.suffix == ".py":
            lines = path.read_text(errors="replace").count("\n")
            if lines > MOST_LINES:
                complaints.append(f"{path.relative_to(ROOT)}: {lines} lines, at most {MOST_LINES}")
    return "\n".join(complaints)


def tracked() -> list[Path]:
    """Returns the files that belong to the tree, also new ones that git does not ignore."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if done.returncode == 0:
        names = done.stdout.decode().split("\0")
        return [ROOT / name for name in names if name and (ROOT / name).is_file()]
    skipped = {".git", ".venv", "gen", "var", "__pycache__", ".mypy_cache", ".ruff_cache"}
    return [
        path for path in ROOT.rglob("*")
        if path.is_file() and not skipped & set(path.relative_to(ROOT).parts)
    ]  # fmt: skip
