"""docker-compose.yml run for real, where podman is: ./meguri test -m containers.

On images of the official servers where they can be fetched, else on stand-ins made here
(tests/system/base_images). MEGURI_KEEP_IMAGES=1 leaves images for the next run.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from ruamel.yaml import YAML

from chaos.platform import ROOT, without_settings
from chaos.register import Register
from cli import containers
from demo.play import trip
from demo.web import Browser, Unexpected
from infra.local.home import Home
from infra.local.ports import PortChooser
from tests.contract.parts import HERE
from tests.system import base_images

PULL_S, BUILD_S, UP_S = 300, 3600, 900
HUNG_S = BUILD_S + 2 * UP_S
JOBS = {part.name for part in HERE if part.is_job}
PARTS = {part.name for part in HERE if not part.is_job and not part.optional}
COMPOSER = (1, 3)  # older ones give variables without a value as they are written
PAY = "/api/v1/payments"
SYS_RESOURCE = 1 << 24  # linux/capability.h

pytestmark = [pytest.mark.containers, pytest.mark.timeout(HUNG_S)]


def run(*command: str, **more: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*command], cwd=ROOT, capture_output=True, text=True, check=False, **more)


def wanting() -> str:
    """What is missing to run containers here, "" when nothing is."""
    if not shutil.which("podman") or not shutil.which("podman-compose"):
        return "podman and podman-compose are not installed"
    said = run("podman-compose", "--version").stdout
    version = re.search(r"podman-compose\D*([\d.]+)", said)
    if version is None or tuple(map(int, version[1].split("."))) < COMPOSER:
        found = version[1] if version else "of no version"
        return f"podman-compose {found} is older than {'.'.join(map(str, COMPOSER))}"
    if os.geteuid() != 0:
        return "only root can kill what runs in containers"
    document = YAML(typ="safe").load(ROOT / "docker-compose.yml")
    named = {each["image"] for each in document["services"].values() if "image" in each}
    for image in (base_images.PYTHON, *sorted(map(full_name, named))):
        if missing := bring(image):
            return missing
    started = run("podman", "run", "--rm", base_images.PYTHON, "true")
    return f"no container starts here: {started.stderr[-500:]}" if started.returncode else ""


def full_name(image: str) -> str:
    """An image's name with its registry: podman knows none by itself."""
    return f"docker.io/{image}" if "/" in image else f"docker.io/library/{image}"


def bring(image: str) -> str:
    """Brings an image here from wherever it can be had. Returns what stood in the way, or ""."""
    if run("podman", "image", "exists", image).returncode == 0:
        return ""
    try:
        if run("podman", "pull", "--quiet", image, timeout=PULL_S).returncode == 0:
            return ""
    except subprocess.TimeoutExpired:
        pass
    missing = base_images.wanting() or base_images.make(image)
    return missing and f"the image {image} is not here and cannot be fetched; {missing}"


@pytest.fixture(scope="module")
def limits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Has podman leave the limits of processes alone where even root may not raise them."""
    status = Path("/proc/self/status").read_text()
    effective = int(status.partition("CapEff:")[2].split()[0], 16)
    with pytest.MonkeyPatch.context() as patch:
        if not effective & SYS_RESOURCE and "CONTAINERS_CONF" not in os.environ:
            import resource  # noqa: PLC0415 - Linux alone has it and podman

            files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            # podman lowers its own to the number of processes that there can be.
            most = int(Path("/proc/sys/kernel/pid_max").read_text())
            processes = min(resource.getrlimit(resource.RLIMIT_NPROC)[1], most)
            file = tmp_path_factory.mktemp("podman") / "containers.conf"
            file.write_text(
                "[containers]\ndefault_ulimits = "
                f'["nofile={files}:{files}", "nproc={processes}:{processes}"]\n'
            )
            patch.setenv("CONTAINERS_CONF", str(file))
        yield


@dataclass(frozen=True)
class Boxes:
    """A platform of containers. compose: the command, with its file and project. home: what they
    share with this machine. url: of its pages."""

    project: str
    compose: tuple[str, ...]
    home: Home
    url: str

    def containers(self) -> Mapping[str, dict[str, Any]]:
        """What podman knows of each container, by the service's name in the compose file."""
        listed = run("podman", "ps", "--all", "--quiet", "--filter",
                     f"label=com.docker.compose.project={self.project}").stdout.split()  # fmt: skip
        if not listed:
            return {}
        known = json.loads(run("podman", "inspect", *listed).stdout)
        return {each["Config"]["Labels"]["com.docker.compose.service"]: each for each in known}

    def process(self, service: str) -> int:
        """The main process as this machine counts, 0 where none runs. Errors: KeyError."""
        return int(self.containers()[service]["State"]["Pid"])

    def unhealthy(self, asked: Set[str] = frozenset(PARTS | JOBS)) -> Mapping[str, str]:
        """Parts whose own probe of the compose file fails now, and jobs that are not done."""
        found = self.containers()
        wrong = dict.fromkeys(asked - set(found), "absent")
        for name in PARTS & asked & set(found):
            # Asked by hand: podman's own clock for probes is systemd, which may not run here.
            probe = run("podman", "healthcheck", "run", found[name]["Name"])
            if probe.returncode:
                wrong[name] = probe.stdout[-200:] + probe.stderr[-200:]
        for name in JOBS & asked & set(found):
            state = found[name]["State"]
            if state["Status"] != "exited" or state["ExitCode"]:
                wrong[name] = f"{state['Status']} {state['ExitCode']}"
        return wrong

    def log(self, service: str) -> str:
        """The last words of a part."""
        said = run("podman", "logs", "--tail", "15", self.containers()[service]["Name"])
        return said.stdout + said.stderr

    def browser(self) -> Browser:
        """A visitor's."""
        return Browser(self.url, urlsplit(self.url).netloc)

    def register(self) -> Register:
        """The terminal that was enrolled when the area was loaded."""
        data = self.home.data / "data"
        file = json.loads(Home(data).enrolled_file.read_text())["terminal"]
        return Register(self.url, file["id"], data / Path(file["key_file"]).relative_to("/data"))


