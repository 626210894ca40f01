"""What the pages of photos and of videos of a stop read and say alike."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import grpc
from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from kit.client import problem_of
from meguri.multilingual.v1 import recording_service_pb2 as pb
from services.edge import uploads
from services.edge.errors import sentence
from services.edge.pages import notify
from services.edge.whole import read_whole

# Of a photo or video: one of these, for free words would name whoever is on it.
ERASURE_REASONS: dict[int, Any] = {
    pb.ERASURE_REASON_CONSENT_WITHDRAWN: _l("Whoever is on it does not want to be seen any longer"),
    pb.ERASURE_REASON_NEVER_AGREED: _l("Nobody had asked whoever is on it"),
    pb.ERASURE_REASON_NOT_FOR_VISITORS: _l("Something private or wrong is to be seen"),
    pb.ERASURE_REASON_RIGHTS: _l("Somebody else holds the rights"),
}


class NotSure(Exception):
    """Erasing was not confirmed."""


class NoReason(NotSure):
    """Nobody said why it is to be erased."""


@dataclass(frozen=True)
class Erasing:
    """A photo or video that was not erased yet, and what was chosen: its form comes again."""

    media_id: str
    reason: int
    sure: bool


def check_sure() -> None:
    """Errors: NotSure."""
    if "sure" not in request.form:
        raise NotSure


def erasure_reason() -> pb.ErasureReason.ValueType:
    """Returns why a photo or video is to be erased. Errors: NotSure, NoReason."""
    chosen = _chosen_reason()
    if chosen not in ERASURE_REASONS:
        raise NoReason
    check_sure()
    return pb.ErasureReason.ValueType(chosen)


def erasing(media_id: str) -> Erasing:
    """Returns what was chosen in a form that could not be followed."""
    return Erasing(media_id, _chosen_reason(), "sure" in request.form)


def _chosen_reason() -> int:
    return read_whole(request.form.get("erasure_reason", ""), 4) or 0


def say_not_sure(error: NotSure | None = None) -> None:
    """Says it on the page that comes."""
    if isinstance(error, NoReason):
        notify("bad", str(_("Say why: choose one of the reasons.")))
    else:
        notify("bad", str(_("Say that you are sure: nothing brings back what was erased.")))


def say_refused(error: grpc.RpcError, known: Collection[str], size_bytes: int = 0) -> None:
    """Says on the page that comes why something was refused. known: reasons that are said so.
    size_bytes: of the file that was sent, told where it was too large.

    Errors: error itself for any other.
    """
    reason = problem_of(error).reason
    if reason not in known:
        raise error
    if size_bytes and reason.endswith("_TOO_LARGE"):
        say_too_large(reason, size_bytes)
    else:
        say(reason)


def say(reason: str) -> None:
    """Says the sentence of a reason on the page that comes."""
    notify("bad", str(sentence(reason.lower())))


def say_too_large(reason: str, size_bytes: int) -> None:
    """Says how large a file was, and the sentence of a reason."""
    notify("bad", uploads.told(size_bytes, sentence(reason.lower())))


def by_locale(prefix: str) -> dict[str, str]:
    """Returns what was typed into fields of a prefix and a locale, empty ones left out."""
    return {
        name.removeprefix(prefix): text
        for name, text in request.form.items()
        if name.startswith(prefix) and text.strip()
    }


def version() -> int:
    """Returns the version the form was made with, 0 for none."""
    return read_whole(request.form.get("version", "")) or 0


def reason() -> str:
    """Returns why nobody else looks at it, as typed."""
    return request.form.get("reason", "")
