"""The areas that a load plays in: demo areas, made for it and removed again."""

import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cli.area import load as load_area
from cli.area import peers_as_operator
from demo import area as demo
from demo.web import Unexpected
from infra.local.home import Home
from loadtests import look_round
from loadtests.day import Day
from loadtests.ground import Ground

PREFIX = "load"  # of the areas of a load that stands for many
STALLS = (
    "shotengai-souvenirs", "akiyoshido-main", "akiyoshido-kurotani", "akiyoshido-elevator",
    "taishodo", "kagekiyodo",
)  # fmt: skip
MAKING_MOST_S = 90.0


class Fields(AbstractContextManager["Fields"]):
    """Makes areas at the beginning of a block and removes at its end those that it made.

    stays: the demo was there before, and what is played stays in its figures.
    """

    def __init__(self, home: Home, edge_url: str) -> None:
        self._home, self._edge_url = home, edge_url
        self._port = urlsplit(os.environ["MEGURI_EDGE_URL"]).port or 80
        self._made: list[str] = []
        self.grounds: list[Ground] = []
        self.stays = False

    def make(self, day: Day, most: int = 0) -> None:
        """Makes what a day needs: the demo area, or as many as there is time for. most: areas.

        Errors: Unexpected, grpc.RpcError.
        """
        if day.areas == 1:
            self._one(demo.AREA, shops=STALLS if "pay_and_show" in day.rates else ())
            return
        began, count = time.monotonic(), most or day.areas
        for number in range(1, count + 1):
            self._one(f"{PREFIX}{number:03}", few=True)
            if not most and time.monotonic() - began > MAKING_MOST_S:
                break

    def _one(self, area: str, *, shops: Sequence[str] = (), few: bool = False) -> None:
        peers = peers_as_operator(area)
        try:
            known = demo.exists(peers, area)
        finally:
            peers.close()
        source = os.environ.get("MEGURI_DEFAULT_AREA") or "mine"
        if not known:
            self._made.append(area)
        self.stays = self.stays or known
        logins = demo.prepare(self._home, source, load_area, area)
        more: dict[str, Any] = {"roles": ("clerk", "analyst"), "locales": ("ja",)} if few else {}
        host = f"{area}.localhost:{self._port}"
        for last in (False, True):  # a new area's name may reach the edge a moment late
            try:
                found = look_round.look_round(
                    self._edge_url, host, area, logins, shops=shops, **more
                )
                break
            except Unexpected:
                if last:
                    raise
                time.sleep(1.0)
        self.grounds.append(found)

    def sensors(self) -> tuple[Path, ...]:
        """Returns the files of the enrolled sensors' logins, one an area."""
        folder = self._home.data / "visitor_sense" / "sensors"
        found = [sorted(folder.glob(f"{each.area}.*.json")) for each in self.grounds]
        return tuple(files[0] for files in found if files)

    def __exit__(self, *_: object) -> None:
        for area in self._made:
            peers = peers_as_operator(area)
            try:
                demo.drop(self._home, peers, area)
            except Exception as error:  # noqa: BLE001 - the others are removed all the same
                text = {"area": area, "error": f"{type(error).__name__}: {error}"[:200]}
                print(json.dumps(text), file=sys.stderr)
            finally:
                peers.close()
