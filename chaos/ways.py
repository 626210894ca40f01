"""The fault proxy between all components of one platform: every way of one to another is a link."""

import json
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from chaos.proxy import Proxy
from infra.local import detours
from infra.local.home import Home


class Ways:
    """Stands between the components of the platform on a data folder, which must not run yet. Use
    as a context. Its links are named as in infra/local/detours.py: "payments>postgres"."""

    def __init__(self, data: Path) -> None:
        self._data, self._led = data, dict[str, int]()
        self.proxy = Proxy()

    def __enter__(self) -> "Ways":
        self.proxy.__enter__()
        ports = {pair: self.proxy.add(pair, self._target(pair)) for pair in detours.pairs()}
        detours.write(Home(self._data), ports)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.proxy.__exit__(kind, error, trace)

    def of(self, *, asker: str = "", target: str = "") -> list[str]:
        """Returns the links of one component, to one, or both."""
        return [
            name for name in self.proxy.names()
            if asker in {"", name.partition(">")[0]} and target in {"", name.partition(">")[2]}
        ]  # fmt: skip

    def lead(self, target: str, port: int) -> None:
        """Leads everybody who asks for a component to another port, as a floating address does when
        a standby takes over."""
        self._led[target] = port
        for name in self.of(target=target):
            self.proxy.lead(name, self._target(name))

    def heal(self) -> None:
        """Lets everything through everywhere."""
        for name in self.proxy.names():
            self.proxy.heal(name)

    def _target(self, pair: str) -> Callable[[], int]:
        name = pair.partition(">")[2]
        state = Home(self._data).state_file

        def port() -> int:
            if name in self._led:
                return self._led[name]
            try:
                return int(json.loads(state.read_text())["ports"][name])
            except (OSError, ValueError, KeyError):
                return 0  # it does not run yet

        return port
