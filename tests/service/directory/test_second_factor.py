"""The second step of signing in, from the first secret to the last code on paper."""

import asyncio

import pytest

from meguri.directory.v1 import second_factor_service_pb2 as step_pb
from services.directory.domain.attempts import CODES_HERE, CODES_OF_STRANGERS
from tests import harness, noted
from tests.service.directory.stepping import (
    PASSWORD,
    STILL,
    Person,
    boss,
    code_of,
    database,
    directory,
    taro,
)
from tests.service.directory.test_directory import TIMEOUT_S, new_id
from tests.service.directory.test_own_login import reason

__all__ = ["boss", "database", "directory", "taro"]

WRONG, MANY, OVER = "CODE_WRONG", "TOO_MANY_ATTEMPTS", "SESSION_OVER"


async def test_setting_up_takes_password_and_code_and_ends_other_sessions(
    taro: Person, directory: harness.Running
) -> None:
    here, elsewhere = (await taro.password()).session_id, (await taro.password()).session_id
    assert await reason(taro.begin(here, "not the one")) == "PASSWORD_WRONG"
    secret = await taro.begin(here)
    assert (await taro.password()).session_id, "not confirmed: nothing is asked for"
    assert not (await taro.state()).HasField("begin_time")
    assert await reason(taro.confirm(here, code_of(secret, 5))) == WRONG
    assert await reason(taro.confirm(here, "abcd-efgh-2345")) == WRONG
    codes = await taro.confirm(here, code_of(secret))
    assert len(set(codes)) == 10
    state = await taro.state()
    assert (state.HasField("begin_time"), state.recovery_codes_left) == (True, 10)
    assert [await taro.is_open(here), await taro.is_open(elsewhere)] == [True, False]
    assert await reason(taro.begin(here)) == "SECOND_FACTOR_ON"
    assert len(await directory.heard(taro.area, "user_changed", 2)) == 2


async def test_a_session_opens_only_after_the_code(taro: Person) -> None:
    secret, _, _ = await taro.set_up()
    half = await taro.password()
    assert half.half_login_id
    assert not half.session_id
    assert not half.HasField("user"), "who has the password alone is told nothing"
    assert not await taro.is_open(half.half_login_id)
    assert await reason(taro.finish("made up", code_of(secret))) == OVER
    opened = await taro.finish(half.half_login_id, code_of(secret))
    assert await taro.is_open(opened.session_id)
    assert (opened.user.login_name, opened.by_recovery_code) == ("taro", False)
    assert await reason(taro.finish(half.half_login_id, code_of(secret, 1))) == OVER


async def test_no_code_is_good_twice_nor_one_before_it(taro: Person) -> None:
    secret, _, _ = await taro.set_up()
    code = code_of(secret)
    assert await taro.sign_in(code) == ""
    assert await taro.sign_in(code) == WRONG
    assert await taro.sign_in(code_of(secret, -1)) == WRONG
    assert await taro.sign_in(code_of(secret, 1)) == ""


async def test_of_one_code_at_the_same_moment_one_opens(taro: Person) -> None:
    secret, codes, _ = await taro.set_up()
    for code in (code_of(secret), codes[3]):
        halves = [(await taro.password()).half_login_id for _ in range(4)]
        done = await asyncio.gather(*(
            reason(taro.finish(half, code, f"{code} {number}".encode()))  # each from elsewhere
            for number, half in enumerate(halves)
        ))  # fmt: skip
        assert sorted(done) == ["", WRONG, WRONG, WRONG]


async def test_a_clock_may_be_off_by_one_step_and_no_more(taro: Person) -> None:
    secret, _, _ = await taro.set_up()
    assert await taro.sign_in(code_of(secret, 3)) == WRONG
    assert await taro.sign_in(code_of(secret, -3)) == WRONG
    assert await taro.sign_in(code_of(secret, 1)) == ""


@pytest.mark.parametrize("change", [
    "update half_logins set expire_time = expire_time - interval '5 minutes'",
    "update users set version = version + 1", "update users set disabled = true",
    "update users set factor_sealed = null, factor_confirm_time = null",
])  # fmt: skip
async def test_half_a_login_is_worth_nothing_after_its_time_or_a_change(
    taro: Person, change: str
) -> None:
    secret, codes, _ = await taro.set_up()
    half = await taro.password()
    assert 0 < half.expire_time.seconds - STILL.now().timestamp() <= 300
    await taro.sql(change)
    assert await reason(taro.finish(half.half_login_id, code_of(secret))) == OVER
    assert await reason(taro.finish(half.half_login_id, codes[0])) == OVER


async def test_what_was_begun_ends_after_a_quarter_of_an_hour(taro: Person) -> None:
    here = (await taro.password()).session_id
    secret = await taro.begin(here)
    await taro.sql("update users set factor_begin_time = factor_begin_time - interval '15 minutes'")
    assert await reason(taro.confirm(here, code_of(secret))) == "SECOND_FACTOR_OFF"
    assert await taro.begin(here) != secret


