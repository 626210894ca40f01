"""Two starts at the same moment never choose the same port, and no connection gets in between."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local import main, ports
from infra.local.home import Home, Settings
from infra.local.machine import choose_ports, evaded_ports
from infra.local.ports import PortChooser
from infra.local.table import by_name
from tests.platform import ROOT

CHOOSE = """
import sys
from infra.local.ports import PortChooser
print(PortChooser().choose(int(sys.argv[1])), flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="there are no names without files elsewhere")
def test_a_port_chosen_and_not_yet_opened_is_evaded_until_its_process_ends() -> None:
    documented = PortChooser(claims=False).choose(0)
    with subprocess.Popen(
        [sys.executable, "-c", CHOOSE, str(documented)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as other:  # fmt: skip
        assert other.stdout
        assert int(other.stdout.readline()) == documented
        assert PortChooser().choose(documented) != documented
        other.kill()
    assert PortChooser().choose(documented) == documented
    assert PortChooser().choose(documented) == documented  # the own claim stands in nobody's way


@pytest.mark.skipif(sys.platform != "linux", reason="the range is told otherwise elsewhere")
def test_a_chosen_port_is_none_that_an_outgoing_connection_gets() -> None:
    low = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    chooser = PortChooser(claims=False)
    chosen = [chooser.choose(0) for _ in range(50)]
    assert len(set(chosen)) == 50
    assert all(1024 < port < low for port in chosen)


def test_the_pages_keep_the_port_of_the_last_start_while_it_is_free() -> None:
    edge = by_name()["edge"]
    last = PortChooser().choose(0)
    assert choose_ports([edge], Settings(), None, last)[0] == {"edge": last}
    assert evaded_ports({"edge": last}, None, last) == {}
    wish = PortChooser().choose(0)
    assert choose_ports([edge], Settings(), wish, last)[0] == {"edge": wish}
    with socket.create_server(("127.0.0.1", last)):
        other = choose_ports([edge], Settings(), None, last)[0]["edge"]
    assert other != last
    assert evaded_ports({"edge": 40001}, None, last) == {"edge": edge.port}


def test_the_last_port_is_kept_in_the_data_folder(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.last_port() == 0
    home.port_file.write_text("45485")
    assert home.last_port() == 45485
    for damaged in ("", "x", "null", "[1]"):
        home.port_file.write_text(damaged)
        assert home.last_port() == 0


def test_a_port_that_is_roots_is_told_from_one_that_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refusing(error: OSError) -> type[socket.socket]:
        class Refusing(socket.socket):
            def bind(self, address: object, /) -> None:
                raise error

        return Refusing

    assert ports.is_allowed(0)
    monkeypatch.setattr(socket, "socket", refusing(PermissionError(13, "no")))
    assert not ports.is_allowed(443)
    monkeypatch.setattr(socket, "socket", refusing(OSError(98, "taken")))
    assert ports.is_allowed(443)


def test_a_start_that_may_not_use_the_port_of_the_pages_says_where_the_way_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "is_allowed", lambda _: False)
    order = main.Order(
        data=str(tmp_path / "data"), area="mine", domain="guide.example.jp", certificate="",
        key="", tunnel_url="", port=0, only=(),
    )  # fmt: skip
    with pytest.raises(main.StartRefused, match=r"port 443 .* docs/install\.md"):
        main.run(order, None)
