"""Asking a routing engine for ways on its road network: Valhalla over HTTP.

Specification: https://valhalla.github.io/valhalla/api/matrix/api-reference/ (the answer with an
object for each way, which all versions give) and its list of error codes.
"""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from services.itinerary.domain.place import Point
from services.itinerary.domain.roads import RoadWay, way_as_told
from services.itinerary.domain.trip import TravelMode

if TYPE_CHECKING:  # loaded with the first question: a start need not wait for two hundred modules
    import aiohttp

SETTING = "MEGURI_ROUTING_URL"
COSTING = {
    TravelMode.CAR: "auto", TravelMode.FOOT: "pedestrian", TravelMode.CYCLE: "bicycle",
}  # fmt: skip
AT_ONCE = (
    50  # points on each side of one question: an engine answers 2,500 ways unless set otherwise
)
IN_FLIGHT = 4
DEADLINE_S = 10.0
MOST_BYTES = 4 * 1024 * 1024
NO_ROAD_NEAR = 171  # of all points of a question: it does not say which of them
APART_S = 24 * 3600.0  # so long a point without a road near it is not asked for again

Ways = dict[tuple[Point, Point], RoadWay]


class EngineAway(Exception):
    """The engine does not answer, or not as it is specified."""


class _Refused(Exception):
    """The engine has no answer to this question. code: its own."""

    def __init__(self, code: int) -> None:
        super().__init__(f"error {code}")
        self.code = code


class _Cell(msgspec.Struct):
    time: float | None = None
    distance: float | None = None


class _Matrix(msgspec.Struct):
    sources_to_targets: list[list[_Cell]]


class _Fault(msgspec.Struct):
    error_code: int = 0


class RoadEngine:
    """The door to an engine. url: its address; "" for none. Errors: ValueError for no address."""

    def __init__(self, url: str = "") -> None:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError(
                f"{SETTING} is the address of a Valhalla, such as http://localhost:8002"
            )
        self._url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None
        self._places = asyncio.Semaphore(IN_FLIGHT)
        self._apart: dict[tuple[TravelMode, Point], float] = {}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "RoadEngine":
        """Reads MEGURI_ROUTING_URL. Errors: ValueError."""
        return cls(environment.get(SETTING, "").strip())

    @property
    def is_there(self) -> bool:
        """Whether an operator has named one."""
        return bool(self._url)

    async def ways(
        self, sources: Sequence[Point], targets: Sequence[Point], mode: TravelMode,
        private: Collection[Point] = (),
    ) -> Ways:  # fmt: skip
        """Returns the ways from each source to each target, without those it does not know.

        private: those of the points that nothing is remembered of. Errors: EngineAway.
        """
        now = time.monotonic()
        self._apart = {key: until for key, until in self._apart.items() if until > now}
        apart = {point for of, point in self._apart if of is mode}  # points without a road
        sources, targets = (
            [each for each in side if each not in apart] for side in (sources, targets)
        )
        found = await asyncio.gather(
            *(
                self._part(sources[row : row + AT_ONCE], targets[column : column + AT_ONCE], mode,
                           apart)
                for row in range(0, len(sources), AT_ONCE)
                for column in range(0, len(targets), AT_ONCE)
            )
        )  # fmt: skip
        for point in apart.difference(private):
            self._apart.setdefault((mode, point), now + APART_S)
        return {pair: way for ways in found for pair, way in ways.items()}

    async def _part(
        self, sources: Sequence[Point], targets: Sequence[Point], mode: TravelMode,
        apart: set[Point],
    ) -> Ways:  # fmt: skip
        try:
            return await self._matrix(sources, targets, mode)
        except _Refused as refused:
            if refused.code != NO_ROAD_NEAR:
                return {}  # too far for a walk, for one
        # The shorter side first: where it is one point in the sea, the others need no look.
        for side in sorted((sources, targets), key=len):
            await self._look_at(side, mode, apart)
            if all(each in apart for each in side):
                return {}
        sources, targets = (
            [each for each in side if each not in apart] for side in (sources, targets)
        )
        try:
            return await self._matrix(sources, targets, mode)
        except _Refused:
            return {}

    async def _look_at(self, side: Sequence[Point], mode: TravelMode, apart: set[Point]) -> None:
        points = [each for each in side if each not in apart]
        alone = await asyncio.gather(*(self._has_a_road(each, mode) for each in points))
        apart.update(each for each, near in zip(points, alone, strict=True) if not near)

    async def _has_a_road(self, point: Point, mode: TravelMode) -> bool:
        try:
            await self._matrix([point], [point], mode)
        except _Refused:
            return False
        return True

    async def _matrix(
        self, sources: Sequence[Point], targets: Sequence[Point], mode: TravelMode
    ) -> Ways:
        asked = {
            "sources": [_location(point) for point in sources],
            "targets": [_location(point) for point in targets],
            "costing": COSTING[mode],
        }
        async with self._places:
            status, body = await self._post("/sources_to_targets", asked)
        try:
            if status == 400:
                raise _Refused(msgspec.json.decode(body, type=_Fault).error_code)
            if status != 200:
                raise EngineAway(f"status {status}")
            rows = msgspec.json.decode(body, type=_Matrix).sources_to_targets
        except msgspec.DecodeError as error:
            raise EngineAway("an answer that is no matrix") from error
        if len(rows) != len(sources) or any(len(row) != len(targets) for row in rows):
            raise EngineAway("a matrix of another size")
        return {
            (one, other): way
            for one, row in zip(sources, rows, strict=True)
            for other, cell in zip(targets, row, strict=True)
            if (way := way_as_told(cell.time, 1000 * (cell.distance or 0), mode))
        }

    async def _post(self, path: str, asked: object) -> tuple[int, bytes]:
        import aiohttp  # noqa: PLC0415 - slow to load; a start need not wait for it

        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=DEADLINE_S), trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),  # questions of parties are not to be joined
            )  # fmt: skip
        try:
            async with self._session.post(
                self._url + path, data=msgspec.json.encode(asked), allow_redirects=False,
                headers={"Content-Type": "application/json"},
            ) as answer:  # fmt: skip
                body = await answer.content.read(MOST_BYTES + 1)
                while len(body) <= MOST_BYTES and (more := await answer.content.read(65536)):
                    body += more
                if len(body) > MOST_BYTES:
                    raise EngineAway("an answer larger than any matrix")
                return answer.status, body
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise EngineAway(type(error).__name__) from error

    async def close(self) -> None:
        """Closes what is open."""
        if self._session is not None:
            await self._session.close()


def _location(point: Point) -> dict[str, float]:
    return {"lat": point.latitude, "lon": point.longitude}
