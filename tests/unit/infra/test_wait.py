"""Waiting in a pod: each thing in turn, as long as it takes, said once."""

from collections.abc import Callable

import pytest

from infra import probe, wait


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked for; each is there at the third time."""
    asked: list[str] = []

    def answers(kind: str) -> Callable[[str], bool]:
        def answer(where: str) -> bool:
            asked.append(f"{kind} {where}")
            return asked.count(f"{kind} {where}") == 3

        return answer

    monkeypatch.setattr(wait, "_tables", answers("tables"))
    monkeypatch.setattr(wait, "_port", answers("port"))
    monkeypatch.setattr(probe, "grpc", answers("grpc"))
    monkeypatch.setattr(probe, "http", answers("http"))
    return asked


def test_in_order_and_each_until_it_is_there(
    there: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    wait.wait(["port:nats:4222", "tables", "grpc:directory:9101", "http:edge:8080"], pause_s=0)
    assert there == [
        *["port nats:4222"] * 3, *["tables "] * 3, *["grpc directory:9101"] * 3,
        *["http edge:8080"] * 3,
    ]  # fmt: skip
    assert capsys.readouterr().out.splitlines() == [
        "waiting for port:nats:4222", "waiting for tables", "waiting for grpc:directory:9101",
        "waiting for http:edge:8080",
    ]  # fmt: skip


def test_a_word_nobody_knows_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        wait.wait(["disk:x"])