@pytest.fixture(scope="module")
def boxes(tmp_path_factory: pytest.TempPathFactory, limits: None) -> Iterator[Boxes]:
    """A platform of containers, every part healthy."""
    _ = limits
    if missing := wanting():
        pytest.skip(missing)
    # The file names its folder relative to itself: a copy of the tree keeps the clone's own apart.
    tree = tmp_path_factory.mktemp("containers") / "meguri"
    left_out = shutil.ignore_patterns("var", ".venv", ".git", "gen", "*_cache", "__pycache__")
    shutil.copytree(ROOT, tree, ignore=left_out)
    port = PortChooser().choose(0)
    project, home = f"meguri-test-{os.getpid()}", Home(tree / "var" / "containers")
    containers.make(home, "mine")
    compose = (
        # One image after another: those that come later take the layers of the first.
        "podman-compose", "--in-pod", "false", "--parallel", "1", "--project-name", project,
        "--env-file", str(home.data / "env"), "--file", str(tree / "docker-compose.yml"),
    )  # fmt: skip
    started = Boxes(project, compose, home, f"http://127.0.0.1:{port}")
    environment = {**without_settings(), "MEGURI_PORT": str(port)}
    try:
        began = time.monotonic()
        built = run(*compose, "build", timeout=BUILD_S, env=environment)
        assert built.returncode == 0, built.stdout[-1500:] + built.stderr[-3000:]
        tell("images built", began)
        began = time.monotonic()
        for part in (each for each in HERE if not each.optional):
            wanted = {name for name in part.depends_on if name in PARTS | JOBS}
            until(lambda: not started.unhealthy(wanted), lambda: complaint(started))  # noqa: B023 - ends in this turn
            # Its own way to keep the order ties containers to jobs that have ended: podman would
            # start none of them again.
            up = run(
                *compose, "up", "--detach", "--no-deps", part.name, timeout=UP_S, env=environment
            )
            assert up.returncode == 0, up.stderr[-3000:]
        tell("containers begun", began)
        until(lambda: not started.unhealthy(), lambda: complaint(started))
        tell("every part healthy, the area loaded", began)
        yield started
    finally:
        # Those without a name, of the images themselves, too.
        volumes = {
            each["Name"]
            for container in started.containers().values()
            for each in container["Mounts"]
            if each["Type"] == "volume"
        }
        run(*compose, "down", "--volumes", timeout=UP_S, env=environment)
        run("podman", "volume", "rm", "--force", *volumes)
        if not os.environ.get("MEGURI_KEEP_IMAGES"):
            made = run("podman", "images", "--quiet", "--filter",
                       f"reference=localhost/{started.project}_*").stdout.split()  # fmt: skip
            run("podman", "rmi", "--force", *made)
            base_images.remove()


def tell(what: str, began: float) -> None:
    """Says how long something took, to whoever ran this with -s."""
    print(f"{what}: {time.monotonic() - began:.0f} s")  # noqa: T201 - as above


def complaint(boxes: Boxes) -> str:
    """What is wrong with which part, and its last words."""
    wrong = boxes.unhealthy()
    return "\n".join(
        f"--- {name}: {why}\n{boxes.log(name) if why != 'absent' else ''}"
        for name, why in wrong.items()
    )


