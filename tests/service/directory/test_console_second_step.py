"""`./meguri area second-step`: the way in for the last admin, whose phone is lost."""

import argparse
import asyncio
import json
from typing import Any

import grpc
import pytest

from cli import area as area_commands
from cli import second_step
from cli.area_wizard import AreaRefused
from kit.auth import Role
from tests import harness, noted
from tests.service.directory.stepping import Person, boss, code_of, database, directory, taro
from tests.service.directory.test_directory import make_area

__all__ = ["boss", "database", "directory", "taro"]


class _Authorized(grpc.UnaryUnaryClientInterceptor):
    def __init__(self, token: str) -> None:
        self._token = token

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        more = [*(details.metadata or ()), ("authorization", f"Bearer {self._token}")]
        return continuation(details._replace(metadata=more), request)


class Console:
    """Peers as the command has them, with the rights of the machine's owner."""

    def __init__(self, it: harness.Running, area_name: str) -> None:
        token = it.token(area_name, Role.ADMIN, Role.SERVICE, principal="operator")
        self._plain = grpc.insecure_channel(it.address)
        self._channel = grpc.intercept_channel(self._plain, _Authorized(token))

    def channel(self, _service: str) -> Any:
        return self._channel

    def close(self) -> None:
        self._plain.close()


@pytest.fixture(autouse=True)
def parts_speak_beside_the_answer() -> None:
    """The service is in this process: what it logs must not stand in the command's answer."""
    noted.listen()


async def run(
    monkeypatch: pytest.MonkeyPatch, it: harness.Running, area_name: str, *words: str
) -> int:
    """Runs the command as it is typed."""
    monkeypatch.setattr(area_commands, "peers_as_operator", lambda name: Console(it, name))
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    area_commands.register(parser.add_subparsers())
    given = parser.parse_args(["area", "second-step", area_name, *words])
    return await asyncio.to_thread(given.run, given)


async def test_the_owner_lets_the_last_admin_in_again(
    boss: Person, directory: harness.Running, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    secret, _, here = await boss.set_up()
    half = (await boss.password()).half_login_id
    assert await run(monkeypatch, directory, boss.area, "boss") == 0
    assert "boss" in capsys.readouterr().out
    assert not await boss.is_open(here)
    assert (await boss.password()).session_id
    with pytest.raises(grpc.RpcError):
        await boss.finish(half, code_of(secret))
    for words, said in (
        (("boss",), "boss has no second step"), (("hanako",), "there is no login hanako"),
    ):  # fmt: skip
        with pytest.raises(AreaRefused, match=said):
            await run(monkeypatch, directory, boss.area, *words)


async def test_the_owner_says_which_roles_need_one_and_takes_it_back(
    taro: Person, directory: harness.Running, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    here = (await taro.password()).session_id
    assert await run(monkeypatch, directory, taro.area, "--roles", "admin, editor") == 0
    assert "editor, admin" in capsys.readouterr().out
    assert await taro.owes(here)
    with pytest.raises(AreaRefused, match="there is no role cook"):
        await run(monkeypatch, directory, taro.area, "--roles", "cook")
    assert await run(monkeypatch, directory, taro.area) == 0
    assert "editor, admin" in capsys.readouterr().out, "asking changes nothing"
    given = argparse.Namespace(name=taro.area, login="", roles="none", json=True)
    await asyncio.to_thread(second_step.run, given)
    assert json.loads(capsys.readouterr().out) == {"area": taro.area, "roles": []}
    assert not await taro.owes(here)


async def test_an_area_asks_nobody_at_first(
    directory: harness.Running, area: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    await make_area(directory, area)
    assert await run(monkeypatch, directory, area) == 0
    assert not capsys.readouterr().out.strip().endswith(("admin", "clerk"))
