"""Every `./meguri …` that a hint, a README or a page of docs names can be typed."""

import argparse
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from cli.__main__ import COMMANDS, _parser
from infra.local.home import ROOT

NAMED = re.compile(r"\./meguri ([a-z][a-z-]*)([^`\n]*)")
WORD = re.compile(r"[a-z][a-z-]*")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
PROGRAM = re.compile(r"python -m ([a-z_]+(?:\.[a-z_]+)*)")
OF_OTHERS = frozenset({"uv"})
# What is no sentence of ours, or speaks of commands that do not exist on purpose.
LEFT_OUT = ("docs/decisions", "CHANGELOG.md")


def texts() -> Iterator[Path]:
    for pattern in ("*.md", "docs/**/*.md", "services/**/*.md", "kit/*.md", "meguri",
                    "cli/**/*.py", "cli/**/*.po", "infra/**/*.py", "demo/*.py", "kit/*.py",
                    "services/**/*.py", "services/**/*.html", "simulators/**/*.md",
                    "infra/**/*.md", "infra/**/*.yml", "infra/**/*.yaml", "loadtests/**/*.md",
                    "tests/*.md"):  # fmt: skip
        for path in ROOT.glob(pattern):
            if not str(path.relative_to(ROOT)).startswith(LEFT_OUT):
                yield path


@cache
def parser_of(name: str) -> argparse.ArgumentParser:
    chosen = branches(_parser(name))
    assert chosen is not None
    return chosen[name]


def branches(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser] | None:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return None


def complaints(name: str, rest: str, *, with_options: bool) -> list[str]:
    """Returns what is wrong with a command. rest: what follows its first word, however it ends."""
    if name not in COMMANDS:
        return [f"no command {name}"]
    parser, words = parser_of(name), rest.split()
    found: list[str] = []
    while words and (below := branches(parser)) is not None:
        wanted = [each.strip(".,;:()") for each in words.pop(0).split("|")]
        if not all(WORD.fullmatch(each) for each in wanted):
            break  # NAME, … or the end of the sentence
        found += [f"no {each} in {parser.prog}" for each in wanted if each not in below]
        if found or len(wanted) > 1:
            return found
        parser = below[wanted[0]]
    if with_options and not COMMANDS[name].passes_on and branches(parser) is None:
        known = parser._option_string_actions
        found += [f"no {each} in {parser.prog}" for each in OPTION.findall(rest)
                  if each not in known]  # fmt: skip
    return found


def named_in(text: str) -> list[tuple[str, str]]:
    return [(found[1], found[2]) for found in NAMED.finditer(text)]


def test_every_command_that_is_named_exists() -> None:
    wrong, counted = [], 0
    for path in texts():
        for name, rest in named_in(path.read_text(encoding="utf-8")):
            counted += 1
            markdown = path.suffix == ".md"
            command = rest.split(" #")[0] if markdown else rest
            said = f"{path.relative_to(ROOT)}: ./meguri {name}{rest}"
            bad = complaints(name, command, with_options=markdown)
            wrong += [f"{said}: {complaint}" for complaint in bad]
    assert wrong == []
    assert counted > 100


def test_every_program_that_is_named_exists() -> None:
    """What documents start as `python -m NAME`: figures are found again by it."""
    named = {
        name
        for path in texts() if path.suffix == ".md"
        for name in PROGRAM.findall(path.read_text(encoding="utf-8"))
    }  # fmt: skip
    assert "bench.sense.accuracy" in named
    places = {name: ROOT / name.replace(".", "/") for name in named - OF_OTHERS}
    assert [
        name for name, place in places.items()
        if not place.with_suffix(".py").is_file() and not (place / "__main__.py").is_file()
    ] == []  # fmt: skip


def test_every_command_that_exists_is_named_in_a_document() -> None:
    said = "".join(path.read_text(encoding="utf-8") for path in texts() if path.suffix == ".md")
    missing = []
    for name, command in COMMANDS.items():
        below = None if command.passes_on else branches(parser_of(name))
        wanted = [rf"{name} (?:\S*\|)?{each}" for each in below or ()] or [name]
        missing += [each for each in wanted if not re.search(rf"\./meguri {each}\b", said)]
    assert missing == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("hum them: ./meguri guide tunes", "no tunes in meguri guide"),
        ("`./meguri fly`", "no command fly"),
        ("./meguri area create|lose", "no lose in meguri area"),
        ("`./meguri up --wings`", "no --wings in meguri up"),
        ("./meguri payments qr sing x", "no sing in meguri payments qr"),
    ],
)
def test_one_that_does_not_is_found(text: str, problem: str) -> None:
    [(name, rest)] = named_in(text)
    assert complaints(name, rest, with_options=True) == [problem]


@pytest.mark.parametrize(
    "text", ["./meguri area create NAME", "`./meguri up --port 8090`", "./meguri payments …",
             "./meguri test tests/unit -k x --durations=5", "run ./meguri guide codes, then"],
)  # fmt: skip
def test_one_that_does_is_not(text: str) -> None:
    [(name, rest)] = named_in(text)
    assert complaints(name, rest, with_options=True) == []
