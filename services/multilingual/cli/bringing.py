"""`./meguri guide recordings FOLDER` takes over recordings that are there already, in one action.

The folder holds `recordings.csv` and the sound files. Every row is looked at before the first one
is sent: with a mistake anywhere nothing is put in, and all mistakes are told.
"""

import argparse
import json
import sys
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from gettext import gettext as _
from pathlib import Path
from typing import Any

import grpc

from kit import area_files
from kit.client import problem_of
from kit.pure.errors import Refusal
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import recording_service_pb2 as pb
from services.multilingual.cli.speaking import recording_stub
from services.multilingual.domain import recording, sound
from services.multilingual.domain import stop_code as codes

NAME = "recordings.csv"
DEADLINE_S = 30.0  # a WAV is made small on the way


@dataclass(frozen=True)
class Brought:
    """A row of the table. row: as spreadsheets count. replaces: a person's recording is there."""

    row: int
    stop_code: str
    locale: str
    file: str
    credit: str
    transcript: str
    replaces: bool = False


class Spoken:
    """What can be spoken, by locale, asked once: code of the stop -> a person speaks it already."""

    def __init__(self, stub: Any) -> None:
        self._stub = stub
        self._known: dict[str, dict[str, bool]] = {}

    def of(self, locale: str) -> dict[str, bool]:
        """Errors: grpc.RpcError."""
        if locale not in self._known:
            self._known[locale] = {each.stop_code: each.HasField("person")
                                   for each in self._ask(locale)}  # fmt: skip
        return self._known[locale]

    def _ask(self, locale: str) -> Iterable[pb.SpokenText]:
        request = pb.ListSpokenTextsRequest(locale=locale)
        try:
            listed: pb.ListSpokenTextsResponse = self._stub.ListSpokenTexts(
                request, timeout=DEADLINE_S
            )
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.INVALID_ARGUMENT:
                raise
            return ()  # no language of this area
        return listed.texts


def register(commands: "argparse._SubParsersAction[Any]") -> None:
    """Adds `recordings`."""
    verb = commands.add_parser(
        "recordings", help=_("take over a folder of recordings that people spoke")
    )
    verb.add_argument(
        "folder", type=Path,
        help=_("holds recordings.csv: stop_code, locale, file, rights_holder, transcript"),
    )  # fmt: skip
    verb.add_argument("--preview", action="store_true", help=_("look at all rows, put nothing in"))
    verb.add_argument(
        "--speakers-agreed", action="store_true",
        help=_("everybody who speaks agreed that visitors hear it; needed without --preview"),
    )  # fmt: skip
    verb.set_defaults(run=run_recordings)


def run_recordings(parsed: argparse.Namespace) -> int:
    """Puts in all recordings of a folder. Returns 1 where one was not.

    Errors: Refusal, BadFile, ConfigError, grpc.RpcError.
    """
    if not (parsed.folder / NAME).is_file():
        raise Refusal(_("there is no %(file)s") % {"file": parsed.folder / NAME})
    if not (parsed.preview or parsed.speakers_agreed):
        raise Refusal(
            _("Ask whoever speaks whether they agree to be heard, then add --speakers-agreed.")
        )
    with recording_stub() as stub:
        rows, wrong = look(parsed.folder, Spoken(stub))
        held = parsed.preview or bool(wrong)  # one mistake, and nothing is put in
        taken = rows if parsed.preview else []
        for each in [] if held else rows:
            refused = put(stub, parsed.folder, each)
            if refused:
                wrong.append(refused)
            else:
                taken.append(each)
    if parsed.json:
        done = {"preview": parsed.preview, "wrong": wrong, "rows": [asdict(each) for each in taken]}
        sys.stdout.write(json.dumps(done, ensure_ascii=False) + "\n")
    else:
        told = (*wrong, _summary(taken, wrong, preview=parsed.preview))
        sys.stdout.write("\n".join(told) + "\n")
    return 1 if wrong else 0


def look(folder: Path, spoken: Spoken) -> tuple[list[Brought], list[str]]:
    """Returns the good rows of a folder's table, and every mistake.

    Errors: BadFile for a table that cannot be read at all, grpc.RpcError.
    """
    cells = area_files.read(
        folder / NAME,
        lambda row: (row["stop_code"], row["locale"], row["file"], row["rights_holder"],
                     row["transcript"]),
    )  # fmt: skip
    rows: list[Brought] = []
    wrong: list[str] = []
    for number, values in enumerate(cells, area_files.FIRST_ROW):
        each = Brought(number, *values)
        try:
            rows.append(_checked(folder, each, spoken, rows))
        except Refusal as refusal:
            wrong.append(_told(each, str(refusal)))
    return rows, wrong


def put(stub: Any, folder: Path, each: Brought) -> str:
    """Puts one in. Returns why not, empty when it is heard now."""
    request = pb.PutRecordingRequest(
        request_id=str(uuid.uuid4()), stop_code=each.stop_code, locale=each.locale,
        origin=guide_pb.RECORDING_ORIGIN_PERSON, audio=(folder / each.file).read_bytes(),
        credit=each.credit, transcript=each.transcript, speaker_agreed=True,
    )  # fmt: skip
    try:
        stub.PutRecording(request, timeout=DEADLINE_S)
    except grpc.RpcError as error:
        return _told(each, problem_of(error).text)
    return ""


def _checked(folder: Path, each: Brought, spoken: Spoken, before: Iterable[Brought]) -> Brought:
    """Returns a row with its code as it is printed. Errors: Refusal."""
    code = codes.read(each.stop_code)
    known = spoken.of(each.locale) if each.locale else {}
    if code not in known:
        raise Refusal(_("no published text in %(locale)s") % {"locale": each.locale or "–"})
    if any((row.stop_code, row.locale) == (code, each.locale) for row in before):
        raise Refusal(_("this stop is in the table already, in the same language"))
    audio = _inside(folder, each.file)
    content = audio.read_bytes()
    if not sound.is_wave(content):
        sound.look(content)
    elif len(content) > sound.MAX_BYTES:
        raise Refusal(_("a WAV has at most 3 MB, which is a minute in mono at 24 kHz"))
    recording.check(each.credit, each.transcript, agreed=True)
    return replace(each, stop_code=code, replaces=known[code])


def _inside(folder: Path, name: str) -> Path:
    """Returns a file of the folder. Errors: Refusal for none, also for one elsewhere."""
    path = (folder / name).resolve()
    if not name or not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise Refusal(_("there is no such file in the folder"))
    return path


def _told(each: Brought, text: str) -> str:
    where = {"row": each.row, "stop": each.stop_code or "–", "file": each.file or "–"}
    return _("row %(row)s, %(stop)s, %(file)s: ") % where + text


def _summary(taken: list[Brought], wrong: list[str], *, preview: bool) -> str:
    counts = {"count": len(taken), "replaced": sum(each.replaces for each in taken),
              "wrong": len(wrong)}  # fmt: skip
    if wrong and not taken:
        said = _("mistakes: %(wrong)s; nothing is put in until they are mended")
    elif wrong and preview:
        said = _("%(count)s are fine; mistakes: %(wrong)s. Nothing is put in until they are mended")
    elif preview:
        said = _("%(count)s can be put in, %(replaced)s of them in the place of another;"
                 " mistakes: %(wrong)s")  # fmt: skip
    else:
        said = _("%(count)s put in, %(replaced)s of them in the place of another;"
                 " mistakes: %(wrong)s")  # fmt: skip
    return said % counts
