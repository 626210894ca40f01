"""Asks for what a new area needs, and writes its files."""

import argparse
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cli import terminal, words
from cli.words import _
from kit.pure.languages import LOCALES, STAFF_LOCALES

if TYPE_CHECKING:
    from cli import municipal

NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")
# The columns of data/mine/places.csv, so that the file can be filled in with a spreadsheet.
PLACE_COLUMNS = (
    "place_id,kind,parent,name_ja,kana,name_en,name_zh_hant,name_zh_hans,name_ko,"
    "name_fr,name_de,name_es,name_th,name_vi,name_id,"
    "latitude,longitude,coordinate_quality,error_m"
)
STOP_COLUMNS = "stop_id,seq,place_id,group,type,section,route_m,source"
TEXT_COLUMNS = "stop_id,name,reading,paragraph_id,topic,text"

# As the directory has them.
NAME_LIMIT, PHONE_LIMIT = 200, 40
UNFINISHED = ".unfinished"
DRAFT = "places_draft.csv"
LISTED = 20  # rows told one by one


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
    parser.add_argument(
        "--yes", action="store_true", help=_("ask nothing: the usual answers for what is not given")
    )


def make(arguments: argparse.Namespace, parent: Path, taken: set[str]) -> Path:
    """Writes area.json and an empty places.csv of a new area and returns their folder.

    The folder is whole or not there. It is marked as unfinished until finish(): what a try left
    that failed later is taken up again, with the answers of now. Errors: AreaRefused.
    """
    if not NAME.fullmatch(arguments.name):
        raise AreaRefused("an area's name is 2 to 31 lower-case letters, digits or _")
    folder: Path = parent / arguments.name
    if arguments.name in taken or (folder.exists() and not is_unfinished(folder)):
        raise AreaRefused(f"there is an area {arguments.name} already")
    if arguments.csv and not arguments.csv.is_file():
        raise AreaRefused(f"{arguments.csv} is not a file")
    _check_zone(arguments.time_zone)
    report = read_municipal(arguments.csv) if arguments.csv else None
    settings = _settings(arguments)
    scratch = parent / f".{arguments.name}.making"
    shutil.rmtree(scratch, ignore_errors=True)  # of one that was killed
    try:
        _write(scratch, settings, report)
        for kept in ("places.csv", "stops.csv", "narrations"):  # somebody may have begun them
            if (folder / kept).is_dir():
                shutil.copytree(folder / kept, scratch / kept, dirs_exist_ok=True)
            elif (folder / kept).exists():
                shutil.copy(folder / kept, scratch / kept)
        shutil.rmtree(folder, ignore_errors=True)
        scratch.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder


def _write(folder: Path, settings: dict[str, object], report: "municipal.Report | None") -> None:
    folder.mkdir(parents=True)
    (folder / UNFINISHED).touch()
    text = json.dumps(settings, ensure_ascii=False, indent=2) + "\n"
    (folder / "area.json").write_text(text, encoding="utf-8")
    (folder / "places.csv").write_text(PLACE_COLUMNS + "\n", encoding="utf-8")
    (folder / "stops.csv").write_text(STOP_COLUMNS + "\n", encoding="utf-8")
    (folder / "narrations").mkdir()
    source = folder / "narrations" / f"{settings['locales'][0]}.csv"  # type: ignore[index] # a list
    source.write_text(TEXT_COLUMNS + "\n", encoding="utf-8")
    if report:
        (folder / "municipal.csv").write_bytes(report.content)
        (folder / DRAFT).write_text(report.draft(PLACE_COLUMNS), encoding="utf-8")


def is_unfinished(folder: Path) -> bool:
    """Tells whether the area of a folder was begun, and something failed before it was there."""
    return (folder / UNFINISHED).exists()


def finish(folder: Path) -> None:
    """Notes that the area is there."""
    (folder / UNFINISHED).unlink(missing_ok=True)


def tell_next_steps(area: str, folder: Path) -> None:
    """Says what the empty area still lacks, and how long each takes."""
    steps = [
        (_("fill in %(file)s, then ./meguri area load %(area)s")
         % {"file": folder / "places.csv", "area": area}, _("1 hour")),
        (_("list the stops of the guide in %(stops)s and their first words in %(texts)s"
           " (columns explained: docs/how-to.md), then ./meguri area load %(area)s; after that"
           " texts are written at /studio")
         % {"stops": folder / "stops.csv", "texts": folder / "narrations", "area": area},
         _("10 minutes a stop")),
        (_("print the QR signs: at /studio, on the page of each stop"), _("5 minutes")),
    ]  # fmt: skip
    if (folder / "municipal.csv").exists():
        taken_over = _(
            "decide on each sight of %(file)s: copy its line into places.csv under an id of your"
            " own, and what day plans need of it into pois.csv (columns: data/mine), then"
            " ./meguri area load %(area)s; nothing of it is used by itself"
        )
        names = {"file": folder / DRAFT, "area": area}
        steps.insert(1, (taken_over % names, _("1 hour")))
    print("\n" + _("What comes next:"))
    for number, (step, duration) in enumerate(steps, 1):
        print(f"  {number}. {words.hinted(step)}  ({duration})")


