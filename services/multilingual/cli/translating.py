"""`./meguri guide translate` has a machine draft what is missing; a person reads it first.

Nothing that is written is overwritten, and no text with a draft that waits is touched.
"""

import argparse
import json
import os
import sys
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from gettext import gettext as _
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc

from kit.client import problem_of
from kit.config import ConfigError
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1 import multilingual_service_pb2_grpc as pb_grpc
from services.multilingual.cli.owner import guide_channel
from services.multilingual.domain.exchange import NAME
from services.multilingual.domain.exchange_plan import damage
from services.multilingual.gateways import translators
from services.multilingual.gateways.translators import Translator

DEADLINE_S = 20.0
KINDS = ("libretranslate", "deepl")


@dataclass(frozen=True)
class Job:
    """A text and its pieces to translate. pieces: part (NAME or paragraph id) → source."""

    desk: pb.ReadNarrationResponse
    pieces: dict[str, str]


@dataclass
class Done:
    """What became of it. refused: stop code → parts and why a machine's words were not taken."""

    drafted: int = 0
    pieces: int = 0
    characters: int = 0
    waiting: list[str] = field(default_factory=list)
    refused: dict[str, list[str]] = field(default_factory=dict)


def register(commands: "argparse._SubParsersAction[Any]") -> None:
    """Adds `translate`."""
    command = commands.add_parser("translate", help=_("have a machine draft what is missing"))
    command.add_argument("--locale", required=True, help=_("language, such as zh-Hant"))
    command.add_argument(
        "--server", default=os.environ.get("MEGURI_TRANSLATOR_URL", ""),
        help=_("address of a LibreTranslate or DeepL server"),
    )  # fmt: skip
    command.add_argument("--kind", choices=KINDS, default=KINDS[0], help=_("what it is"))
    command.add_argument(
        "--key-file", type=Path, help=_("file that holds the key, if it wants one")
    )
    command.add_argument(
        "--stops", nargs="+", default=[], metavar="CODE", help=_("default: all stops")
    )
    command.add_argument(
        "--outdated", action="store_true", help=_("also paragraphs whose source was changed since")
    )
    command.add_argument("--preview", action="store_true", help=_("only say what would be sent"))
    command.set_defaults(run=run_translate)


