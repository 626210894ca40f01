"""Clock, ids, settings, logs, names of metrics and events."""

import gc
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from kit import config, garbage, ids, log, telemetry
from kit.clock import ManualClock, SystemClock
from kit.outbox import type_name
from kit.pure.errors import InvalidFields
from kit.pure.event import Event

ROOT = Path(__file__).parents[3]


class PaymentBecameUnknown(Event):
    """An event with a long name."""


def test_event_names_on_the_wire() -> None:
    assert type_name(PaymentBecameUnknown) == "payment_became_unknown"


def test_what_is_loaded_is_not_walked_again() -> None:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    loaded = [[number] for number in range(1000)]
    try:
        garbage.keep_what_is_here()
        assert gc.get_freeze_count() >= frozen + len(loaded)
        assert gc.get_threshold()[0] == garbage.GARBAGE_AT
    finally:
        gc.set_threshold(*before)


def test_ids_are_ordered_uuids_of_version_7() -> None:
    made = [ids.new_id() for _ in range(1000)]
    assert {UUID(each).version for each in made} == {7}
    assert len(set(made)) == 1000
    assert made[0][:8] <= made[-1][:8]


def test_secrets_are_long_and_differ() -> None:
    one, other = ids.new_secret(), ids.new_secret()
    assert one != other
    assert len(one) >= 43


def test_codes_for_paper_are_long_and_differ() -> None:
    made = {ids.new_recovery_code() for _ in range(500)}
    assert len(made) == 500
    assert all(re.fullmatch(r"(?:[a-hjkmnp-z2-9]{4}-){2}[a-hjkmnp-z2-9]{4}", each) for each in made)
    assert len({letter for each in made for letter in each} - {"-"}) == 31  # 59 bits in twelve


def test_clocks_speak_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
    tokyo = timezone(timedelta(hours=9))
    clock = ManualClock(datetime(2026, 11, 21, 9, tzinfo=tokyo))
    assert clock.now() == datetime(2026, 11, 21, 0, tzinfo=UTC)
    clock.advance(timedelta(days=-1))
    assert clock.now().day == 20


def test_settings_name_what_is_missing() -> None:
    settings = config.load("payments", {"MEGURI_LISTEN": "127.0.0.1:1"})
    assert settings.listen == "127.0.0.1:1"
    with pytest.raises(config.ConfigError, match="MEGURI_DIRECTORY_ADDRESS"):
        settings.address("directory")
    with pytest.raises(config.ConfigError, match="MEGURI_METRICS_PORT"):
        config.load("payments", {"MEGURI_METRICS_PORT": "many"})


def test_logs_withhold_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("payments", "info")
    log.get("test").info("signed in", password="hunter2", user_agent="Phone", shop="s1")
    line = json.loads(capsys.readouterr().err)
    assert line["password"] == line["user_agent"] == "(withheld)"
    assert (line["shop"], line["service"], line["level"]) == ("s1", "payments", "info")
    assert "hunter2" not in json.dumps(line)


def steps(told: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told.splitlines() if '"event": "step"' in line]


def test_a_trace_is_followed(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure("payments", 0)
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert telemetry.traceparent() == ""
    with telemetry.span("step", parent):
        assert telemetry.trace_id() == "0af7651916cd43dd8448eb211c80319c"
        assert telemetry.traceparent().startswith("00-0af7651916cd43dd8448eb211c80319c-")
    [line] = steps(capsys.readouterr().err)
    assert (line["event"], line["name"], line["parent"]) == ("step", "step", parent)
    assert "failed" not in line


def test_a_failed_step_names_its_error_and_quotes_nobody(
    capsys: pytest.CaptureFixture[str],
) -> None:
    telemetry.configure("payments", 0)
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    def break_down() -> None:
        with telemetry.span("step", parent):
            telemetry.fail(ValueError("4111111111111111"))
            raise KeyError("hanako@example.jp")

    with pytest.raises(KeyError):
        break_down()
    told = capsys.readouterr().err
    assert [each["failed"] for each in steps(told)] == ["ValueError"]  # what failed it first
    assert "hanako" not in told
    assert "4111" not in told
    unrecorded = parent[:-2] + "00"
    with telemetry.span("step", unrecorded):
        telemetry.fail(ValueError())
    assert steps(capsys.readouterr().err) == []


def test_steps_done_together_are_written_of_recorded_traces_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    telemetry.configure("insights", 0)
    traces = [f"{number:032x}" for number in range(1, 4)]
    parents = [f"00-{trace}-b7ad6b7169203331-01" for trace in traces[:2]]
    telemetry.steps(
        "hear scan_recorded",
        [parents[0], "", f"00-{traces[2]}-b7ad6b7169203331-00", "00-z-01", parents[1]],
        telemetry.began(),
    )
    written = steps(capsys.readouterr().err)
    assert [each["parent"] for each in written] == parents
    assert [each["step"][:36] for each in written] == [each[:36] for each in parents]
    assert len({each["step"] for each in written} | set(parents)) == 4
    assert all(each["name"] == "hear scan_recorded" and each["ms"] >= 0 for each in written)


def test_every_metric_is_documented_and_nothing_else() -> None:
    text = (ROOT / "docs" / "telemetry.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(meguri_[a-z_]+)`", text, re.MULTILINE))
    declared = {
        metric._name + ("_total" if metric._type == "counter" else "")
        for metric in telemetry.METRICS
    }
    assert documented == declared


def test_invalid_fields_read_as_one_sentence() -> None:
    error = InvalidFields([("amount_yen", "give 1 or more"), ("tender", "use one of card, cash")])
    assert str(error) == "amount_yen: give 1 or more; tender: use one of card, cash"
