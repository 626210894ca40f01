"""Keeping stop pages true: what events drop, the revision check, the shelf for bad days."""

import threading
from collections.abc import Container, Mapping, Sequence
from datetime import UTC, datetime

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from kit import log
from meguri.multilingual.v1 import asked_service_pb2 as asked_pb
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1.asked_service_pb2_grpc import AskedServiceStub
from meguri.multilingual.v1.multilingual_service_pb2_grpc import GuideServiceStub
from services.edge.clients import Clients
from services.edge.errors import is_away
from services.edge.hearing import Hear
from services.edge.parts import Parts, edge_itself
from services.edge.scans import GuideAway, Lost, SeenStop

# The guide applies these a moment later than they are heard here; of closures it says itself
# when they are applied (stop_notices_changed).
ECHOED = frozenset({"area_configured", "place_recorded"})
CHECK_DEADLINE_S = 1.5
LOAD_DEADLINE_S = 10.0
SEND_DEADLINE_S = 2.0
NEVER = -1  # no change number was heard yet
FEW = 20  # changed stops that are read one by one; of more, all are


def send_scans(
    clients: Clients, lost: Lost, area: str, request_id: str, batch: Sequence[SeenStop]
) -> None:
    """Hands a batch of counted stop pages to the guide. lost: told of those it takes none of.

    Errors: GuideAway, grpc.RpcError.
    """
    guide = clients.stub(GuideServiceStub, SEND_DEADLINE_S, edge_itself(area))
    scans = [
        pb.Scan(
            scan_id=seen.scan_id, stop_code=seen.stop_code, requested_locale=seen.wished,
            served_locale=seen.served, scan_time=_stamp(seen.at), scan_count=seen.count,
        )
        for seen in batch
    ]  # fmt: skip
    try:
        answer = guide.RecordScans(pb.RecordScansRequest(request_id=request_id, scans=scans))
    except grpc.RpcError as error:
        if is_away(error) or error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED:
            raise GuideAway from error
        raise
    if answer.rejected:
        counts = {seen.scan_id: seen.count for seen in batch}
        lost("refused", sum(counts.get(each.scan_id, 0) for each in answer.rejected))
        reasons = sorted({each.reason for each in answer.rejected})
        log.get("scans").warning("scans were refused", area=area, reasons=reasons)


def send_strays(clients: Clients, area: str, request_id: str, batch: Sequence[SeenStop]) -> None:
    """Hands a batch of counted stray codes to the guide. Errors: GuideAway, grpc.RpcError."""
    asked = clients.stub(AskedServiceStub, SEND_DEADLINE_S, edge_itself(area))
    codes = [
        asked_pb.StrayCode(stop_code=seen.stop_code, seen_time=_stamp(seen.at), count=seen.count)
        for seen in batch
    ]
    try:
        asked.RecordStrayCodes(asked_pb.RecordStrayCodesRequest(request_id=request_id, codes=codes))
    except grpc.RpcError as error:
        if is_away(error) or error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED:
            raise GuideAway from error
        raise


