"""Headers of a proxy are believed from this machine, and only where a proxy is to be expected."""

from typing import Any

import pytest

from kit.config import ConfigError
from services.edge import main, pulse
from services.edge.forwarded import believed, wrap

PUBLIC = {"MEGURI_PUBLIC_URL": "https://guide.example.jp"}
SAID = {
    "HTTP_X_FORWARDED_FOR": "198.51.100.1, 203.0.113.9",  # the first is what the visitor claims
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "guide.example.jp",
}


def seen(environment: dict[str, str], remote: str, **said: str) -> tuple[str, str, str]:
    found: dict[str, Any] = {}

    def app(environ: Any, start_response: Any) -> list[bytes]:
        found.update(environ)
        return []

    environ = {
        "REMOTE_ADDR": remote, "HTTP_HOST": "localhost:8080", "wsgi.url_scheme": "http",
        "SERVER_NAME": "localhost", "SERVER_PORT": "8080", "SCRIPT_NAME": "", **said,
    }  # fmt: skip
    wrap(app, believed(environment))(environ, lambda *_: None)
    return found["REMOTE_ADDR"], found["wsgi.url_scheme"], found["HTTP_HOST"]


AS_IT_CAME = ("http", "localhost:8080")
AS_TOLD = ("203.0.113.9", "https", "guide.example.jp")


@pytest.mark.parametrize("remote", ["127.0.0.1", "::1"])
def test_a_tunnel_on_this_machine_is_believed(remote: str) -> None:
    assert seen(PUBLIC, remote, **SAID) == AS_TOLD


def test_nobody_else_is_believed() -> None:
    assert seen(PUBLIC, "192.0.2.7", **SAID) == ("192.0.2.7", *AS_IT_CAME)


def test_without_a_public_address_nobody_is_believed() -> None:
    assert seen({}, "127.0.0.1", **SAID) == ("127.0.0.1", *AS_IT_CAME)


def test_a_proxy_elsewhere_is_believed_when_it_is_named() -> None:
    named = {**PUBLIC, "MEGURI_PROXIES": "172.20.0.2, 172.20.0.3"}
    assert seen(named, "172.20.0.3", **SAID) == AS_TOLD
    assert seen(named, "172.20.0.4", **SAID) == ("172.20.0.4", *AS_IT_CAME)


@pytest.mark.parametrize(
    ("remote", "is_ours"),
    [("10.244.0.7", True), ("10.244.255.1", True), ("10.245.0.1", False), ("fd00:10::5", True),
     ("2001:db8::5", False), ("127.0.0.1", True), ("", False), ("unix", False),
     ("::ffff:10.244.0.7", True), ("::ffff:10.245.0.1", False), ("::ffff:pod", False)],
)  # fmt: skip
def test_a_network_of_proxies_is_believed_and_no_other(remote: str, is_ours: bool) -> None:  # noqa: FBT001 - a case
    """A pod of an ingress controller has another address after each start."""
    named = {**PUBLIC, "MEGURI_PROXIES": "10.244.0.0/16, fd00:10::/64"}
    assert seen(named, remote, **SAID) == (AS_TOLD if is_ours else (remote, *AS_IT_CAME))


@pytest.mark.parametrize(("remote", "is_ours"), [
    ("::ffff:127.0.0.1", True), ("::ffff:172.20.0.2", True), ("::ffff:172.20.0.3", False),
])  # fmt: skip
def test_a_proxy_is_known_as_a_door_of_both_kinds_writes_it(remote: str, is_ours: bool) -> None:  # noqa: FBT001 - a case
    """An edge that is asked at "::" sees an IPv4 address within one of IPv6."""
    named = {**PUBLIC, "MEGURI_PROXIES": "172.20.0.2"}
    assert seen(named, remote, **SAID) == (AS_TOLD if is_ours else (remote, *AS_IT_CAME))


@pytest.mark.parametrize("text", ["10.244.0.1/16", "10.244.0.0/33", "pods/16", "0.0.0.0/0", "::/0"])
def test_a_network_that_is_none_stops_the_start(text: str) -> None:
    with pytest.raises(ConfigError, match="MEGURI_PROXIES"):
        believed({**PUBLIC, "MEGURI_PROXIES": text})


def test_it_stops_before_there_are_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that fails is started again, and its threads would hold it."""
    for name, text in {**PUBLIC, "MEGURI_PROXIES": "10.244.0.1/16"}.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setattr(pulse, "watch", lambda: pytest.fail("it went on"))
    with pytest.raises(ConfigError, match="MEGURI_PROXIES"):
        main.serve()


def test_on_the_machine_itself_the_plain_address_still_works() -> None:
    assert seen(PUBLIC, "127.0.0.1") == ("127.0.0.1", *AS_IT_CAME)
