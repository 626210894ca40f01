"""Wiring of the edge: the parts of a process, the blueprints, the server."""

import ctypes
import hashlib
import importlib
import importlib.util
import signal
import sys

from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces, TaskImpl
from granian.http import HTTP1Settings

from kit import config, garbage, log, telemetry
from kit.auth import Minter
from kit.clock import SystemClock
from services.edge import (
    closing,
    compiled,
    connections,
    directory,
    errors,
    forwarded,
    freshness,
    guards,
    in_app,
    language,
    login,
    openapi,
    operation,
    pages,
    pulse,
    server,
    tiles,
    warming,
    wings,
)
from services.edge.areas import Areas
from services.edge.assets import Assets
from services.edge.board import Board
from services.edge.bodies import Bodies
from services.edge.clients import Clients
from services.edge.closures import Closures
from services.edge.front import Front
from services.edge.hearing import Hearing, Wakes
from services.edge.hot import HotPages, Ready
from services.edge.idle import Uses
from services.edge.parts import Parts, current_caller
from services.edge.rates import Rates
from services.edge.scans import STRAYS_EVERY_S, STRAYS_KEPT_AT_MOST, ScanQueue
from services.edge.sessions import Sessions
from services.edge.shelf import Shelf
from services.edge.threads import Threads

THREADS = 160  # 80 streams and the design burst at once
DRAIN_S = 8


def create_app(settings: config.Settings, *, clients: Clients | None = None) -> Flask:
    """Returns the Flask application of one process; nothing runs in the background yet."""
    app = Flask(__name__, static_folder=None)
    app.extensions["meguri"] = build_parts(settings, clients)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    tiles.read(settings.environment.get(tiles.VARIABLE, ""))
    language.register(app)
    guards.register(app)
    errors.register(app)
    pages.register(app)
    app.register_blueprint(operation.blueprint)
    app.register_blueprint(login.blueprint)
    app.register_blueprint(openapi.blueprint)
    app.register_blueprint(closing.blueprint)
    for name in wings.NAMES:
        _register(app, name)
    compiled.keep(app)
    return app


def build_parts(
    settings: config.Settings, clients: Clients | None = None, assets: Assets | None = None
) -> Parts:
    """Makes the long-lived objects of a process. assets: files read before, which never change."""
    clock, default_area = SystemClock(), settings.environment.get("MEGURI_DEFAULT_AREA") or "mine"
    if clients is None:
        if settings.token_private_key is None:
            raise config.ConfigError("MEGURI_TOKEN_PRIVATE_KEY is not set")
        minter = Minter(settings.token_private_key.read_bytes())
        clients = Clients(settings, minter, current_caller)
    areas = Areas(lambda: directory.load_areas(known, default_area), default_area)
    known, wakes, ready, secret = clients, Wakes(), Ready(), _secret(settings)
    parts = Parts(
        settings=settings,
        secret=secret,
        areas=areas,
        assets=assets or Assets(),
        clients=clients,
        sessions=Sessions(login.read_session),
        uses=Uses(login.tell_use),
        rates=Rates(settings.valkey_url, secret),
        bodies=Bodies(),
        board=Board(settings.valkey_url),
        ready=ready,
        shelf=Shelf(),
        scans=ScanQueue(
            lambda *batch: freshness.send_scans(known, _count_lost, *batch),
            _count_lost,
            lambda area, wish: language.counted_wish(wish, areas.locales_of(area)),
        ),
        strays=ScanQueue(
            lambda *batch: freshness.send_strays(known, *batch),
            _count_lost_strays,
            kept_at_most=STRAYS_KEPT_AT_MOST,
            every_s=STRAYS_EVERY_S,
        ),
        closures=Closures(lambda area: directory.load_closures(known, area), clock, ready.drop),
        wakes=wakes,
        old_secrets=_old_secrets(settings),
    )
    watch = freshness.Watch(parts)
    parts.hearing = Hearing(settings, watch.on(), freshness.ECHOED, watch.doubt, watch.check, wakes)
    return parts