class Watch:
    """Drops what is no longer true and fills the shelf."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._numbers: dict[str, int] = {}
        self._marks: dict[str, str] = {}
        self._locales: dict[str, list[str]] = {}
        self._erased: dict[str, int] = {}
        self._lock = threading.Lock()
        self._log = log.get("freshness")

    def on(self) -> Mapping[str, Hear]:
        """Returns what to do for each event that matters here."""
        parts = self._parts

        def closures(area: str) -> None:
            parts.closures.forget(area)
            parts.ready.drop(area)

        def areas(area: str) -> None:
            self._locales.pop(area, None)  # any page may differ
            parts.areas.forget()
            closures(area)

        def erased(area: str) -> None:
            parts.media.forget(area)
            parts.packs.forget(area)
            parts.ready.drop(area)

        def dropped(area: str) -> None:
            self._numbers.pop(area, None)  # an area made anew counts its changes from the start
            areas(area)

        return {
            "stop_published": parts.ready.drop,
            "recording_changed": parts.ready.drop,
            "photos_changed": parts.ready.drop,
            "videos_changed": parts.ready.drop,
            "media_erased": erased,
            "stop_notices_changed": parts.ready.drop,
            "day_note_changed": parts.ready.drop,
            "tour_changed": parts.ready.drop,
            "place_closed": closures,
            "place_reopened": closures,
            "place_recorded": parts.ready.drop,
            "area_configured": areas,
            "area_dropped": dropped,
            "occupancy_level_changed": lambda area: parts.ready.drop_one(area, "/"),
            "user_changed": lambda _area: parts.sessions.forget_all(),
        }

    def doubt(self) -> None:
        """Takes everything kept for outdated: events were said that nobody here heard."""
        self._parts.areas.forget()
        self._parts.sessions.forget_all()
        for area in self._parts.areas.all():
            self._parts.closures.forget(area.area)
            self._parts.media.forget(area.area)
            self._parts.packs.forget(area.area)
            self._parts.ready.drop(area.area)

    def check(self) -> None:
        """Asks directory for closures and the guide for its change number, area by area, and drops
        pages where either moved. The guide alone would not do: it hears of closures over NATS."""
        with self._lock:
            self._parts.areas.refresh()
            for area in self._parts.areas.all():
                self._parts.closures.look(area.area)
                try:
                    self._check_guide(area.area)
                except grpc.RpcError as error:
                    self._log.warning("check failed", area=area.area, code=error.code().name)

    def _check_guide(self, area: str) -> None:
        guide = self._parts.clients.stub(GuideServiceStub, CHECK_DEADLINE_S, edge_itself(area))
        ready, known = self._parts.ready, self._numbers.get(area, NEVER)
        turn, away = ready.turn(area), self._parts.shelf.away
        mark = self._marks.get(area, "")
        since = pb.ListStopChangesRequest(since_change_number=max(known, 0), since_mark=mark)
        try:
            answer = guide.ListStopChanges(since)
        except grpc.RpcError as error:
            if not is_away(error):
                raise
            if area not in away:
                # From now on pages are made from the shelf and say "as of".
                away.add(area)
                ready.drop(area)
                self._log.warning("the guide is away", area=area)
            return
        if self._erased.get(area, 0) != answer.erase_number:
            self._erased[area] = answer.erase_number
            self._parts.media.forget(area)
            self._parts.packs.forget(area)
        if area in away or (answer.change_number, answer.mark) != (known, mark):
            # A guide that was away may be back from a backup. What was said while it was asked may
            # be missing in its answer, and nobody would say it again.
            trusted, asked = area not in away, turn
            away.discard(area)
            turn = ready.drop(area)
            if turn != asked + 1 or not trusted:
                trusted, self._numbers[area] = False, NEVER  # also when the reading below fails
            self._parts.shelf.publish(area, answer.published_locales)
            if not (trusted and self._fill_changed(area, known, answer, turn)):
                self._fill(area, answer.published_locales, turn)
            self._numbers[area], self._marks[area] = answer.change_number, answer.mark
            self._locales[area] = list(answer.published_locales)
        self._parts.shelf.mark_current(area, turn)

    def _fill_changed(
        self, area: str, known: int, answer: pb.ListStopChangesResponse, turn: int
    ) -> bool:
        """Puts what changed on the shelf; False where more than that may differ: nothing is known
        yet, languages or stops came or went, or the guide went back to a backup."""
        changed = {stop.stop_code for stop in answer.stops}
        locales = list(answer.published_locales)
        if known == NEVER or answer.change_number <= known or locales != self._locales.get(area):
            return False
        if not answer.since_known:  # a restored backup that went on since
            return False
        if not 0 < len(changed) <= FEW:
            return False
        guide = self._parts.clients.stub(GuideServiceStub, LOAD_DEADLINE_S, edge_itself(area))
        shelf, now = self._parts.shelf, datetime.now(UTC)
        for locale in locales:
            listed = guide.ListStops(pb.ListStopsRequest(chosen_locale=locale))
            before = shelf.get(("stops", area, locale))
            if before is None or _but(before.value, changed) != _but(listed, changed):
                return False
            found = guide.ListStopContents(
                pb.ListStopContentsRequest(locale=locale, stop_codes=sorted(changed))
            )
            if {stop.stop_code for stop in found.stops} != changed:
                return False
            for stop in found.stops:
                shelf.put(("stop", area, stop.stop_code, locale), stop, now, turn)
            shelf.put(("stops", area, locale), listed, now, turn)
        shelf.renew(area, locales, changed, turn)
        shelf.mark_filled(area, turn)
        return True

    def _fill(self, area: str, locales: Sequence[str], turn: int) -> None:
        """Puts every stop in every language on the shelf: pages nobody opened yet open too."""
        guide = self._parts.clients.stub(GuideServiceStub, LOAD_DEADLINE_S, edge_itself(area))
        shelf, now = self._parts.shelf, datetime.now(UTC)
        for locale in locales:
            answer = guide.ListStopContents(pb.ListStopContentsRequest(locale=locale))
            for stop in answer.stops:
                shelf.put(("stop", area, stop.stop_code, locale), stop, now, turn)
            listed = guide.ListStops(pb.ListStopsRequest(chosen_locale=locale))
            shelf.put(("stops", area, locale), listed, now, turn)
        shelf.mark_filled(area, turn)


def _but(listed: pb.ListStopsResponse, changed: Container[str]) -> list[pb.StopSummary]:
    """Returns what a list says of all other stops: were that new, their pages would be too."""
    return [stop for stop in listed.stops if stop.stop_code not in changed]


def _stamp(at: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp
