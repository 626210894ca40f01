"""An editor who puts photos into the guide, and looks whether each that was taken is there."""

import hashlib
import io
import json
import time
from contextlib import ExitStack
from types import TracebackType
from typing import Any

import grpc

from chaos.client import new_key
from chaos.doors import is_clear
from chaos.peers import peers_as
from chaos.stage import Broken, Stage
from kit.auth import Caller, Role
from kit.client import problem_of
from meguri.multilingual.v1 import photo_service_pb2 as pb
from meguri.multilingual.v1.photo_service_pb2_grpc import PhotoServiceStub

DEADLINE_S = 25.0  # the edge's own (services/edge/studio/photos.py)
PATIENCE_S = 60.0
HANG_S = 10.0  # whoever waits that long for a no was told nothing
PAUSE_S = 0.3
WIDE, HIGH = 800, 600
# What the edge turns into a page that says "later" (services/edge/errors.py).
LATER = frozenset({
    grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED,
    grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.ABORTED,
})  # fmt: skip


class Uploads:
    """Puts photos into one stop. Use as a context."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._open = stage, ExitStack()
        self._count, self.noes = 0, list[str]()  # reasons of every clear no
        self._taken: list[pb.StopPhoto] = []

    def __enter__(self) -> "Uploads":
        caller = Caller("mine", "fault-test-editor", frozenset({Role.EDITOR, Role.REVIEWER}))
        peers = self._open.enter_context(peers_as(self._stage.platform, caller))
        self._stub = PhotoServiceStub(peers.channel("multilingual"))
        self._stop = _first_stop(self._stage)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._open.close()

    def put_in(self) -> None:
        """Puts a photo in, again and again under the same key until it is taken. Errors: Broken."""
        wanted, began = self._next(), time.monotonic()
        while not self._ask(wanted):
            if time.monotonic() - began > PATIENCE_S:
                raise Broken(f"no photo was taken within {PATIENCE_S:.0f} s")
            time.sleep(PAUSE_S)

    def refused_within(self, seconds: float) -> int:
        """Puts photos in for a while. Returns how many of the answers were a clear no. Errors:
        Broken for another kind of no, for a question that hung, and where all were taken."""
        ends, before = time.monotonic() + seconds, len(self.noes)
        wanted = self._next()
        while (asked := time.monotonic()) < ends:
            if self._ask(wanted):
                wanted = self._next()
            elif (lasted_s := time.monotonic() - asked) >= HANG_S:
                raise Broken(f"a photo hung for {lasted_s:.0f} s on a full disk: no clear no")
            time.sleep(PAUSE_S)
        if len(self.noes) == before:
            raise Broken("no photo was refused clearly by a full disk: nothing was tested")
        return len(self.noes) - before

    def whole(self) -> int:
        """Returns how many photos were taken. Errors: Broken where one is not there or not whole,
        and where one is there twice."""
        listed = self._stub.ListPhotos(
            pb.ListPhotosRequest(stop_code=self._stop), timeout=DEADLINE_S
        )
        ours = [each.photo for each in listed.photos if each.photo.credit.startswith("fault test")]
        names = [each.credit for each in ours]
        if len(names) != len(set(names)):
            raise Broken("a photo is there twice")
        for taken in self._taken:
            if taken.photo.credit not in names:
                raise Broken(f"the photo {taken.photo.photo_id} was taken and is not there")
            for file in taken.photo.files:
                body = self._stage.platform.get(f"/media/{file.sha256}")
                if hashlib.sha256(body).hexdigest() != file.sha256:
                    raise Broken(f"the photo {taken.photo.photo_id} is not whole")
        return len(self._taken)

    def _ask(self, wanted: pb.AddPhotoRequest) -> bool:
        try:
            self._taken.append(self._stub.AddPhoto(wanted, timeout=DEADLINE_S).photo)
        except grpc.RpcError as error:
            problem = problem_of(error)
            if problem.code not in LATER:
                raise Broken(
                    f"a full disk is called {problem.code.name} {problem.reason}"
                ) from None
            if is_clear(problem):
                self.noes.append(problem.reason)
            return False
        return True

    def _next(self) -> pb.AddPhotoRequest:
        self._count += 1
        return pb.AddPhotoRequest(
            request_id=new_key(), stop_code=self._stop, content=_noise(self._count),
            credit=f"fault test {self._count}", alts={"ja": "試験"}, reason="fault test",
        )  # fmt: skip


def _first_stop(stage: Stage) -> str:
    found: Any = json.loads(stage.platform.get("/api/v1/stops"))
    return str(found["stops"][0]["stop_code"])


def _noise(seed: int) -> bytes:
    """Returns a photo that no other is like."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - only this scenario makes pictures

    image = Image.effect_noise((WIDE, HIGH), 80).convert("RGB")
    ImageDraw.Draw(image).text((10, 10), f"{seed}")
    target = io.BytesIO()
    image.save(target, "JPEG")
    return target.getvalue()