def read_municipal(path: Path) -> "municipal.Report":
    """Reads a municipality's file. Errors: OSError; SightsRefused."""
    from cli import municipal  # noqa: PLC0415 - loads gRPC, which other commands do without

    return municipal.read(path)


def tell_municipal(report: "municipal.Report", folder: Path) -> None:
    """Says what was understood of a municipality's file, row by row where something is wrong."""
    from services.itinerary.cli.sights import REASONS  # noqa: PLC0415 - as above

    counts = {
        "usable": report.usable, "rows": len(report.rows), "encoding": report.encoding_name,
    }  # fmt: skip
    print("\n" + _("The file of sights: %(usable)d of %(rows)d rows have a name and a point"
                   " (%(encoding)s).") % counts)  # fmt: skip
    print("  " + _("Understood: %(columns)s") % {"columns": _listed(report.columns.values())})
    if report.ignored:
        print("  " + _("Not understood: %(columns)s") % {"columns": _listed(report.ignored)})
    wrong = [row for row in report.rows if row.problems]
    for row in wrong[:LISTED]:
        why = ", ".join(_(REASONS[each]) for each in row.problems)
        print("  " + _("row %(row)d %(name)s: %(why)s")
              % {"row": row.number, "name": terminal.cell(row.name), "why": why})  # fmt: skip
    _tell_more(len(wrong))
    honest = _("None of them is a sight of day plans yet: the file does not say what one is worth,"
               " how long people stay and which place it is. That is for a person.")  # fmt: skip
    print(f"  {honest}")
    if report.usable:
        print("  " + _("Not imported, each a line of %(file)s:") % {"file": folder / DRAFT})
        for row in report.usable_rows[:LISTED]:
            row_of = {"row": row.number, "name": terminal.cell(row.name)}
            print("    " + _("row %(row)d %(name)s") % row_of)
        _tell_more(report.usable)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(terminal.cell(name) for name in names)


def _tell_more(count: int) -> None:
    if count > LISTED:
        print("    " + _("and %(count)d more") % {"count": count - LISTED})


def _settings(arguments: argparse.Namespace) -> dict[str, object]:
    """Returns what area.json holds; asks for what was not given. Errors: AreaRefused."""
    given = {
        "--name-ja": arguments.name_ja, "--name-en": arguments.name_en,
        "--locales": arguments.locales, "--help-phone": arguments.help_phone,
    }  # fmt: skip
    missing = [option for option, value in given.items() if value is None]
    if missing and not arguments.yes and not sys.stdin.isatty():
        raise AreaRefused(
            f"there is no terminal to ask in; give {', '.join(missing)}, or --yes for the usual"
            " answers"
        )

    def wish(option: str, question: str, default: str, check: Callable[[str], object]) -> object:
        value = given[option]
        if value is not None:
            return check(value)
        return check(default) if arguments.yes else _ask(question, default, check)

    return {
        "names": {
            "ja": wish("--name-ja", _("Name in Japanese"), arguments.name, _read_name),
            "en": wish("--name-en", _("Name in English"), arguments.name.capitalize(), _read_name),
        },
        "time_zone": arguments.time_zone,
        "locales": wish("--locales", _("Languages"), ",".join(STAFF_LOCALES), read_locales),
        "help_phone": wish("--help-phone", _("Phone for visitors"), "", _read_phone),
    }


def read_locales(text: str) -> list[str]:
    """Reads a list such as "ja,en,fr". Errors: AreaRefused."""
    locales = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    unknown = [locale for locale in locales if locale not in LOCALES]
    if unknown or not locales:
        raise AreaRefused(f"languages are some of {', '.join(LOCALES)}, the source language first")
    return locales


def _read_name(text: str) -> str:
    if not text.strip() or len(text) > NAME_LIMIT:
        raise AreaRefused(f"a name has 1 to {NAME_LIMIT} letters")
    return text.strip()


def _read_phone(text: str) -> str:
    if len(text) > PHONE_LIMIT:
        raise AreaRefused(f"a phone number has at most {PHONE_LIMIT} characters")
    return text.strip()


def _check_zone(text: str) -> None:
    # Asked of the directory only later, when the files would stand already.
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise AreaRefused(f"there is no time zone {text!r}; give one such as Asia/Tokyo") from None


def _ask(question: str, default: str, check: Callable[[str], object]) -> object:
    """Asks a person until the answer can be used; an empty one takes the default."""
    hint = f" [{default}]" if default else ""
    while True:
        print(f"{question}{hint}: ", end="", file=sys.stderr, flush=True)
        try:
            return check(sys.stdin.readline().strip() or default)
        except AreaRefused as refusal:
            print(f"  {words.told(str(refusal))}", file=sys.stderr, flush=True)
