"""The pages of a language pack: as everybody sees them, but for what only the network knows.

Closures, day notes, crowding and the codes to show around are left out: a phone keeps closures and
notes beside the pack and renews them whenever somebody answers, so that neither changes a file.
"""

import hashlib
import json
from collections.abc import Container, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import g, render_template
from flask_babel import force_locale
from google.protobuf.message import Message
from markupsafe import Markup

from meguri.multilingual.v1 import help_service_pb2 as help_pb
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from services.edge import cookies, guards, help_desk, packs
from services.edge.closures import Known
from services.edge.language import ui_locale
from services.edge.parts import area, parts
from services.edge.visitor import feedback, help_page, listing, media, stop_page, stops

HTML = "text/html; charset=utf-8"
JSON = "application/json"
# Every file a kept page may ask for. The decoder is for phones whose browser reads no codes.
ASSETS = (
    "meguri.css", "visitor/guide.css", "img/icons.svg", "img/favicon.svg",
    "visitor/pack/kept.js", "visitor/pack/page.js", "visitor/pack/loader.js",
    "visitor/pack/store.js", "visitor/pack/codes.js", "visitor/pack/scan.js",
    "visitor/player.js", "visitor/day_notes.js", "visitor/database.js", "visitor/answers.js",
    "visitor/rating.js",
    "visitor/survey.js", "visitor/offer.js", "visitor/help.js", "visitor/help_waiting.js",
    "gate/camera.js", "gate/ticket.js", "gate/vendor/ed25519.js",
    "gate/vendor/qr/decode.js", "gate/vendor/qr/index.js",
)  # fmt: skip
# What the phone's worker fills in (static/pack/worker.js).
TYPED, ROWS = "@TYPED@", Markup("<!--rows-->")
WAYS_OUT = ("entrance", "exit")
PHOTO_WORDS_BYTES = 2_000  # what a photo adds to its page at most
SPARE_BYTES = 200_000  # what pages may still grow by


def signer() -> packs.Signer:
    """Returns the key of this area's packs."""
    return packs.Signer(parts().secret, area().area)


def make(locale: str, before: packs.Pack | None = None) -> packs.Pack:
    """Makes the pack of one locale of this area. before: an earlier one, returned where nothing
    of it changed. Errors: grpc.RpcError, packs.PackTooLarge."""
    asked_in = g.locale, g.label
    g.locale, g.label = locale, ""
    try:
        with force_locale(ui_locale(locale).replace("-", "_")):
            return _make(locale, before)
    finally:
        g.locale, g.label = asked_in


def _make(locale: str, before: packs.Pack | None) -> packs.Pack:
    listed = _without_moments(stops.list_stops(locale).value)
    contents = [_of_stop_alone(each) for each in stops.read_stops(listed.stops)]
    desk, survey = help_desk.ask(), feedback.survey_words(locale, "")
    made_of = _digest(listed, *contents, desk, *survey["questions"])
    if before is not None and before.made_of == made_of:
        return before
    rows = listed.stops
    others = _other_files(rows, desk, survey)
    files = [*others, *_old_signs(listed.retired, rows), *_assets()]
    pages = [_stop_file(content, rows) for content in contents]
    spare = packs.BYTES_AT_MOST - SPARE_BYTES - sum(len(each.body) for each in (*files, *pages))
    spoken, files_spoken = _recordings(contents, spare)
    for at, content in enumerate(contents):
        if content.HasField("recording") and content.stop_code not in spoken:
            pages[at] = _stop_file(content, rows, spoken=False)
    spare -= sum(len(each.body) for each in files_spoken)
    seen, files_seen = _photos(contents, spare)
    for at, content in enumerate(contents):
        if content.photos:
            silent = content.stop_code not in spoken
            pages[at] = _stop_file(content, rows, spoken=not silent, photos=seen)
    files += [*pages, *files_spoken, *files_seen]
    times = [stop.publish_time.ToDatetime(tzinfo=UTC) for stop in contents
             if stop.publish_time.seconds]  # fmt: skip
    return packs.make(
        signer(), area().area, locale, files, texts=len(contents), recordings=len(spoken),
        texts_time=max(times, default=None), photos=len(seen),
        photo_bytes=sum(len(each.body) for each in files_seen), made_of=made_of,
    )  # fmt: skip


def _digest(*read: Message) -> bytes:
    """Returns 32 bytes that change with anything a pack is made of. read: what the services said;
    the rest is the area, its languages and, as long as the process lives, the program."""
    found = hashlib.sha256(repr((area(), g.locale, g.locales)).encode())
    for each in read:
        data = each.SerializeToString(deterministic=True)
        found.update(len(data).to_bytes(8, "big") + data)
    return found.digest()


def ways_out(rows: Sequence[pb.StopSummary]) -> list[pb.StopSummary]:
    """Returns the stops at which one leaves the site, in the order of the walk."""
    return [row for row in rows if row.kind in WAYS_OUT]


def _stop_file(
    content: pb.StopContent, rows: Sequence[pb.StopSummary], *, spoken: bool = True,
    photos: Container[str] = (),
) -> packs.PackFile:  # fmt: skip
    nothing_shut = Known((), datetime.fromtimestamp(0, UTC), stale=False)
    stop = pb.StopContent()
    stop.CopyFrom(content)
    kept = [pb.Photo.FromString(each.SerializeToString()) for each in stop.photos
            if each.photo_id in photos]  # fmt: skip
    del stop.photos[:]
    for photo in kept:
        del photo.files[1:]  # the narrowest is enough for a phone
    stop.photos.extend(kept)
    if not spoken:
        stop.ClearField("recording")
    shown = stop_page.build(stop, None, nothing_shut, area().locales[0])
    return _page(
        f"/g/{stop.stop_code}", "visitor/stop.html", served=stop.locale, page=shown, stop=stop,
        plan=listing.mini_plan(stop, rows), page_locale=stop.locale,
        published=stop.publish_time.ToDatetime(tzinfo=UTC),
    )  # fmt: skip


