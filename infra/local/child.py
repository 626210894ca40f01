"""Becomes another program that cannot outlive its parent, and is not root where that is refused.

Run as a script: child.py SIGNAL IDENTITY PARENT_PID PROGRAM ARGUMENT…
It stays tiny and imports little, because every process of the platform starts through it; doing
the same in a forked copy of a threaded parent (preexec_fn) can deadlock.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
UNPRIVILEGED_ID = 1000  # any number but 0: it exists only inside the namespace
NOBODY_ID = 65534


def main(arguments: list[str]) -> None:
    """Sets the identity and the signal of death, then executes the program."""
    death_signal, identity, parent, *command = arguments
    if identity == "namespace":
        _enter_user_namespace()
    elif identity == "nobody":
        os.setgroups([])
        os.setgid(NOBODY_ID)
        os.setuid(NOBODY_ID)
    if sys.platform == "linux":
        # Last, because a change of identity clears it.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != int(parent):  # it died before we could ask for the signal
            sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - a fixed program, no shell


def _enter_user_namespace() -> None:
    """Keeps the rights of root's own files, but is somebody else to the program."""
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "a user namespace was refused")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{UNPRIVILEGED_ID} {user} 1"),
        ("gid_map", f"{UNPRIVILEGED_ID} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123 - pathlib costs 10 ms here
            file.write(text)


if __name__ == "__main__":
    main(sys.argv[1:])