def until(done: Callable[[], bool], why: Callable[[], object]) -> None:
    """Waits for something. Errors: AssertionError with why() after UP_S."""
    ends = time.monotonic() + UP_S
    while not done():
        assert time.monotonic() < ends, why()
        time.sleep(1)


def answers(boxes: Boxes, path: str) -> int:
    """The status of a page, 0 while nobody answers."""
    try:
        with boxes.browser() as browser:
            return browser.get(path).status
    except (OSError, Unexpected):
        return 0


def test_pages_are_read_and_a_day_is_planned(boxes: Boxes) -> None:
    assert answers(boxes, "/healthz") == 200
    with boxes.browser() as browser:
        ready = browser.get("/readyz")
        assert (ready.status, bool(ready.json())) == (200, True)
        stop = browser.get("/api/v1/stops").json()["stops"][0]["stop_code"]
        page = browser.get(f"/g/{stop}")
        assert (page.status, "<h1" in page.text) == (200, True)
        planned = browser.post_json("/api/v1/itineraries", trip(datetime.now(UTC), 2, 7))
        assert planned.status in {200, 201}, planned.text[:300]


def test_our_parts_have_no_rights_and_cannot_write_beside_their_data(boxes: Boxes) -> None:
    found = boxes.containers()
    for name in sorted(PARTS - {"nats", "postgres", "valkey"}):
        container = found[name]["Name"]
        status = run("podman", "exec", container, "cat", "/proc/1/status").stdout
        rights = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert int(rights["CapEff"], 16) == int(rights["CapBnd"], 16) == 0, name
        assert rights["NoNewPrivs"] == "1", name
        assert "0" not in rights["Uid"].split(), name
        for folder in ("/meguri", "/opt/python", "/etc"):
            written = run("podman", "exec", container, "touch", f"{folder}/mark")
            assert written.returncode != 0, (name, folder)


def test_what_was_acknowledged_outlives_killed_servers(boxes: Boxes) -> None:
    register, keys = boxes.register(), [str(uuid.uuid4()) for _ in range(3)]
    sale = {"tender": "card", "amount_yen": 1300}
    paid = [register.send("POST", PAY, sale, key) for key in keys]
    assert [status for status, _ in paid] == [201] * 3, paid
    with boxes.browser() as browser:
        stop = browser.get("/api/v1/stops").json()["stops"][0]["stop_code"]
        scan = {"scan_id": str(uuid.uuid4()), "stop_code": stop, "requested_locale": "fr",
                "served_locale": "fr", "scan_time": datetime.now(UTC).isoformat()}  # fmt: skip
        answer = browser.post_json("/api/v1/scans", {"scans": [scan]})
        assert (answer.status, answer.json()["recorded"]) == (200, 1)
    began = time.monotonic()
    killed = {part: boxes.process(part) for part in ("payments", "nats", "postgres")}
    assert all(killed.values())  # 0 would be our own group
    for process in killed.values():
        os.kill(process, signal.SIGKILL)  # as a crash: podman itself is not told
    until(
        lambda: (
            all(boxes.process(part) not in {0, pid} for part, pid in killed.items())
            and not boxes.unhealthy()
        ),
        lambda: complaint(boxes),
    )
    tell("payments, nats and postgres killed, all healthy again", began)
    # The same question finds the same payment, and no second one.
    for key, (_, before) in zip(keys, paid, strict=True):
        status, again = register.send("POST", PAY, sale, key)
        assert (status, again["payment_id"]) == (201, before["payment_id"]), again
    with boxes.browser() as browser:
        # Beside a new one: of the very same batch the first answer would be given again.
        batch = [scan, scan | {"scan_id": str(uuid.uuid4())}]
        told = browser.post_json("/api/v1/scans", {"scans": batch}).json()
        assert (told["recorded"], told["repeated"]) == (1, 1), told
    until(lambda: captured(boxes) == len(keys), lambda: captured(boxes))


def test_what_operators_run_works_in_the_image(boxes: Boxes) -> None:
    command = ("run", "--rm", "--no-deps", "-T", "prepare", "python", "-m", "cli", "replay")
    said = run(*boxes.compose, *command, env=without_settings())
    assert said.returncode == 0, said.stderr[-1500:]
    assert "directory: 0 events" not in said.stdout
    assert "events said again" in said.stdout, said.stdout


def captured(boxes: Boxes) -> int:
    """How many payments insights has heard of: through the outbox and NATS."""
    first = json.loads(Home(boxes.home.data / "data").first_file.read_text())["first_logins"]
    with boxes.browser() as browser:
        browser.sign_in(first["analyst"]["user"], first["analyst"]["password"])
        day = browser.get("/api/v1/insights/today").json()
    return int(day["practice_payments"]["captured_count"])


def test_without_podman_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent / "nowhere"))
    assert wanting() == "podman and podman-compose are not installed"