def _old_signs(
    retired: Sequence[pb.RetiredStop], rows: Sequence[pb.StopSummary]
) -> Iterator[packs.PackFile]:
    """Yields what the codes of old signs open: where to read on."""
    known = {row.stop_code: row for row in rows}
    for old in retired:
        yield _page(
            f"/g/{old.stop_code}", "visitor/moved.html", served=g.locale, old=old,
            target=known.get(old.target_stop_code),
        )  # fmt: skip


def _recordings(
    contents: Sequence[pb.StopContent], spare: int
) -> tuple[set[str], list[packs.PackFile]]:
    """Returns the stops whose recording fits into the pack, along the way, and its files."""
    spoken: set[str] = set()
    files: dict[str, packs.PackFile] = {}
    for content in contents:
        recording = content.recording
        size = recording.audio_bytes + recording.captions_bytes
        if content.HasField("recording") and size <= spare:
            spoken.add(content.stop_code)
            files |= {each.path: each for each in media.pack_files(recording)}
            spare -= size
    return spoken, list(files.values())


def _photos(
    contents: Sequence[pb.StopContent], spare: int
) -> tuple[set[str], list[packs.PackFile]]:
    """Returns the photos that fit into the pack, and their files: first those under the names
    along the way, then the second of each stop, and so on. What does not fit is not named."""
    by_rank = sorted(
        ((rank, at, photo) for at, content in enumerate(contents)
         for rank, photo in enumerate(content.photos)),
        key=lambda each: each[:2],
    )  # fmt: skip
    seen: set[str] = set()
    files: dict[str, packs.PackFile] = {}
    for _rank, _at, photo in by_rank:
        file = photo.files[0]
        size = file.size_bytes + PHOTO_WORDS_BYTES
        if size <= spare:
            seen.add(photo.photo_id)
            one = media.picture_file(file.sha256)
            spare -= size
            files[one.path] = one
    return seen, list(files.values())


def _other_files(
    rows: Sequence[pb.StopSummary], desk: help_pb.HelpDesk, survey: dict[str, Any]
) -> Iterator[packs.PackFile]:
    found = stops.Read(None, None)
    yield _page(
        "/g/", "visitor/stops.html", found=found, typed="", near=[], plan=listing.plan(rows),
        sections=listing.sections(rows),
    )  # fmt: skip
    yield _page("/safety", "visitor/safety.html", exits=ways_out(rows), plan=listing.plan(rows))
    for path, template in (
        ("/scan", "scan"), ("/privacy", "privacy"), ("/pack", "pack"),
    ):  # fmt: skip
        yield _page(
            path, f"visitor/{template}.html", signer=signer(), survey_offered=True,
            all_cookies=cookies.ALL, over_tls=guards.is_public_over_tls(),
        )  # fmt: skip
    # Ids of replies and messages are made on the phone: everybody has the same bytes of these.
    yield _page("/help", "visitor/help.html", **help_page.words(help_page.Draft(), desk))
    yield _page("/survey", "visitor/survey.html", **survey)
    for kind in ("mistyped", "unknown", "found", "nothing"):
        yield _page(f"/packs/{kind}", "visitor/kept_answer.html", kind=kind, typed=TYPED, rows=ROWS)
    for kind in ("elsewhere", "language"):
        yield _page(f"/packs/{kind}", "visitor/kept_elsewhere.html", kind=kind)
    index = [
        {
            "code": row.stop_code,
            "words": sorted({*row.names.values(), row.name_reading, row.name.text} - {""}),
            "row": render_template("visitor/kept_row.html", stop=row, kept_bar=True),
        }
        for row in rows
    ]
    body = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    yield packs.PackFile("/packs/stops.json", body.encode(), JSON)


def _page(path: str, template: str, *, served: str = "", **given: Any) -> packs.PackFile:
    bar = Markup(render_template("visitor/kept.html"))  # noqa: S704 - a template's output
    back = "/g/" if path.startswith("/packs/") else path
    body = render_template(template, kept_bar=bar, page_path=back, **given)
    return packs.PackFile(path, body.encode(), HTML, served)


def _assets() -> Iterator[packs.PackFile]:
    for name in ASSETS:
        path = parts().assets.url(name)
        found = parts().assets.find(path.removeprefix("/static/"))
        if found is None:
            raise AssertionError(f"{name} has an address and no content")
        yield packs.PackFile(path, found[0].body, found[0].content_type)


def _without_moments(listed: pb.ListStopsResponse) -> pb.ListStopsResponse:
    """Returns the list as it is kept: without what is so today and another way tomorrow."""
    copy = pb.ListStopsResponse()
    copy.CopyFrom(listed)
    for row in copy.stops:
        row.closed = False
    del copy.day_notes[:]
    copy.ClearField("change_number")
    copy.ClearField("fresh_until_time")
    return copy


def _of_stop_alone(content: pb.StopContent) -> pb.StopContent:
    """Returns a stop as it is kept: without closures and notes, which a phone hears beside it."""
    copy = pb.StopContent()
    copy.CopyFrom(content)
    del copy.notices[:]
    del copy.day_notes[:]
    copy.ClearField("fresh_until_time")
    copy.ClearField("etag_basis")
    return copy