def run_translate(parsed: argparse.Namespace) -> int:
    """Drafts what is missing. Returns 1 where a machine's words were not taken.

    Errors: ConfigError, TranslatorAway, grpc.RpcError.
    """
    if not parsed.server:
        raise ConfigError(
            _("say --server with the address of a translator, or set MEGURI_TRANSLATOR_URL")
        )
    translators.check_address(parsed.server, secret=parsed.key_file is not None)
    key = parsed.key_file.read_text(encoding="utf-8", errors="replace") if parsed.key_file else ""
    with guide_channel() as channel:
        stub, done = pb_grpc.GuideServiceStub(channel), Done()
        jobs = find_jobs(stub, parsed.locale, parsed.stops, done, outdated=parsed.outdated)
        if not parsed.preview and jobs:
            source = jobs[0].desk.source_locale
            machine = translators.choose(
                parsed.kind, parsed.server, key.strip(), source, parsed.locale
            )
            translate(stub, machine, jobs, done, _progress)
    if parsed.json:
        sys.stdout.write(json.dumps(vars(done) | {"texts": len(jobs)}, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("\n".join(_lines(parsed, jobs, done)) + "\n")
    return 1 if done.refused else 0


def find_jobs(
    stub: Any, locale: str, only: Sequence[str], done: Done, *, outdated: bool
) -> list[Job]:
    """Returns the texts of which something is missing. Errors: grpc.RpcError."""
    states = stub.ListTranslationStates(pb.ListTranslationStatesRequest(), timeout=DEADLINE_S)
    wanted, jobs = {code.upper() for code in only}, []
    for row in states.stops:
        if wanted and row.stop_code not in wanted:
            continue
        asked = pb.ReadNarrationRequest(stop_code=row.stop_code, locale=locale)
        desk = stub.ReadNarration(asked, timeout=DEADLINE_S)
        pieces = pieces_of(desk, outdated=outdated)
        if not pieces:
            continue
        if desk.latest.revision > desk.published.revision:
            done.waiting.append(row.stop_code)  # somebody's draft is not written into
            continue
        jobs.append(Job(desk, pieces))
        done.pieces += len(pieces)
        done.characters += sum(map(len, pieces.values()))
    return jobs


def pieces_of(desk: pb.ReadNarrationResponse, *, outdated: bool) -> dict[str, str]:
    """Returns what a text lacks beside its source: NAME or paragraph id → source."""
    if desk.locale == desk.source_locale:
        return {}
    own = {each.paragraph_id for each in desk.latest.text.paragraphs}
    if outdated:
        own -= {each.paragraph_id for each in desk.source_changes}
    found = {} if desk.latest.text.name else {NAME: desk.source.text.name}
    found |= {
        each.paragraph_id: each.text
        for each in desk.source.text.paragraphs
        if each.paragraph_id not in own
    }
    return {part: words for part, words in found.items() if words}


def translate(
    stub: Any, machine: Translator, jobs: Sequence[Job], done: Done, say: Callable[[str], None]
) -> None:
    """Saves a machine's draft of each text. Errors: TranslatorAway, grpc.RpcError."""
    for at, job in enumerate(jobs, 1):
        desk, parts = job.desk, list(job.pieces)
        told = dict(zip(parts, machine.translate(list(job.pieces.values())), strict=True))
        bad = {part: why for part in parts if (why := _why_not(job, part, told[part]))}
        code, name = desk.stop_code, desk.source.text.name
        if bad:
            done.refused[code] = [f"{part}: {why}" for part, why in bad.items()]
        good = {part: words for part, words in told.items() if part not in bad}
        if good and (desk.latest.text.name or NAME in good):
            _save(stub, _draft(desk, good, machine.name), done)
        say(f"{at}/{len(jobs)} {code} {name}" + (f": {'; '.join(bad.values())}" if bad else ""))


def _save(stub: Any, draft: pb.SaveDraftRequest, done: Done) -> None:
    try:
        stub.SaveDraft(draft, timeout=DEADLINE_S)
    except grpc.RpcError as error:
        if problem_of(error).reason != "REVISION_CONFLICT":
            raise
        done.waiting.append(draft.stop_code)  # somebody wrote meanwhile; the others are not theirs
    else:
        done.drafted += 1


def _why_not(job: Job, part: str, words: str) -> str:
    if not words:
        return "EMPTY"
    found = damage(part, job.pieces[part], words, job.desk.locale)
    return " ".join(f"{kind} {detail}".strip() for kind, detail in found)


def _draft(
    desk: pb.ReadNarrationResponse, told: dict[str, str], machine: str
) -> pb.SaveDraftRequest:
    """Returns the newest text with a machine's pieces in the places of the source's."""
    text = pb.NarrationText(name=told.get(NAME) or desk.latest.text.name)
    text.reading = desk.latest.text.reading
    own = {each.paragraph_id: each for each in desk.latest.text.paragraphs}
    for each in desk.source.text.paragraphs:
        key = each.paragraph_id
        if key in told:
            text.paragraphs.add(paragraph_id=key, topic=each.topic, text=told[key])
        elif key in own:
            text.paragraphs.append(own[key])
    kept = {each.paragraph_id for each in text.paragraphs}
    text.paragraphs.extend(each for key, each in own.items() if key not in kept)
    return pb.SaveDraftRequest(
        request_id=str(uuid.uuid4()), stop_code=desk.stop_code, locale=desk.locale, text=text,
        base_revision=desk.latest.revision, source_revision=desk.source.revision,
        machine_draft=True, note=machine,
    )  # fmt: skip


def _lines(parsed: argparse.Namespace, jobs: Sequence[Job], done: Done) -> list[str]:
    counts = vars(done) | {"texts": len(jobs), "host": urlsplit(parsed.server).netloc}
    if parsed.preview:
        lines = [_("%(texts)s texts would be sent to %(host)s: %(pieces)s pieces, "
                   "%(characters)s characters") % counts]  # fmt: skip
    else:
        lines = [_("%(drafted)s drafts of %(texts)s texts. Nobody sees them yet: read them at "
                   "/studio/drafts") % counts]  # fmt: skip
    if done.waiting:
        codes = ", ".join(done.waiting)
        lines.append(
            _("Left alone, because a draft of somebody waits: %(codes)s") % {"codes": codes}
        )
    lines += [
        _("Not taken from the machine: %(code)s %(why)s") % {"code": code, "why": "; ".join(why)}
        for code, why in done.refused.items()
    ]
    return lines


def _progress(line: str) -> None:
    sys.stderr.write(line + "\n")
