"""What every test may ask for, and the rule that unit tests and tests of pages reach no network."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import pytest_socket

from tests import examples, servers

APART = {Path(__file__).parent / name for name in ("unit", "pages")}  # from any network

# Machine code of the itinerary search: compiled once for all platforms that tests start.
MACHINE_CODE = Path(__file__).resolve().parents[1] / "var" / "cache" / "machine_code"
os.environ.setdefault("NUMBA_CACHE_DIR", str(MACHINE_CODE))

examples.register()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files marked long are begun first: at the end of a run nobody waits for one of them alone."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest) -> Iterator[None]:
    if APART.isdisjoint(request.path.parents):
        yield
        return
    # asyncio wakes its loop through a pair of unix sockets: those reach nobody else.
    pytest_socket.disable_socket(allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """A short-lived folder for the servers of this run."""
    with tempfile.TemporaryDirectory(prefix="meguri-tests-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL may have to run as nobody
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres_server(servers_folder: Path) -> Iterator[servers.PostgresServer]:
    """A running PostgreSQL, shared by the run; see service_database for a database of your own."""
    with servers.running_postgres(servers_folder) as server:
        yield server


@pytest.fixture(scope="session")
def nats_server(servers_folder: Path) -> Iterator[str]:
    """The address of a running NATS with JetStream, shared by the run; see nats_url."""
    with servers.running_nats(servers_folder) as url:
        yield url


@pytest.fixture
def nats_url(nats_server: str) -> Iterator[str]:
    """The address of a NATS without a stream; those of this test are gone after it.

    Each durable consumer hears its stream from the start: poison of one test would be buried by
    the next.
    """
    yield nats_server
    servers.empty_nats(nats_server)


@pytest.fixture(scope="session")
def valkey_server(servers_folder: Path) -> Iterator[str]:
    """The address of a running Valkey, shared by the run."""
    with servers.running_valkey(servers_folder) as url:
        yield url


@pytest.fixture(scope="session")
def service_databases(postgres_server: servers.PostgresServer) -> servers.ServiceDatabases:
    """Templates of the services' databases, each migrated once per run."""
    return servers.ServiceDatabases(postgres_server)


@pytest.fixture
def service_database(
    service_databases: servers.ServiceDatabases,
) -> Iterator[Callable[[str], str]]:
    """Call it with a service's name: the address of a fresh, migrated database of its own."""
    yield service_databases.make
    service_databases.drop_made()
