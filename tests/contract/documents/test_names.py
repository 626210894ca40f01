"""Every path, module and symbol that a document names is there."""

import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

from infra.local.home import ROOT
from tests.contract.documents.documents import LINK, SPAN, all_of, defines, spans, tracked

ENDINGS = "py|md|toml|js|css|html|csv|jsonl|json|yml|proto|binpb|lock|po|svg|png"
PATH = re.compile(
    rf"(?:[\w.<>*{{}},@-]+/)*[\w.<>*{{}},-]+\.(?:{ENDINGS})|(?:[\w.<>*-]+/)+[\w<>*-]*"
)
OF_FILE = re.compile(r"([\w/]+\.py): (\w+)")
DOTTED = re.compile(r"(?:\w+/)*\w+(?:\.\w+)+")
# `NAME` in `file.py`, `file.py`, `NAME` and `file.py` (`NAME`): of constants only.
BESIDE = (
    re.compile(r"`(?P<name>[A-Z_]{3,})`\)? (?:in|of) `(?P<path>[\w/]+\.py)`"),
    re.compile(r"`(?P<path>[\w/]+\.py)`[,:]? \(?`(?P<name>[A-Z_]{3,})`"),
)
# What a running platform makes in its data folder, and what stands outside of the tree.
MADE = re.compile(
    r"<data>/.*|var/.*|log/.*|run/.*|secrets/.*|(?:postgres|nats|valkey)/|(?:settings|passwords|loaded|port"
    r"|enrolled|first|notices|manifest|state)\.json|(?:intents|acks|left)\.jsonl|gen/.*|~.*|.*\bcache/.*"
)
# Names of others, and books of accounts, that only look like paths.
FOREIGN = re.compile(
    r"@noble/.*|index\.js|audio/.*|application/.*|text/.*"
    r"|(?:acquirer_clearing|shop_payable|cash_record|own_takings|city_revenue|fees|other_device"
    r"|payout|cash_over_short)/.*"
)
# Decisions tell what was: a file they name may have moved since, so only their links are looked at.
HISTORY = ("CHANGELOG.md", "docs/decisions/")
THERE = tracked(ROOT)
CONTRACTS = sorted((ROOT / "proto").rglob("*_service.proto"))


@cache
def below(folder: str) -> tuple[str, ...]:
    return tuple(sorted(path for path in THERE if path.startswith(folder)))


def folder_of(document: Path) -> str:
    relative = document.parent.relative_to(ROOT)
    return "" if relative.parts[:1] in ((), ("docs",)) else f"{relative}/"


def found(name: str, folder: str) -> list[str]:
    """Returns the files and folders a name may mean: from the root, or anywhere below a folder."""
    pattern = re.sub(r"<[^>]*>|\{[^}]*\}", "*", name)
    if not name.endswith("/") and "." not in name.rpartition("/")[2]:
        return found(f"{name}.py", folder) + found(f"{name}/", folder)
    if "*" in pattern:
        return [path for path in THERE if fnmatchcase(path, pattern) or
                (path.startswith(folder) and fnmatchcase(path, f"*/{pattern}"))]  # fmt: skip
    if name in THERE:
        return [name]
    if name.endswith(".csv"):  # data of an area, whoever reads it
        folder = ""
    return [path for path in below(folder) if path.endswith(f"/{name}") or path == folder + name]


def wrong_with(document: Path, text: str) -> str | None:
    """Returns what is wrong with the words between two backticks; None where nothing is."""
    folder = folder_of(document)
    if of_file := OF_FILE.fullmatch(text):
        sources = found(of_file[1], folder)
        known = any(defines(ROOT / source, of_file[2]) for source in sources)
        return None if known else f"{of_file[2]} is not in {of_file[1]}"
    path = text.removeprefix("../").removeprefix("./")
    if PATH.fullmatch(path):
        if MADE.fullmatch(path) or FOREIGN.fullmatch(path) or found(path, folder):
            return None
        return f"{path} is not there"
    if "/" in path and DOTTED.fullmatch(path):
        module, _, name = path.rpartition(".")
        known = any(defines(ROOT / s, name) for s in found(f"{module}.py", folder))
        return None if known else f"{name} is not in {module}"
    return wrong_symbol(path, folder) if DOTTED.fullmatch(path) else None


def wrong_symbol(text: str, folder: str) -> str | None:
    """Looks for `module.name` where the module is one of the folder or of the tree."""
    words = text.split(".")
    for count in range(len(words) - 1, 0, -1):
        module = "/".join(words[:count])
        sources = [s for s in (f"{folder}{module}.py", f"{module}.py") if s in THERE]
        if sources:
            names = words[count:]
            known = all(any(defines(ROOT / s, name) for s in sources) for name in names)
            return None if known else f"{'.'.join(names)} is not in {sources[0]}"
    if words[0] in {"kit", "services", "infra", "cli", "tests"}:
        whole = "/".join(words)
        return None if {f"{whole}/", f"{whole}.py"} & THERE else f"{text} is not there"
    return None


def is_history(document: Path) -> bool:
    return str(document.relative_to(ROOT)).startswith(HISTORY)


@pytest.mark.parametrize("document", all_of(ROOT), ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    wrong = [
        f"the link {link} leads nowhere"
        for link in LINK.findall(text)
        if not (document.parent / link).exists()
    ]
    if not is_history(document):
        wrong += filter(None, (wrong_with(document, span) for span in spans(document)))
        for pattern in BESIDE:
            for named in pattern.finditer(text):
                sources = found(named["path"], folder_of(document))
                if not any(defines(ROOT / source, named["name"]) for source in sources):
                    wrong.append(f"{named['name']} is not in {named['path']}")
    assert wrong == []


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda path: path.stem)
def test_the_readme_of_its_owner_names_every_call(contract: Path) -> None:
    readme = (ROOT / "services" / contract.parts[-3] / "README.md").read_text(encoding="utf-8")
    calls = re.findall(r"^  rpc (\w+)\(", contract.read_text(encoding="utf-8"), re.MULTILINE)
    assert calls
    assert [name for name in calls if not re.search(rf"\b{name}\b", readme)] == []


def test_enough_is_looked_at() -> None:
    looked = [
        span for path in all_of(ROOT) if not is_history(path)
        for span in spans(path) if PATH.fullmatch(span) or OF_FILE.fullmatch(span)
    ]  # fmt: skip
    assert len(looked) > 200


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("`kit/flying.py`", "kit/flying.py is not there"),
        ("`domain/ticket.py: sings`", "sings is not in domain/ticket.py"),
        ("`kit/outbox.Wings`", "Wings is not in kit/outbox"),
        ("`kit.outbox.Wings`", "Wings is not in kit/outbox.py"),
        ("`data/<area>/wings.csv`", "data/<area>/wings.csv is not there"),
        ("`services/wings/`", "services/wings/ is not there"),
    ],
)
def test_what_is_not_there_is_named(words: str, complaint: str) -> None:
    [span] = SPAN.findall(words)
    assert wrong_with(ROOT / "README.md", span) == complaint


@pytest.mark.parametrize(
    "words", ["`kit/outbox.py`", "`domain/ticket.py: standing`", "`kit.outbox.Relay`",
              "`data/<area>/shops.csv`", "`services/edge/`", "`run/state.json`", "`a.b.c`"],
)  # fmt: skip
def test_what_is_there_is_not(words: str) -> None:
    [span] = SPAN.findall(words)
    assert wrong_with(ROOT / "README.md", span) is None
