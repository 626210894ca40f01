"""docker-compose.yml run for real, where podman is and the images it is built on can be had."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from chaos.platform import ROOT
from cli import containers
from infra.local.home import Home
from infra.local.ports import PortChooser

pytestmark = pytest.mark.long

PULL_S, BUILD_S, UP_S = 300, 3600, 600
BASE = "docker.io/library/python:3.13-slim"


def run(*command: str, **more: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*command], cwd=ROOT, capture_output=True, text=True, check=False, **more)


def wanting() -> str:
    """What is missing to run containers here, "" when nothing is."""
    if not shutil.which("podman") or not shutil.which("podman-compose"):
        return "podman and podman-compose are not installed"
    document = YAML(typ="safe").load(ROOT / "docker-compose.yml")
    named = {each["image"] for each in document["services"].values() if "image" in each}
    for image in (BASE, *sorted(named)):
        if run("podman", "image", "exists", image).returncode == 0:
            continue
        try:
            if run("podman", "pull", "--quiet", image, timeout=PULL_S).returncode == 0:
                continue
        except subprocess.TimeoutExpired:
            pass
        return f"the image {image} is not here and cannot be fetched"
    return ""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the pages of a platform of containers are."""
    if missing := wanting():
        pytest.skip(missing)
    # The file names its folder relative to itself: a copy of the tree keeps the clone's own apart.
    tree = tmp_path_factory.mktemp("containers") / "meguri"
    left_out = shutil.ignore_patterns("var", ".venv", ".git", "gen", "*_cache", "__pycache__")
    shutil.copytree(ROOT, tree, ignore=left_out)
    home = Home(tree / "var" / "containers")
    containers.make(home, "mine")
    port = PortChooser().choose(0)
    compose = (
        "podman-compose", "--project-name", f"meguri-test-{os.getpid()}",
        "--env-file", str(home.data / "env"), "--file", str(tree / "docker-compose.yml"),
    )  # fmt: skip
    environment = {**os.environ, "MEGURI_PORT": str(port)}
    try:
        built = run(*compose, "up", "--build", "--detach", timeout=BUILD_S, env=environment)
        assert built.returncode == 0, built.stderr[-3000:]
        yield f"http://127.0.0.1:{port}"
    finally:
        run(*compose, "down", "--volumes", timeout=UP_S, env=environment)


def get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - an address of our own
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""


def until(url: str, wanted: str = "") -> bytes:
    ends = time.monotonic() + UP_S
    while True:
        status, body = get(url)
        if status == 200 and wanted.encode() in body:
            return body
        assert time.monotonic() < ends, (url, status, body[:300])
        time.sleep(1)


def test_every_part_is_ready_and_the_guide_of_the_area_is_read(address: str) -> None:
    until(f"{address}/healthz")
    parts = json.loads(until(f"{address}/readyz"))
    assert parts
    stops = json.loads(until(f"{address}/api/v1/stops", "stop_code"))["stops"]
    assert get(f"{address}/g/{stops[0]['stop_code']}")[0] == 200


def test_without_podman_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent / "nowhere"))
    assert wanting() == "podman and podman-compose are not installed"
