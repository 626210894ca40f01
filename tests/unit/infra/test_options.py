"""options.env: what somebody would otherwise type before each start."""

from pathlib import Path

import pytest

from infra.local import env_file, options
from infra.local.table import OPTIONS


def test_without_the_file_nothing_changes(tmp_path: Path) -> None:
    given: dict[str, str] = {}
    options.provide(tmp_path, given)
    assert given == {}


def test_lines_are_taken_over_and_what_is_said_at_the_start_comes_first(tmp_path: Path) -> None:
    text = ("\ufeff# maps\n\nMEGURI_MAP_TILES = mine=gsi-pale east=gsi-photo\r\n"
            "MEGURI_SMTP_FROM=meguri@example.jp\nMEGURI_MQTT_HOST=192.0.2.7\n")  # fmt: skip
    (tmp_path / options.FILE).write_bytes(text.encode())
    given = {"MEGURI_SMTP_FROM": "other@example.jp", "MEGURI_MQTT_HOST": ""}
    options.provide(tmp_path, given)
    assert given == {
        "MEGURI_SMTP_FROM": "other@example.jp", "MEGURI_MQTT_HOST": "192.0.2.7",
        "MEGURI_MAP_TILES": "mine=gsi-pale east=gsi-photo",
    }  # fmt: skip


@pytest.mark.parametrize("line", ["MEGURI_MAP_TILES", "MEGURI_MAP_TILE=x", "PATH=/tmp", "=x"])
def test_a_line_that_means_nothing_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / options.FILE).write_text(f"# first\n{line}\n")
    with pytest.raises(env_file.LineDamaged, match="line 2"):
        options.provide(tmp_path, {})


def test_every_option_of_a_start_can_stand_there() -> None:
    assert set(OPTIONS) <= options.KNOWN
