"""Which lines of the protocol's own code a run reached."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# Where the protocol is: a line here that no seed ran is a branch that nothing was said about.
PROTOCOL = (
    "services/payments/app/take.py", "services/payments/app/commit.py",
    "services/payments/app/steps.py", "services/payments/app/resolve.py",
    "services/payments/app/change.py", "services/payments/app/refund.py",
    "services/payments/app/group.py", "services/payments/app/office/close.py",
    "services/payments/domain/payment.py", "services/payments/domain/settle.py",
    "services/payments/domain/refund.py", "services/payments/domain/waited.py",
    "services/payments/gateways/acquirer_simulator.py", "kit/outbox.py", "kit/publishing.py",
    "kit/pull.py", "kit/quick_pull.py", "kit/requests.py", "kit/forever.py",
)  # fmt: skip
_FILES = {str(ROOT / name): name for name in PROTOCOL}


@contextmanager
def watching(found: dict[str, set[int]], *, watch: bool) -> Iterator[None]:
    """Notes the lines that run inside, by file. It makes a run many times slower."""
    if not watch:
        yield
        return

    def on_call(frame: FrameType, _event: str, _given: Any) -> Any:
        name = _FILES.get(frame.f_code.co_filename)
        if name is None:
            return None
        seen = found.setdefault(name, set())

        def on_line(inner: FrameType, event: str, _given: Any) -> Any:
            if event == "line":
                seen.add(inner.f_lineno)
            return on_line

        return on_line

    before = sys.gettrace()
    sys.settrace(on_call)
    try:
        yield
    finally:
        sys.settrace(before)


def never_reached(found: dict[str, set[int]]) -> dict[str, str]:
    """Returns, by function, the lines that no run reached; whole functions where it was never
    called."""
    told: dict[str, str] = {}
    for name in PROTOCOL:
        path = ROOT / name
        code = compile(path.read_text(), str(path), "exec")
        for function in _functions(code):
            numbers = _lines(function)
            missed = sorted(numbers - found.get(name, set()))
            if missed:
                whole = len(missed) == len(numbers)
                said = "never called" if whole else "lines " + ", ".join(map(str, missed))
                told[f"{name} {function.co_qualname}"] = said
    return told


def _functions(code: CodeType) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            # A class has a body, too: it runs when the file is read, before anybody watches.
            if each.co_flags & 0x2:
                yield each
            yield from _functions(each)


def _lines(code: CodeType) -> set[int]:
    """Returns the lines of a function itself, without its head."""
    own = {line for _, _, line in code.co_lines() if line is not None}
    return own - {code.co_firstlineno}
