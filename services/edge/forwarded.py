"""Believing a proxy of ours about who asks, by which name and whether over TLS.

X-Forwarded-* could be anybody's. They are believed only when a public address is configured, for
then a proxy or tunnel stands in front, and only from this machine or a proxy named by address.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, Protocol

from werkzeug.middleware.proxy_fix import ProxyFix

from kit.config import ConfigError
from services.edge.threads import Application, StartResponse, address_of

LOOPBACK = ("127.0.0.1", "::1")
_BY_PROXY = "werkzeug.proxy_fix.orig"  # in the environment of what a proxy told of


@dataclass(frozen=True)
class Proxies:
    """Addresses and networks of ours, as `x in proxies`; false where there are none.

    networks: where a proxy has another address after each start, as a pod of Kubernetes.
    """

    addresses: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.addresses or self.networks)

    def __contains__(self, address: object) -> bool:
        if address in self.addresses:
            return True
        # Asked at "::", the system writes 10.244.0.7 as ::ffff:10.244.0.7.
        if not isinstance(address, str) or not (self.networks or address.startswith("::ffff:")):
            return False
        try:
            known = ip_address(address)
        except ValueError:
            return False
        known = getattr(known, "ipv4_mapped", None) or known
        return str(known) in self.addresses or any(known in each for each in self.networks)


class Forwarded:
    """WSGI middleware around everything that looks at host, scheme or address."""

    def __init__(self, app: Application, proxies: Proxies) -> None:
        self._app, self._proxies = app, proxies
        self._told: Any = ProxyFix(app, x_for=1, x_proto=1, x_host=1)

    def __call__(self, environ: Any, start_response: StartResponse) -> Iterable[bytes]:
        """Answers a request as the proxy saw it, or as it came."""
        if environ.get("REMOTE_ADDR") in self._proxies:
            answer: Iterable[bytes] = self._told(environ, start_response)
            return answer
        return self._app(environ, start_response)


class Headers(Protocol):
    """The headers of a request; names in small letters."""

    def get(self, name: str, default: str) -> str:
        """Returns the first line of a name."""
        ...

    def get_all(self, name: str) -> list[str]:
        """Returns every line of a name."""
        ...


class Names:
    """Which host name a request asks and over which line, for who looks at nothing else of it
    (hot.py).

    proxies: addresses that are believed, none where no proxy is ours. over_tls: whether visitors
    come over TLS: else nothing is asked for in plain that should not be.
    """

    def __init__(self, proxies: Proxies, *, over_tls: bool = True) -> None:
        self._proxies, self._over_tls = proxies, over_tls

    @classmethod
    def told_by(cls, environment: Mapping[str, str]) -> "Names":
        """Returns them for what the environment says. Errors: ConfigError, see believed."""
        return cls(believed(environment), over_tls=is_over_tls(environment))

    def host(self, client: str, headers: Headers) -> str:
        """Returns what the Forwarded application would take for the host.

        client: "address:port". headers: of the request.
        """
        if self._proxies and address_of(client) in self._proxies:
            lines = headers.get_all("x-forwarded-host")
            told = ",".join(lines).rpartition(",")[2].strip()  # by the last proxy
            if told:
                return told
        return headers.get("host", "")

    def in_plain(self, client: str, headers: Headers) -> bool:
        """Tells what came_in_plain says of a request, before there is an environment of it; False
        in a house without TLS, where nobody is led anywhere."""
        if not (self._over_tls and self._proxies and address_of(client) in self._proxies):
            return False
        lines = headers.get_all("x-forwarded-proto")
        return ",".join(lines).rpartition(",")[2].strip() == "http"


def came_in_plain(environ: Mapping[str, Any]) -> bool:
    """Tells whether a proxy that is believed says that it was asked without TLS. One that says
    nothing, and whoever asks without a proxy, is left alone."""
    told = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip()
    return _BY_PROXY in environ and told == "http"


def is_over_tls(environment: Mapping[str, str]) -> bool:
    """Tells whether phones reach us over TLS, by what the environment says."""
    return environment.get("MEGURI_PUBLIC_URL", "").startswith("https:")


def believed(environment: Mapping[str, str]) -> Proxies:
    """Returns the proxies that are believed, by what the environment says.

    MEGURI_PUBLIC_URL: the address phones use, e.g. https://guide.example.jp; empty: no proxy.
    MEGURI_PROXIES: addresses of proxies on other machines (containers), or networks in which nobody
    but them reaches the edge (10.244.0.0/16), with commas between. Errors: ConfigError.
    """
    if not environment.get("MEGURI_PUBLIC_URL"):
        return Proxies()
    named = [each.strip() for each in environment.get("MEGURI_PROXIES", "").split(",")]
    try:
        networks = tuple(ip_network(each) for each in named if "/" in each)
    except ValueError as error:
        raise ConfigError(f"MEGURI_PROXIES: {error}") from error
    if any(each.prefixlen == 0 for each in networks):
        raise ConfigError("MEGURI_PROXIES: all addresses are no network of proxies")
    single = (each for each in named if each and "/" not in each)
    return Proxies(frozenset({*LOOPBACK, *single}), networks)


def wrap(app: Application, proxies: Proxies) -> Application:
    """Returns the application behind the proxies that are believed."""
    return Forwarded(app, proxies) if proxies else app