async def test_guessing_codes_is_slow_and_locks_nobody_out_of_her_own_browser(
    taro: Person,
) -> None:
    secret, _, _ = await taro.set_up()
    half = (await taro.password()).half_login_id
    wrong = code_of(secret, 9)
    tried = [await reason(taro.finish(half, wrong)) for _ in range(CODES_HERE + 1)]
    assert tried == [WRONG] * CODES_HERE + [MANY]
    assert await reason(taro.finish(half, code_of(secret))) == MANY
    for network in range(CODES_OF_STRANGERS // CODES_HERE - 1):
        for _ in range(CODES_HERE):
            assert await reason(taro.finish(half, wrong, b"net %d" % network)) == WRONG
    assert await reason(taro.finish(half, code_of(secret), b"one more network")) == MANY
    known = (await taro.password(known_browser=b"hers")).half_login_id
    assert await reason(taro.finish(known, code_of(secret), b"one more network")) == ""


async def test_a_code_on_paper_opens_once(taro: Person) -> None:
    _, codes, _ = await taro.set_up()
    half = (await taro.password()).half_login_id
    opened = await taro.finish(half, codes[2].upper().replace("-", " "))
    assert opened.by_recovery_code
    assert (await taro.state()).recovery_codes_left == 9
    assert await taro.sign_in(codes[2]) == WRONG
    assert await taro.sign_in(codes[7]) == ""
    assert (await taro.state()).recovery_codes_left == 8


async def test_nothing_stored_or_noted_opens_anything(
    taro: Person, capfd: pytest.CaptureFixture[str]
) -> None:
    noted.listen()
    secret, codes, session_id = await taro.set_up()
    half = await taro.password(known_browser=b"the number of her browser")
    assert await reason(taro.finish(half.half_login_id, code_of(secret, 9))) == WRONG
    stored = await taro.rows()
    await taro.finish(half.half_login_id, codes[0])
    assert await taro.sign_in(codes[0]) == WRONG
    lines = noted.security(capfd)
    assert [each["event"] for each in lines] == [
        "signed_in", "second_factor_on", "code_asked", "code_refused",
        "recovery_code_used", "signed_in", "code_asked", "code_refused",
    ]  # fmt: skip
    assert [each["why"] for each in lines if "why" in each] == ["wrong", "used_before"]
    for text in (stored, str(lines)):
        for kept in (secret, secret.encode().hex(), session_id, half.half_login_id,
                     b"the number of her browser".hex(), *codes):  # fmt: skip
            assert kept not in text
        assert not any(code.replace("-", "") in text for code in codes)
    assert stored.count("$argon2id$") == 11  # the password and ten codes


async def test_a_secret_put_into_another_row_opens_nothing(taro: Person, boss: Person) -> None:
    secret, codes, _ = await taro.set_up()
    await boss.set_up()
    await taro.sql(
        "update users set factor_sealed = (select factor_sealed from users where"
        " login_name = 'taro') where login_name = 'boss'"
    )
    assert await boss.sign_in(code_of(secret)) == WRONG
    assert await taro.sign_in(code_of(secret)) == ""
    await taro.sql("update users set factor_sealed = '\\x00'")  # a key that is gone
    assert await taro.sign_in(code_of(secret, 1)) == WRONG
    assert await taro.sign_in(codes[0]) == "", "paper helps"


async def test_new_codes_end_those_of_before(taro: Person) -> None:
    secret, codes, here = await taro.set_up()

    async def renew(password: str, code: str) -> list[str]:
        request = step_pb.RenewRecoveryCodesRequest(
            request_id=new_id(), session_id=here, current_password=password, code=code
        )
        answer = await taro.steps.RenewRecoveryCodes(request, timeout=TIMEOUT_S)
        return list(answer.recovery_codes)

    assert await reason(renew("not the one", code_of(secret))) == "PASSWORD_WRONG"
    assert await reason(renew(PASSWORD, code_of(secret, 9))) == WRONG
    new = await renew(PASSWORD, code_of(secret))
    assert len({*codes, *new}) == 20
    assert await taro.sign_in(codes[0]) == WRONG
    assert await taro.sign_in(new[0]) == ""


async def test_turning_off_takes_password_and_code_and_a_repeat_is_told_the_same(
    taro: Person,
) -> None:
    secret, _, here = await taro.set_up()

    def off(password: str, code: str) -> step_pb.EndSecondFactorRequest:
        return step_pb.EndSecondFactorRequest(
            request_id=new_id(), session_id=here, current_password=password, code=code
        )

    async def send(request: step_pb.EndSecondFactorRequest) -> str:
        return await reason(taro.steps.EndSecondFactor(request, timeout=TIMEOUT_S))

    assert await send(off("not the one", code_of(secret))) == "PASSWORD_WRONG"
    assert await send(off(PASSWORD, code_of(secret, 9))) == WRONG
    assert (await taro.password()).half_login_id
    request = off(PASSWORD, code_of(secret))
    assert [await send(request), await send(request)] == ["", ""]
    assert (await taro.password()).session_id
    assert (await taro.state()).recovery_codes_left == 0
    assert await send(off(PASSWORD, code_of(secret, 1))) == "SECOND_FACTOR_OFF"


async def test_whoever_finds_a_session_open_cannot_try_for_long(taro: Person) -> None:
    here = (await taro.password()).session_id
    tried = [await reason(taro.begin(here, "guess")) for _ in range(CODES_HERE + 1)]
    assert tried == ["PASSWORD_WRONG"] * CODES_HERE + [MANY]


async def test_the_session_of_somebody_else_sets_nothing_up(taro: Person, boss: Person) -> None:
    theirs = (await boss.password()).session_id
    assert await reason(taro.begin(theirs)) == OVER
    assert await reason(taro.begin("made up")) == OVER
