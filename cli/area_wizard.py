"""Asks for what a new area needs, and writes its files."""

import argparse
import json
import re
import shutil
import sys
from pathlib import Path

from cli import words
from cli.words import _
from kit.pure.languages import LOCALES, STAFF_LOCALES

NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
# The columns of data/mine/places.csv, so that the file can be filled in with a spreadsheet.
PLACE_COLUMNS = (
    "place_id,kind,parent,name_ja,kana,name_en,name_zh_hant,name_zh_hans,name_ko,"
    "name_fr,name_de,name_es,name_th,name_vi,name_id,"
    "latitude,longitude,coordinate_quality,error_m"
)


class AreaRefused(FileNotFoundError):
    """The area cannot be made as asked; the text says why."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds what the wizard would ask for, so that a program can give it."""
    parser.add_argument("--name-ja", metavar="TEXT", help=_("its name in Japanese"))
    parser.add_argument("--name-en", metavar="TEXT", help=_("its name in English"))
    parser.add_argument(
        "--locales",
        metavar="LIST",
        help=_("languages, such as %(locales)s") % {"locales": ",".join(LOCALES)},
    )
    parser.add_argument("--time-zone", metavar="ZONE", default="Asia/Tokyo")
    parser.add_argument("--help-phone", metavar="NUMBER", help=_("number visitors may call"))
    parser.add_argument("--csv", metavar="FILE", type=Path, help=_("municipal open data of sights"))


def make(arguments: argparse.Namespace, parent: Path, taken: set[str]) -> Path:
    """Writes area.json and an empty places.csv of a new area and returns their folder.

    Errors: AreaRefused.
    """
    if not NAME.fullmatch(arguments.name):
        raise AreaRefused("an area's name is 1 to 31 lower-case letters, digits or _")
    folder: Path = parent / arguments.name
    if arguments.name in taken or folder.exists():
        raise AreaRefused(f"there is an area {arguments.name} already")
    if arguments.csv and not arguments.csv.is_file():
        raise AreaRefused(f"{arguments.csv} is not a file")
    settings = _settings(arguments)
    folder.mkdir(parents=True)
    text = json.dumps(settings, ensure_ascii=False, indent=2) + "\n"
    (folder / "area.json").write_text(text, encoding="utf-8")
    (folder / "places.csv").write_text(PLACE_COLUMNS + "\n", encoding="utf-8")
    if arguments.csv:
        shutil.copy(arguments.csv, folder / "municipal.csv")
    return folder


def tell_next_steps(area: str, folder: Path) -> None:
    """Says what the empty area still lacks, and how long each takes."""
    steps = [
        (_("fill in %(file)s, then ./meguri area load %(area)s")
         % {"file": folder / "places.csv", "area": area}, _("1 hour")),
        (_("write the first guide texts at /studio"), _("10 minutes a stop")),
        (_("print the QR signs: ./meguri guide signs"), _("5 minutes")),
    ]  # fmt: skip
    if (folder / "municipal.csv").exists():
        command = f"./meguri itinerary import-tourism {folder / 'municipal.csv'} --area {area}"
        steps.insert(0, (command, _("1 minute")))
    print("\n" + _("What comes next:"))
    for number, (step, duration) in enumerate(steps, 1):
        print(f"  {number}. {words.hinted(step)}  ({duration})")


def _settings(arguments: argparse.Namespace) -> dict[str, object]:
    name_ja = arguments.name_ja or _ask(_("Name in Japanese"), arguments.name)
    name_en = arguments.name_en or _ask(_("Name in English"), arguments.name.capitalize())
    locales = read_locales(arguments.locales or _ask(_("Languages"), ",".join(STAFF_LOCALES)))
    phone = arguments.help_phone
    return {
        "names": {"ja": name_ja, "en": name_en},
        "time_zone": arguments.time_zone,
        "locales": locales,
        "help_phone": _ask(_("Phone for visitors"), "") if phone is None else phone,
    }


def read_locales(text: str) -> list[str]:
    """Reads a list such as "ja,en,fr". Errors: AreaRefused."""
    locales = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    unknown = [locale for locale in locales if locale not in LOCALES]
    if unknown or not locales:
        raise AreaRefused(f"languages are some of {', '.join(LOCALES)}, the source language first")
    return locales


def _ask(question: str, default: str) -> str:
    """Asks a person; a program without a terminal gets the default."""
    if not sys.stdin.isatty():
        return default
    hint = f" [{default}]" if default else ""
    print(f"{question}{hint}: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip() or default
