"""Two starts at the same moment never choose the same documented port."""

import subprocess
import sys

import pytest

from infra.local.ports import PortChooser
from tests.platform import ROOT

CHOOSE = """
import sys
from infra.local.ports import PortChooser
print(PortChooser().choose(int(sys.argv[1])), flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="there are no names without files elsewhere")
def test_a_port_chosen_and_not_yet_opened_is_evaded_until_its_process_ends() -> None:
    documented = PortChooser().choose(0)
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
