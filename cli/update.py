"""`./meguri update`: fetches a newer version and starts it; where it does not start, all is as
before again."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

# All that is needed later is loaded now: in between other files take the place of these.
from cli import backup, kept_backups
from cli.words import _, hinted
from infra.local import files, postgres
from infra.local import home as homes
from infra.local.areas import zone_of_data
from infra.local.home import ROOT, Home
from kit.pure import local_time
from kit.pure.errors import Refusal

FILE = "update.json"  # in the data folder: what the last update came from


class UpdateRefused(Refusal):
    """There is no way to update here, or none back; the text says why. Nothing was changed."""


class Last(msgspec.Struct, frozen=True):
    """The last update. before, after: commits. backup: of the data as it was, "" for none."""

    before: str
    after: str
    backup: str
    time: datetime


@dataclass(frozen=True)
class Tools:
    """What changes the machine, so that a test can stand in for it.

    meguri: runs the launcher of the files in place with these words and returns its exit code.
    back_up: makes a backup of the data and returns where it lies.
    """

    root: Path
    meguri: Callable[[list[str]], int]
    back_up: Callable[[Home], str]

    def git(self, *words: str) -> str:
        """Returns what git says. Errors: UpdateRefused."""
        try:
            done = subprocess.run(
                ["git", "-C", str(self.root), *words], capture_output=True, text=True, check=False,
                env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
            )  # fmt: skip
        except OSError as error:
            raise UpdateRefused(_("git is not here: sudo apt install git")) from error
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise UpdateRefused(
                _("git cannot do it: %(said)s") % {"said": said[-1] if said else ""}
            )
        return done.stdout.strip()


def register(subcommands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `update`."""
    parser = subcommands.add_parser(
        "update", help=_("fetch a newer version and start it; back again where it does not start")
    )
    parser.add_argument(
        "--look", action="store_true", help=_("only say whether there is a newer version")
    )
    parser.add_argument(
        "--back", action="store_true",
        help=_("to the version of before, with the data of before; needs --really"),
    )  # fmt: skip
    parser.add_argument(
        "--really", action="store_true",
        help=_("with --back: what came since the update is not in the data of before"),
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Updates, looks, or goes back. Errors: UpdateRefused, and Refused where no backup is made."""
    home = Home(Path(arguments.data).resolve())
    tools = Tools(ROOT, _launch(arguments.data), _back_up)
    if arguments.back:
        return go_back(home, tools, really=arguments.really)
    target = newer(tools)
    if not target:
        return _answer(arguments, _("This is the newest version."), updated=False, newer=False)
    if arguments.look:
        count = tools.git("rev-list", "--count", f"HEAD..{target}")
        text = _("There is a newer version, %(count)s changes on. ./meguri update fetches it.")
        return _answer(arguments, text % {"count": count}, updated=False, newer=True)
    if not update(home, tools, target):
        return 1
    text = _("The newer version runs. To go back to the one of before:"
             " ./meguri update --back --really")  # fmt: skip
    return _answer(arguments, text, updated=True, newer=False)


def newer(tools: Tools) -> str:
    """Returns the commit of a newer version, "" where this is the newest. Errors: UpdateRefused."""
    tools.git("fetch", "--quiet")
    here, there = tools.git("rev-parse", "HEAD"), tools.git("rev-parse", "@{upstream}")
    return "" if tools.git("merge-base", here, there) == there else there


def update(home: Home, tools: Tools, target: str) -> bool:
    """Backs up, stops, puts the newer files in place and starts them. Tells whether they run; where
    they do not, files and data are those of before, and run. Errors: UpdateRefused, Refused."""
    changed = tools.git("status", "--porcelain", "--untracked-files=no")
    if changed:
        first = changed.splitlines()[0].split(maxsplit=1)[-1]
        raise UpdateRefused(
            _("files of Meguri were changed here (%(file)s); an update would lose that. Nothing was"
              " changed.") % {"file": first}
        )  # fmt: skip
    before, known = tools.git("rev-parse", "HEAD"), homes.read_object(home.data / FILE)
    if tools.git("merge-base", before, target) != before:
        raise UpdateRefused(
            _("this copy of Meguri has versions of its own, which do not lead to the newer one."
              " Nothing was changed; whoever made them has to put the two together.")
        )  # fmt: skip
    saved = tools.back_up(home) if postgres.is_made(home.postgres) else ""
    tools.meguri(["down"])
    try:
        tools.git("merge", "--ff-only", "--quiet", target)
    except UpdateRefused:  # such as for a disk that is full, or a file that stands in the way
        tools.meguri(["up", "--detach"])
        raise
    last = Last(before, target, saved, datetime.now(UTC))
    kept_backups.remember_tables(home)  # the backup of before is made already
    if tools.meguri(["up", "--detach", "--without-backup"]) == 0:
        files.write_json(home.data / FILE, msgspec.to_builtins(last))
        return True
    print(_("The newer version does not start here. The one of before comes back, with its data."),
          file=sys.stderr)  # fmt: skip
    if not _put_back(home, tools, last):
        text = _("The version of before does not start either. Its data is in %(file)s; show"
                 " ./meguri status to whoever helps you.")  # fmt: skip
        print(hinted(text % {"file": saved}), file=sys.stderr)
    else:
        print(_("The version of before runs again."), file=sys.stderr)
        if known:  # the way back from the update before is open as it was
            files.write_json(home.data / FILE, known)
    return False


def go_back(home: Home, tools: Tools, *, really: bool) -> int:
    """Makes files and data those of before the last update. Errors: UpdateRefused."""
    found = homes.read_object(home.data / FILE) or {}
    try:
        last = msgspec.convert(found, Last)
    except msgspec.ValidationError as error:
        raise UpdateRefused(_("no update was made here by ./meguri update")) from error
    if not last.backup or not Path(last.backup).is_file():
        raise UpdateRefused(_("the backup of before the update is gone: %(file)s")
                            % {"file": last.backup})  # fmt: skip
    if not really:
        text = _("This puts back the version and the data of %(time)s. Sales and texts since then"
                 " are not in it; they are kept beside. To do it, say --really.")  # fmt: skip
        when = local_time.told(last.time, zone_of_data(home))
        raise UpdateRefused(text % {"time": when})
    return 0 if _put_back(home, tools, last) else 1


def _put_back(home: Home, tools: Tools, last: Last) -> bool:
    tools.meguri(["down"])
    tools.git("reset", "--keep", "--quiet", last.before)
    if last.backup and tools.meguri(["restore", last.backup, "--really"]) != 0:
        return False
    kept_backups.remember_tables(home)
    return tools.meguri(["up", "--detach", "--without-backup"]) == 0


def _launch(data: str) -> Callable[[list[str]], int]:
    def launch(words: list[str]) -> int:
        return subprocess.call([sys.executable, str(ROOT / "meguri"), *words, "--data", data])

    return launch


def _back_up(home: Home) -> str:
    return kept_backups.made_before_update(home, backup.build_and_make)


def _answer(arguments: argparse.Namespace, text: str, **known: bool) -> int:
    print(json.dumps(known) if arguments.json else hinted(text))
    return 0
