"""Where visitors are: one area with what they find there, as the command looked it up before."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

CAVE, MAIN_GATE = "akiyoshido", "akiyoshido-main"  # of the default area, which every ground copies


@dataclass(frozen=True)
class Ground:
    """One area. host: the name it is asked by. cookies: role -> those of one who is signed in.

    counters: shop -> values of the buttons of its till. tokens: role -> of the forms of one who is
    signed in. packs: language -> addresses of its pack's files. trip: what a plan asks for. gates:
    counter -> first price of its tickets.
    """

    area: str
    host: str
    stops: list[str]
    assets: list[str]
    cookies: dict[str, str]
    tokens: dict[str, str]
    counters: dict[str, list[str]]
    gates: dict[str, str]
    packs: dict[str, list[str]]
    trip: dict[str, Any]
    extra: dict[str, Any] = field(default_factory=dict)


def write(path: Path, grounds: list[Ground]) -> None:
    """Writes grounds to a file that only its owner reads: it holds cookies."""
    path.touch(mode=0o600)
    path.write_text(json.dumps([asdict(each) for each in grounds]), encoding="utf-8")


def read(path: Path) -> list[Ground]:
    """Reads grounds from their file."""
    return [Ground(**each) for each in json.loads(path.read_text(encoding="utf-8"))]
