"""How a command reaches the running platform: the same variables that a process of it has."""

import os
from pathlib import Path

from infra.local import home as homes
from infra.local.home import Home, Settings
from infra.local.machine import Machine
from infra.local.table import COMMAND_LINE


class NotRunning(Exception):
    """The command needs the platform, and nothing runs on this data folder."""

    def __init__(self, data: str) -> None:
        super().__init__(f"Meguri does not run on {data}; start it with ./meguri up")


def provide(data: str, area: str) -> None:
    """Puts MEGURI_ variables of the running platform into this process's environment.

    Without one nothing is set. Inside a container, or a job of the supervisor, all is set already.
    """
    if not os.environ.get("MEGURI_DIRECTORY_ADDRESS"):
        machine = running_machine(Home(Path(data)))
        if machine is not None:
            os.environ.update(machine.variables(COMMAND_LINE))
    if area:
        os.environ["MEGURI_AREA"] = area


def running_machine(home: Home) -> Machine | None:
    """Returns the machine of the supervisor at work on a data folder, None when there is none."""
    state = homes.read_state(home)
    if not state or not homes.supervisor_of(home):
        return None
    return Machine(
        home,
        Settings.load(home),
        homes.ensure_passwords(home),
        state["ports"],
        state["metrics_ports"],
        mqtt_host=str(state.get("mqtt_host", "")),
    )


def explain(error: Exception) -> str | None:
    """Returns one line that tells a person about an error, None for a mistake of the program."""
    kind = type(error)
    if isinstance(error, OSError) and error.filename:
        return _of_a_file(error)
    if isinstance(error, NotRunning | FileNotFoundError | PermissionError):
        return str(error)
    if kind.__module__ == "kit.config":
        return f"{error}: is Meguri running? Start it with ./meguri up"
    if any(base.__module__.startswith(("kit.", "infra.local.")) for base in kind.__mro__):
        return str(error)
    if any(base.__name__ == "RpcError" for base in kind.__mro__):
        from kit.client import problem_of  # noqa: PLC0415 - gRPC is loaded already, kit is not

        problem = problem_of(error)  # type: ignore[arg-type] # it is one, by name
        bad = "; ".join(f"{name}: {text}" for name, text in problem.fields)
        if bad in problem.text:  # most services say the fields in their sentence
            bad = ""
        return f"{problem.text or problem.reason} [{problem.reason}] {bad}".rstrip()
    return None


def _of_a_file(error: OSError) -> str | None:
    """Returns what is wrong with the file that a person named."""
    if isinstance(error, FileNotFoundError | IsADirectoryError | NotADirectoryError):
        return f"{error.filename} is not a file"
    if isinstance(error, PermissionError):
        return f"{error.filename} may not be opened by you"
    return None