def _count_lost(reason: str, count: int) -> None:
    telemetry.EDGE_VIEWS_LOST.labels(reason).inc(count)


def _count_lost_strays(reason: str, count: int) -> None:
    telemetry.EDGE_STRAYS_LOST.labels(reason).inc(count)


def _secret(settings: config.Settings) -> bytes:
    given = settings.environment.get("MEGURI_COOKIE_SECRET", "").encode()
    if not given and settings.token_private_key is not None:
        given = settings.token_private_key.read_bytes()
    return _key(given)


def _old_secrets(settings: config.Settings) -> tuple[bytes, ...]:
    given = settings.environment.get("MEGURI_COOKIE_SECRETS_BEFORE", "").split()
    return tuple(_key(each.encode()) for each in given)


def _key(secret: bytes) -> bytes:
    return hashlib.sha256(b"meguri edge|" + secret).digest()


def _register(app: Flask, name: str) -> None:
    """Registers a blueprint and its sentences. Errors: ModuleNotFoundError for one that is none."""
    app.register_blueprint(importlib.import_module(f"services.edge.{name}.routes").blueprint)
    if importlib.util.find_spec(f"services.edge.{name}.problems") is not None:
        added = importlib.import_module(f"services.edge.{name}.problems").PROBLEMS
        errors.add_sentences(name, added)


def application() -> Front:
    """Returns the application of one worker and starts its background threads."""
    _die_with_parent()
    settings = config.load("edge")
    log.configure("edge", settings.log_level)
    telemetry.configure("edge", 0)
    app = create_app(settings)
    work = pulse.Work(app.wsgi_app)
    parts: Parts = app.extensions["meguri"]
    parts.scans.start()
    parts.strays.start()
    parts.hearing.start()
    warming.start(app, parts)
    longest_s = config.number(settings.environment, "MEGURI_EDGE_SILENCE_S", connections.LONGEST_S)
    connections.Sweeper(_port(settings), longest_s).start()
    ready = HotPages(
        parts.ready,
        parts.areas,
        parts.assets,
        language.choose_all,
        parts.scans.count,
        parts.shelf.published,
        in_app.is_new_inside,
    )
    threads = Threads(forwarded.wrap(work, forwarded.believed(settings.environment)), THREADS)
    front = Front(ready, forwarded.Names.told_by(settings.environment), threads)
    pulse.beat(work, lambda: front.alive)
    garbage.keep_what_is_here()
    return front


def _die_with_parent() -> None:
    """Has Linux end this worker when its parent is killed: no orphan holds the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _port(settings: config.Settings) -> int:
    return int(settings.listen.rpartition(":")[2])


def serve() -> None:
    """Runs the server until SIGTERM; requests at work are finished."""
    settings = config.load("edge")
    forwarded.believed(settings.environment)  # a slip there ends the start, not each worker anew
    pulse.watch()
    granian = Granian(
        "services.edge.main:application",
        address=settings.listen.rpartition(":")[0].strip("[]"),
        port=_port(settings),
        interface=Interfaces.RSGI,
        workers=max(1, int(config.number(settings.environment, "MEGURI_EDGE_WORKERS", 1))),
        # Granian's own driver keeps what an awaited future gave for ever: every page drawn.
        task_impl=TaskImpl.asyncio,
        backpressure=connections.room(),
        # Told to guess the version, the server waits for a first byte without an end.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=connections.HEAD_WITHIN_MS),
        respawn_failed_workers=True,
        respawn_interval=0.2,
        workers_kill_timeout=DRAIN_S,
        factory=True,
        websockets=False,
        log_level="warning",  # type: ignore[arg-type] # the names of the enumeration are accepted
    )
    server.serve(granian)


if __name__ == "__main__":
    serve()
