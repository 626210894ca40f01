"""The nursery's process: loads once what our processes need, then forks them on demand.

Loading takes half a second of work per process, and there are eight of them on two cores. A fork
has all of it at once, also when a killed service is started again. Nothing here may start a
thread or open a connection before the fork.

Run as: python -m infra.local.nursery_main SOCKET_FD PADDING
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from infra.local.nats_library import load_nats

# Shared by two processes or more. numpy is left out: forks would share its random numbers.
SHARED = (
    "kit.runtime", "kit.client", "kit.migrate", "argparse", "csv", "flask", "flask_babel",
    "granian", "redis", "uuid",
)  # fmt: skip
# What one service alone needs: loaded while the databases are still being made. They need the built
# stubs, so the supervisor says when. visitor_sense is left out because of numpy.
OF_SERVICES = (
    *(f"services.{name}.{room}" for room in ("api", "events") for name in (
        "directory", "multilingual", "itinerary", "payments", "insights",
    )),
    # Never a module that is started itself: it would run beside its own copy.
    *(f"services.payments.api.{name}" for name in ("office", "register", "tickets")),
    "services.payments.gateways.registry", "services.payments.app.notices",
    "services.edge.openapi", "services.edge.hot", "cli.area",
    *(f"services.edge.{path.parent.name}.routes"
      for path in sorted((Path(__file__).parents[2] / "services" / "edge").glob("*/routes.py"))),
)  # fmt: skip
MESSAGE_BYTES = 128 * 1024
STUBS_ARE_BUILT = b"stubs are built"
PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
ADOPTION_WAIT_S = 5.0


def main(channel: socket.socket) -> None:
    """Serves until the supervisor is gone; returns in a fork, after becoming that process."""
    load_nats()
    _load(SHARED)
    while True:
        message, files, _, _ = socket.recv_fds(channel, MESSAGE_BYTES, 1)
        if not message:
            return
        if message == STUBS_ARE_BUILT:
            importlib.invalidate_caches()  # in a fresh clone gen/ was not there until now
            _load(OF_SERVICES)
            continue
        child = os.fork()
        if child == 0:
            if os.fork() != 0:
                os._exit(0)  # the supervisor adopts the grandchild, so it sees it end
            _become(json.loads(message), files[0], channel)
            return
        os.close(files[0])
        os.waitpid(child, 0)


def _load(names: Iterable[str]) -> None:
    for name in names:
        with contextlib.suppress(ImportError):  # the process that needs it will say so
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # keeps the garbage collector from copying shared pages


def _become(order: dict[str, Any], output: int, channel: socket.socket) -> None:
    """Turns this fork into the ordered process and runs it to its end."""
    gc.unfreeze()
    deadline = time.monotonic() + ADOPTION_WAIT_S
    while os.getppid() != order["parent"]:
        if time.monotonic() > deadline:
            os._exit(1)
        time.sleep(0.0005)
    os.setsid()
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != order["parent"]:  # it died before we could ask for the signal
        os._exit(1)
    module, *arguments = order["module"]
    _show_name(libc, f"python -m {module}", module.split(".")[-2] if "." in module else module)
    for number in (1, 2):
        os.dup2(output, number)
    os.close(output)
    channel.send(str(os.getpid()).encode())
    channel.close()
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    importlib.invalidate_caches()  # gen/ may have come into being since
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _show_name(libc: ctypes.CDLL, command: str, name: str) -> None:
    """Lets `ps` and `top` tell the forks apart, by writing over the own command line."""
    libc.prctl(PR_SET_NAME, name.encode()[:15])
    with open("/proc/self/stat", encoding="utf-8") as file:  # noqa: PTH123 - one line, no object
        fields = file.read().rsplit(")", 1)[1].split()
    start, end = int(fields[45]), int(fields[46])  # arg_start and arg_end, see proc(5)
    text = command.encode()[: end - start - 1]
    ctypes.memmove(start, text + b"\0" * (end - start - len(text)), end - start)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
