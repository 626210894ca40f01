"""The guide in this process with real PostgreSQL and NATS, and a small area to load."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.client import problem_of
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1 import multilingual_service_pb2_grpc as pb_grpc
from services.multilingual import events
from services.multilingual.domain import stop_code as codes
from services.multilingual.main import build
from tests import harness

TIMEOUT_S = 30.0


def new_id() -> str:
    return str(uuid.uuid4())


def paragraph(text: str, paragraph_id: str = "formation", topic: str = "FORMATION") -> pb.Paragraph:
    return pb.Paragraph(
        paragraph_id=paragraph_id,
        topic=pb.ParagraphTopic.Value(f"PARAGRAPH_TOPIC_{topic}"),
        text=text,
    )


def text(name: str, *paragraphs: pb.Paragraph, reading: str = "") -> pb.NarrationText:
    return pb.NarrationText(name=name, reading=reading, paragraphs=paragraphs)


def seed(
    area: str,
    name: str,
    position: int,
    texts: dict[str, pb.NarrationText],
    *,
    group: str = "ROUTE",
    route_m: int = 0,
) -> pb.StopSeed:
    place_id = f"cave/{name}"
    return pb.StopSeed(
        stop_code=codes.make(area, place_id, 0),
        place_id=place_id,
        group=pb.StopGroup.Value(f"STOP_GROUP_{group}"),
        kind="pool",
        section_id="first",
        position=position,
        route_m=route_m,
        sources=["a leaflet"],
        estimates=["route_m"],
        narrations=[
            pb.NarrationSeed(locale=locale, text=each, machine_draft=locale != "ja")
            for locale, each in texts.items()
        ],
    )


def small_area(area: str) -> pb.ImportStopsRequest:
    """Three stops on the route, one animal; Japanese everywhere, others with gaps."""
    doubt = paragraph("Sources differ.", "doubt", "DOUBT")
    ja = [paragraph("水がたまります。"), paragraph("高さは資料で違います。", "doubt", "DOUBT")]
    pool = {
        "ja": text("池", *ja, reading="いけ"),
        "en": text("Pool", paragraph("Water gathers."), doubt, reading="Ike"),
        "zh-Hant": text("池子", paragraph("積水。")),
    }
    fall = {"ja": text("滝", *ja), "en": text("Fall", paragraph("It falls."))}
    bat = {"ja": text("コウモリ", paragraph("飛びます。"))}
    names = {"ja": "前半", "en": "First"}
    return pb.ImportStopsRequest(
        request_id=new_id(),
        sections=[pb.SectionSeed(section_id="first", position=1, names=names)],
        stops=[
            seed(area, "pool", 1, pool),
            seed(area, "fall", 2, fall, route_m=40),
            seed(area, "hall", 3, {"ja": text("広間", *ja)}, route_m=90),
            seed(area, "bat", 1, bat, group="ANIMAL"),
        ],
    )


class Sync:
    """A stub for a command in a thread, which waits for each answer. Made on the loop."""

    def __init__(self, asked: Any) -> None:
        self._asked, self._loop = asked, asyncio.get_running_loop()

    def __getattr__(self, name: str) -> Any:
        async def call(*request: Any, **how: Any) -> Any:
            return await getattr(self._asked, name)(*request, **how)

        def wait(*request: Any, **how: Any) -> Any:
            return asyncio.run_coroutine_threadsafe(call(*request, **how), self._loop).result()

        return wait


class World:
    """One area of one test and who talks to it."""

    def __init__(self, it: harness.Running, database_url: str) -> None:
        self.it, self.database_url = it, database_url
        self.area = f"a{uuid.uuid4().hex[:12]}"
        self.visitor: Any = self.stub(Role.VISITOR)
        self.editor: Any = self.stub(Role.EDITOR, principal="hanako")
        self.admin: Any = self.stub(Role.ADMIN)

    def stub(self, *roles: Role, area: str = "", principal: str = "tester") -> Any:
        channel = self.it.channel(area or self.area, *roles, principal=principal)
        return pb_grpc.GuideServiceStub(channel)

    def code(self, name: str) -> str:
        return codes.make(self.area, f"cave/{name}", 0)

    async def load(self) -> pb.ImportStopsResponse:
        answer: pb.ImportStopsResponse = await self.admin.ImportStops(
            small_area(self.area), timeout=TIMEOUT_S
        )
        return answer

    async def read(self, name: str, header: str = "ja", chosen: str = "") -> pb.StopContent:
        answer = await self.visitor.ReadStop(
            pb.ReadStopRequest(
                stop_code=self.code(name), accept_language=header, chosen_locale=chosen
            ),
            timeout=TIMEOUT_S,
        )
        stop: pb.StopContent = answer.stop
        return stop

    async def save(
        self, name: str, locale: str, base: int, body: pb.NarrationText, **more: Any
    ) -> Any:
        request = pb.SaveDraftRequest(
            request_id=new_id(), stop_code=self.code(name), locale=locale, base_revision=base,
            text=body, **more,
        )  # fmt: skip
        return (await self.editor.SaveDraft(request, timeout=TIMEOUT_S)).revision

    async def publish(
        self, name: str, locale: str, revision: int, replaced: int, *, reviewed: bool = True
    ) -> Any:
        request = pb.PublishNarrationRequest(
            request_id=new_id(), stop_code=self.code(name), locale=locale, revision=revision,
            replaced_revision=replaced, reviewed=reviewed,
        )  # fmt: skip
        return await self.editor.PublishNarration(request, timeout=TIMEOUT_S)


@pytest.fixture
async def world(service_database: Callable[[str], str], nats_url: str) -> AsyncIterator[World]:
    """A running guide and an area of this test alone."""
    url = service_database("multilingual")
    async with harness.running("multilingual", events.ENCODERS, build, url, nats_url) as it:
        yield World(it, url)


async def refused(call: Any) -> tuple[grpc.StatusCode, str]:
    """Awaits a call that has to fail and returns code and reason."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    problem = problem_of(caught.value)
    return problem.code, problem.reason
