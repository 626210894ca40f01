"""The audit chain: sound although those who seal are killed, and not to be forged afterwards."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from chaos.crowd import Crowd
from chaos.databases import database_owner
from chaos.exports import read_audit
from chaos.sales import make_sales
from chaos.stage import Broken, Size, Stage

KILLED = ("payments", "postgres", "payments")
BACK_WITHIN_S = 30.0
SEALED_WITHIN_S = 30.0
_CHANGE = (
    "update journal_entries set amount_yen = amount_yen {0}, into_yen = into_yen {0}"
    " where entry_id ="
    " (select row_id from audit_chain where kind = 'entry' order by number limit 1)"
)
_SWAP = (
    "update audit_chain set number = -number where number in (1, 2);"
    "update audit_chain set number = 3 + number where number < 0"
)
_LINK = "select * from audit_chain where number = 2"
# What somebody with all rights could do, how it is undone, and what the check may call it.
FORGERIES: Mapping[str, tuple[str, str, frozenset[str]]] = {
    "an entry is changed": (
        _CHANGE.format("+ 1"),
        _CHANGE.format("- 1"),
        frozenset({"AUDIT_FAULT_TAMPERED"}),
    ),
    "a link is removed": (
        f"create temp table kept as {_LINK}; {_LINK.replace('select *', 'delete')}",
        "insert into audit_chain select * from kept",
        frozenset({"AUDIT_FAULT_REMOVED", "AUDIT_FAULT_UNSEALED"}),
    ),
    "two links change places": (_SWAP, _SWAP, frozenset({"AUDIT_FAULT_REORDERED"})),
}


def chain(stage: Stage, size: Size) -> None:
    """Kills the sealer in the middle of its work, then forges rows and undoes it. Errors: Broken
    when a forgery is not found, or when the chain is not sound without one."""
    with Crowd(stage, size, make_sales(size.payments, size.seed)) as crowd:
        crowd.start()
        for number, name in enumerate(KILLED, 1):
            crowd.allow((number + 1) / (len(KILLED) + 1))
            crowd.wait_for_share(number / (len(KILLED) + 1))
            before = stage.platform.kill(name)
            stage.fault(name)
            stage.platform.wait_healthy(name, after=before, timeout_s=BACK_WITHIN_S)
        crowd.allow(1)
        crowd.finish()
    stage.wait_ready()
    _expect_sound(stage)
    for name, (forge, undo, faults) in FORGERIES.items():
        with _forged(stage, forge, undo):
            found = set(read_audit(stage.platform)["faults"])
        if not found & faults:
            raise Broken(f"{name}, and the chain says {sorted(found) or 'nothing'}")
        _expect_sound(stage)
    stage.figures |= {"kills": len(KILLED), "forgeries_found": len(FORGERIES)}


def _expect_sound(stage: Stage) -> None:
    ends = time.monotonic() + SEALED_WITHIN_S
    while True:
        report = read_audit(stage.platform)
        if report["faults"]:
            raise Broken(f"the audit chain: {report['faults']}")
        if not report["waiting_count"]:
            return
        if time.monotonic() > ends:
            raise Broken(f"{report['waiting_count']} rows wait for their seal")
        time.sleep(0.5)


@contextmanager
def _forged(stage: Stage, forge: str, undo: str) -> Iterator[None]:
    """Commits a forgery past the triggers that keep rows as they are, and undoes it."""
    with database_owner(stage.platform, "payments") as owner:
        owner.execute("set session_replication_role = replica")
        for statement in forge.split(";"):
            if owner.execute(statement.encode()).rowcount < 1:
                raise Broken(f"the forgery did nothing: {statement}")
        try:
            yield
        finally:
            for statement in undo.split(";"):
                owner.execute(statement.encode())
