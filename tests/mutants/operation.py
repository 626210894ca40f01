"""Mistakes in what keeps one machine going, and in what is left when it is gone."""

from tests.mutants.mutant import Mutant, pytest

_BACKUP = pytest("tests/service/infra/test_backup.py")
_KEEPING = pytest("tests/service/infra/test_keeping.py", "-k", "silent or frozen or well or still")

MUTANTS = {
    "a damaged backup is restored": Mutant(
        "infra/local/archive.py",
        "if file.read() != _closing(checksum):",
        "if not file.read():",
        _BACKUP,
    ),
    "a backup of a newer release is restored": Mutant(
        "infra/local/restore.py",
        'if at > known.get(name, "")]',
        "if False]",
        _BACKUP,
    ),
    "what a restore replaces is gone": Mutant(
        "infra/local/restore.py",
        "        data.rename(kept)\n",
        "        shutil.rmtree(data)\n",
        _BACKUP,
    ),
    "after a restore nothing is said again": Mutant(
        "infra/local/dumps.py",
        "            connection.execute(_SAY_AGAIN, (made_time, _HEARD_FOR_S))\n",
        "",
        _BACKUP,
    ),
    "a backup holds lists of pseudonyms": Mutant(
        "infra/local/dumps.py",
        "[*(apart.changed(bytes(value)) for value in values), where]",
        "[*values, where]",
        _BACKUP,
    ),
    "an owner is copied before who hears it": Mutant(
        "infra/local/dumps.py",
        '"insights", "itinerary", "visitor_sense", "multilingual", "payments", "directory",',
        '"payments", "itinerary", "visitor_sense", "multilingual", "insights", "directory",',
        pytest("tests/unit/infra/test_backup_order.py"),
    ),
    "a frozen part stays frozen": Mutant(
        "infra/local/keeper.py",
        "if missed >= HUNG_PROBES and now - answered >= HUNG_S:",
        "if missed >= 10**9:",
        _KEEPING,
    ),
    "a database that recovers is ended": Mutant(
        "infra/local/keeper.py",
        "            if answer is Answer.NONE:\n",
        "            if answer is not Answer.WELL:\n",
        _KEEPING,
    ),
    "a frozen worker of the edge stays": Mutant(
        "services/edge/pulse.py",
        "                    os.kill(worker, signal.SIGKILL)\n",
        "                    os.kill(worker, 0)\n",
        pytest("tests/service/edge/test_pulse.py"),
    ),
    "a full disk is ready": Mutant(
        "kit/disk.py",
        "    if free < FULL_BYTES:\n        return FULL\n",
        "",
        pytest("tests/unit/kit/test_disk.py"),
    ),
    "damaged settings are replaced by the usual ones": Mutant(
        "infra/local/home.py",
        "            raise FileDamaged(\n"
        '                f"{path} is damaged; put it back from a backup, or delete',
        "            return cls()\n            raise FileDamaged(\n"
        '                f"{path} is damaged; put it back from a backup, or delete',
        pytest("tests/unit/infra/test_damaged_files.py"),
    ),
    "a frozen parent of the edge stays": Mutant(
        "services/edge/pulse.py",
        "            _end(parent, work)\n",
        "            pass\n",
        pytest("tests/service/edge/test_pulse.py"),
    ),
    "readiness does not ask for the database": Mutant(
        "services/edge/operation.py",
        'return "ok" if _serves(stub, DATABASE) else DATABASE_AWAY',
        'return "ok"',
        pytest("tests/service/kit/test_health.py"),
    ),
    "a backup unpacks a sparse file": Mutant(
        "infra/local/archive.py",
        " and entry.sparse is None",
        "",
        pytest("tests/service/infra/test_restore_hostile.py", "-k", "entry"),
    ),
    "a backup holds more than it says": Mutant(
        "infra/local/restore.py",
        "        if size > most[top] + _GROWN_BYTES:\n",
        "        if size < 0:\n",
        pytest("tests/service/infra/test_restore_hostile.py", "-k", "entry"),
    ),
    "a name with an invented ending is public": Mutant(
        "kit/pure/public_address.py",
        "accept_unknown=False",
        "accept_unknown=True",
        pytest("tests/unit/kit/test_public_address.py"),
    ),
    "an address of no server is public": Mutant(
        "kit/pure/public_address.py",
        "        and not is_nobodys\n",
        "",
        pytest("tests/unit/kit/test_public_address.py"),
    ),
    "an area half made loses its passwords": Mutant(
        "cli/area.py",
        "    if begun or unseen:\n",
        "    if (begun or unseen) and first_people.is_empty(peers):\n",
        pytest("tests/unit/infra/test_area_create.py"),
    ),
    "platforms outlive an interrupted test run": Mutant(
        "cli/test.py",
        "        _end_platforms(Path(folder))\n",
        "",
        pytest("tests/service/infra/test_test.py", "-k", "outlives"),
    ),
    "a port stolen later is told by nobody": Mutant(
        "infra/local/keeper.py",
        "                await self._look_for_thief()\n",
        "",
        pytest("tests/service/infra/test_port_thief.py"),
    ),
    "of two Hosts the first one counts": Mutant(
        "services/edge/front.py",
        'if len(lines("host")) > 1:',
        "if False:",
        pytest("tests/service/edge/test_front.py"),
    ),
    "an alert on certificates of six days is never quiet": Mutant(
        "infra/observability/alerts.yml",
        " unless meguri_certificate_left_seconds >= meguri_certificate_life_seconds / 5",
        "",
        pytest("tests/unit/infra/test_dashboard.py"),
    ),
    "a backup that was never made wakes nobody": Mutant(
        "services/edge/condition.py",
        "age = now - (made or record.since)",
        "age = now - (made or now)",
        pytest("tests/pages/edge/test_lights.py"),
    ),
    "slow plans hide among quick pages": Mutant(
        "loadtests/gates.py",
        "    if gate.each_p95_ms:\n",
        "    if False:\n",
        pytest("tests/unit/loadtests/test_gates.py"),
    ),
    "a load passes while every sale is declined": Mutant(
        "loadtests/result.py",
        "len(paid) >= PAID_LEAST * sales",
        "True",
        pytest("tests/unit/loadtests/test_report.py"),
    ),
}
