"""Mistakes at the porch, which answers before the server does."""

from tests.mutants.mutant import Mutant, pytest

HEADS = pytest("tests/pages/edge/test_heads.py")
VISITS = pytest("tests/pages/edge/test_visits.py")
REAL = pytest("tests/service/edge/test_porch.py")

MUTANTS = {
    "a head with a body behind it is plain": Mutant(
        "services/edge/heads.py", '    "content-length", "expect",', '    "expect",', HEADS,
    ),
    "of a line end half is enough for a plain head": Mutant(
        "services/edge/heads.py",
        " or data.translate(None, _PRINTABLE) != _ENDS[len(lines) - 1]", "", HEADS,
    ),
    "of two lines of one name a plain head has the last": Mutant(
        "services/edge/heads.py", "if not key or key in found:", "if not key:", HEADS,
    ),
    "what came before an answer was over is looked at": Mutant(
        "services/edge/visits.py", 'nothing is certain."""\n        self._method = ""\n',
        'nothing is certain."""\n', VISITS,
    ),
    "after a stream requests are looked at again": Mutant(
        "services/edge/visits.py", "        if status is None or _UNCERTAIN(head):",
        "        if status is None:", VISITS,
    ),
    "who does not read is made pages without end": Mutant(
        "services/edge/visits.py",
        "        else:\n            self.transport.pause_reading()\n\n    def resume_writing",
        "\n    def resume_writing", VISITS,
    ),
    "who comes past the porch is this machine": Mutant(
        "services/edge/porch.py", 'NOBODY = ("0.0.0.0:0",)', 'NOBODY = ("127.0.0.1:0",)', REAL,
    ),
}  # fmt: skip
